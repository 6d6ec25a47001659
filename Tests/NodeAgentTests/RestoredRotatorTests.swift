import Foundation
import NodeAgent
import RotationCore
import RotationTestSupport
import Testing

/// A rotator whose store is older than the node, or a copy of another's, must not do harm even if it does not know.
@Suite("A restored or cloned rotator, as a node sees it")
struct RestoredRotatorTests {
  let first = RotationID.make()
  let second = RotationID.make()
  let old: OrderedSlot
  let new: OrderedSlot
  let directory: TestDirectory
  /// A node after two committed rotations, in epoch 1.6, order 4, loaded from its slot file as after a restart.
  let node: NodeSlots

  init() throws {
    old = Samples.slot(3, .latest, rotation: first, committed: Epoch(era: 1, number: 5))
    new = Samples.slot(4, .latest, rotation: second, committed: Epoch(era: 1, number: 6))
    directory = try TestDirectory()
    let file = SlotFile(path: "\(directory.path)/accounts.slots")
    let before = try NodeSlots.empty.after(Samples.order(2, epoch: Epoch(era: 1, number: 5), rotation: first, slots: [old]))
    let order = try Samples.order(
      4, epoch: Epoch(era: 1, number: 6), rotation: second, slots: [new, old.becoming(.previous)])
    try file.save([before.after(order)])
    node = try #require(try file.load().first)
  }

  private func order(
    _ number: UInt64, era: UInt32 = 1, _ epoch: UInt64, rotation: RotationID, _ slots: [OrderedSlot], drop: [RotationID] = []
  ) throws -> SlotOrder {
    try Samples.order(number, epoch: Epoch(era: era, number: epoch), rotation: rotation, slots: slots, drop: drop)
  }

  @Test("Its orders of the epoch before are stale, whatever their number", arguments: [1, 2, 3, 99])
  func restored(number: UInt64) throws {
    #expect(node.refusal(of: try order(number, 5, rotation: first, [old])) == .stale)
    #expect(node.refusal(of: try order(number, 5, rotation: first, [old], drop: [second])) == .stale)
  }

  @Test(
    "A copy that rotates in an epoch which another rotation has used is refused, whatever the number", arguments: [1, 4, 5, 99])
  func cloned(number: UInt64) throws {
    let theirs = Samples.slot(5, .next)
    #expect(
      node.refusal(of: try order(number, 6, rotation: theirs.rotation, [theirs, new, old.becoming(.previous)]))
        == .epochBoundElsewhere)
  }

  @Test("The number that was used last, with other contents, is refused also after a restart of the agent")
  func digest() throws {
    #expect(node.refusal(of: try order(4, 6, rotation: second, [new])) == .conflictingOrder)
    let same = try order(4, 6, rotation: second, [new, old.becoming(.previous)])
    #expect(node.apply(same, now: Samples.start, slotLimit: 8) == .repeated)
  }

  @Test("One that does not know the newest key cannot have it dropped, in no epoch and in no era", arguments: [UInt32(1), 2])
  func dropping(era: UInt32) throws {
    let rotation = RotationID.make()
    let ignorant = try order(
      1, era: era, 7, rotation: rotation, [Samples.slot(5, .next, rotation: rotation), old], drop: [second])
    #expect(node.refusal(of: ignorant) == .wouldDropProvenSlot)
  }

  @Test("One that does not name the newest key leaves it on the node, with an end")
  func unnamed() throws {
    let rotation = RotationID.make()
    let after = try node.after(order(1, era: 2, 7, rotation: rotation, [Samples.slot(5, .next, rotation: rotation), old]))
    let left = try #require(after.slots.first { $0.rotation == second })
    #expect(left.fingerprint == new.fingerprint && left.isProven)
    #expect(left.position == .retiring && left.retireAfter != nil)
  }

  @Test("One that predicts a kvno which the newest key has is refused: two keys would stand under it")
  func sameVersion() throws {
    let rotation = RotationID.make()
    let again = try order(1, era: 2, 7, rotation: rotation, [Samples.slot(4, .next, rotation: rotation), old])
    #expect(node.refusal(of: again) == .versionHeldByAnotherKey)
  }
}
