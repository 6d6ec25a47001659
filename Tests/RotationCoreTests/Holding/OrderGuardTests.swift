import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("Orders that a node refuses")
struct OrderGuardTests {
  static let epoch = Epoch(era: 1, number: 5)
  let first = RotationID.make()
  let second = RotationID.make()
  let latest: OrderedSlot
  let next: OrderedSlot
  /// A node after one committed rotation and with the next one staged in epoch 1.5, order 2.
  let held: NodeSlots

  init() throws {
    latest = Samples.slot(3, .latest, rotation: first, committed: Epoch(era: 1, number: 4))
    next = Samples.slot(4, .next, rotation: second)
    held = try NodeSlots.empty.after(Samples.order(2, epoch: Self.epoch, rotation: second, slots: [next, latest]))
  }

  private func order(
    _ number: UInt64, epoch: Epoch = epoch, rotation: RotationID? = nil, _ slots: [OrderedSlot], drop: [RotationID] = []
  ) throws -> SlotOrder {
    try Samples.order(number, epoch: epoch, rotation: rotation ?? second, slots: slots, drop: drop)
  }

  @Test("An order of a lower number in the same epoch is stale")
  func lowerNumber() throws {
    #expect(held.refusal(of: try order(1, [next, latest])) == .stale)
  }

  @Test("An order of a lower epoch is stale, whatever its number")
  func lowerEpoch() throws {
    #expect(held.refusal(of: try order(99, epoch: Epoch(era: 1, number: 4), rotation: first, [latest])) == .stale)
  }

  @Test("A higher era is newer than any number")
  func higherEra() throws {
    #expect(held.refusal(of: try order(1, epoch: Epoch(era: 2, number: 1), [next, latest])) == nil)
  }

  @Test("The same order again is a repeat, also with another nonce and without its keys")
  func repeated() throws {
    var again = try order(2, [next.kept, latest.kept])
    again.nonce = Array(101...116)
    #expect(held.apply(again, now: Samples.start, slotLimit: 8) == .repeated)
  }

  @Test("The same number with other contents is a conflict")
  func conflicting() throws {
    #expect(held.refusal(of: try order(2, [next, latest.becoming(.previous)])) == .conflictingOrder)
  }

