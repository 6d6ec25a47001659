import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("What a dead claimant left on a node")
struct SupersededSlotTests {
  private let dead = RotationID.make()
  private let latest = RotationID.make()
  private let ours = RotationID.make()
  private let claim = Epoch(era: 1, number: 20)

  private func left(staged version: UInt32) throws -> NodeSlots {
    let slots = [
      Samples.slot(version, .next, rotation: dead),
      Samples.slot(8, .latest, rotation: latest, committed: Epoch(era: 1, number: 1)),
    ]
    return try NodeSlots.empty.after(Samples.order(epoch: Epoch(era: 1, number: 12), rotation: dead, slots: slots))
  }

  private func next(after node: NodeSlots, drop: [RotationID] = []) throws -> SlotOrder {
    let kept = try #require(node.slots.first { $0.rotation == latest })
    let latestSlot = OrderedSlot(
      rotation: latest, version: kept.version, position: .latest, fingerprint: kept.fingerprint, keys: nil, setAt: kept.setAt,
      committedEpoch: kept.committedEpoch, retireAfter: nil)
    return try Samples.order(
      epoch: claim, rotation: ours, slots: [Samples.slot(9, .next, rotation: ours), latestSlot], drop: drop)
  }

  @Test("A staged slot that the new claimant's order does not name becomes Retiring, with an end")
  func retires() throws {
    let before = try left(staged: 10)
    let after = try before.after(try next(after: before))
    let slot = try #require(after.slots.first { $0.rotation == dead })
    #expect(slot.position == .retiring)
    #expect(slot.retireAfter == Samples.start.addingTimeInterval(NodeSlots.unnamedSlotLifetime))
  }

  @Test("One under the kvno that the new claimant stages is in its way, and goes when the order drops it by name")
  func sameVersion() throws {
    let before = try left(staged: 9)
    #expect(before.refusal(of: try next(after: before)) == .versionHeldByAnotherKey)
    let after = try before.after(try next(after: before, drop: [dead]))
    #expect(after.slots.map(\.rotation) == [ours, latest])
  }
}