  @Test("The newest proven key goes once its own end has come, and not a second before", arguments: [-1.0, 1])
  func provenSlotWithAnEnd(secondsAfterEnd: Double) throws {
    let order = try order(1, epoch: Epoch(era: 2, number: 1), rotation: .make(), [], drop: [first, second])
    let left = try held.after(try self.order(3, []))
    let end = try #require(left.slots.first(where: \.isProven)?.retireAfter)
    let outcome = left.apply(order, now: end.addingTimeInterval(secondsAfterEnd), slotLimit: 8)
    guard case .refused(let refusal) = outcome else { return #expect(secondsAfterEnd > 0) }
    #expect(refusal.reason == .wouldDropProvenSlot)
    #expect(secondsAfterEnd < 0)
  }

  @Test("An epoch belongs to the rotation that used it first")
  func epochBound() throws {
    #expect(held.refusal(of: try order(3, rotation: .make(), [next, latest])) == .epochBoundElsewhere)
  }

  @Test("A kvno that another rotation's key holds is not given away")
  func versionHeld() throws {
    let intruder = Samples.slot(4, .next)
    #expect(held.refusal(of: try order(3, [intruder, latest])) == .versionHeldByAnotherKey)
  }

  @Test("A kvno may be reused once its slot is dropped in the same order")
  func versionFreed() throws {
    let other = Samples.slot(4, .next)
    #expect(held.refusal(of: try order(3, [other, latest], drop: [second])) == nil)
  }

  @Test("Two keys under one kvno within the order are refused")
  func versionTwice() throws {
    #expect(held.refusal(of: try order(3, [next, latest, Samples.slot(3, .previous)])) == .versionHeldByAnotherKey)
  }

  @Test("The newest proven slot is not dropped for a staged one")
  func provenSlotStays() throws {
    #expect(held.refusal(of: try order(3, [next], drop: [first])) == .wouldDropProvenSlot)
  }

  @Test("The newest proven slot may go once the order brings a newer committed one")
  func provenSlotReplaced() throws {
    let committed = next.becoming(.latest, committed: Self.epoch)
    #expect(held.refusal(of: try order(3, [committed], drop: [first])) == nil)
  }

  @Test("A committed slot of an older epoch does not replace the newest proven one")
  func olderCommitted() throws {
    let old = next.becoming(.latest, committed: Epoch(era: 1, number: 3))
    #expect(held.refusal(of: try order(3, [old], drop: [first])) == .wouldDropProvenSlot)
  }

  @Test("The newest proven slot is the one committed last, wherever an order that does not know it has put it in the list")
  func provenSlotUnknownToTheRotator() throws {
    let unknowing = try order(3, [latest])
    let after = try NodeSlots.empty.after(
      Samples.order(2, epoch: Self.epoch, rotation: second, slots: [next.becoming(.latest, committed: Self.epoch), latest])
    ).after(unknowing)
    #expect(after.slots.map(\.rotation) == [first, second])
    #expect(after.refusal(of: try order(4, [latest], drop: [second])) == .wouldDropProvenSlot)
  }

  @Test("A password that the directory has taken is not staged anew")
  func committedStays() throws {
    let committed = try held.after(order(3, [next.becoming(.latest, version: 5, committed: Self.epoch), latest]))
    #expect(committed.refusal(of: try order(4, [next, latest])) == .stale)
    #expect(committed.refusal(of: try order(4, [next.becoming(.latest, version: 5, committed: Self.epoch), latest])) == nil)
  }

  @Test("A password that the directory has taken is not moved to the kvno that its rotator had predicted")
  func committedStaysUnderItsVersion() throws {
    let committed = try held.after(order(3, [next.becoming(.latest, version: 5, committed: Self.epoch), latest]))
    #expect(committed.refusal(of: try order(4, [next.becoming(.retiring, version: 4), latest])) == .stale)
    #expect(committed.refusal(of: try order(4, [next.becoming(.retiring, version: 5), latest])) == nil)
  }

  @Test("New keys for a proven slot's rotation count as dropping the old ones")
  func provenKeysReplaced() throws {
    let derivedAgain = Samples.slot(3, .latest, rotation: first, committed: Epoch(era: 1, number: 4))
    #expect(held.refusal(of: try order(3, [next, derivedAgain])) == .wouldDropProvenSlot)
  }

  @Test("New keys for a staged slot's rotation are taken: the salt was another than predicted")
  func stagedKeysReplaced() throws {
    let derivedAgain = Samples.slot(4, .next, rotation: second)
    let after = try held.after(order(3, [derivedAgain, latest]))
    #expect(after.slots.map(\.fingerprint) == [derivedAgain.fingerprint, latest.fingerprint])
  }

  @Test("A staged slot that a ticket has opened is not un-staged")
  func ghostUnstaging() throws {
    var proven = held
    proven.ticketOpened(under: KeyVersion(4), now: Samples.start)
    let abort = try order(1, epoch: Epoch(era: 1, number: 6), [latest], drop: [second])
    #expect(proven.refusal(of: abort) == .wouldDropProvenSlot)
    #expect(held.refusal(of: abort) == nil)
  }

  @Test("A slot to keep that is not held is unknown")
  func unknownSlot() throws {
    #expect(held.refusal(of: try order(3, [next, latest, Samples.slot(2, .previous).kept])) == .unknownSlot)
  }

  @Test("More slots than the limit are refused, those kept for old tickets counted")
  func tooMany() throws {
    let order = try order(3, [Samples.slot(5, .next)])
    #expect(held.refusal(of: order, limit: 2) == .tooManySlots)
    #expect(held.refusal(of: order, limit: 3) == nil)
  }

  @Test("Keys that the node came with do not count towards the limit")
  func adoptedDoNotCount() throws {
    var node = held
    node.slots += [AdoptionSamples.slot(2), AdoptionSamples.slot(1)]
    #expect(node.refusal(of: try order(3, [Samples.slot(5, .next)]), limit: 3) == nil)
  }

  @Test("An order that names a slot twice, or names and drops it, is refused")
  func contradictory() throws {
    #expect(held.refusal(of: try order(3, [latest, latest])) == .other)
    #expect(held.refusal(of: try order(3, [next, latest], drop: [first])) == .other)
  }

  @Test("A refused order leaves the node as it was, and the same place can still be ordered properly")
  func refusalChangesNothing() throws {
    #expect(held.refusal(of: try order(3, [next], drop: [first])) != nil)
    #expect(held.refusal(of: try order(3, [next, latest])) == nil)
  }

  @Test("A proven adopted slot is older than any committed one")
  func adoptedReplaced() throws {
    var node = try NodeSlots.empty
    node.slots = [AdoptionSamples.slot(3)]
    node.ticketOpened(under: KeyVersion(3), now: Samples.start)
    let staged = try node.after(order(1, [next, AdoptionSamples.order(node.slots[0], .latest)]))
    let dropping = try order(2, [next], drop: [.adopted(KeyVersion(3))])
    #expect(staged.refusal(of: dropping) == .wouldDropProvenSlot)
    let committed = try order(2, [next.becoming(.latest, committed: Self.epoch)], drop: [.adopted(KeyVersion(3))])
    #expect(staged.refusal(of: committed) == nil)
  }
}
