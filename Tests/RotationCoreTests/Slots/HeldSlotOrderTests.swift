import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("A held key and a node that has another one under its kvno")
struct HeldSlotOrderTests {
  private let policy = RotationPolicy(every: .seconds(86_400))
  private let stranger = RotationID.make()
  private let end = Samples.start.addingTimeInterval(NodeSlots.unnamedSlotLifetime)
  private let boot = BootInstant(boot: "boot-1", seconds: NodeSlots.unnamedSlotLifetime)

  /// A ledger that holds kvno 9 beside Latest, kvno 8.
  private func ledger() throws -> (ledger: SlotLedger, latest: RotationPlan, held: RotationPlan) {
    var ledger = SlotLedger()
    let latest = try plan(version: 8, under: 2)
    ledger.wasStaged(latest, servicePrincipalNames: [try Samples.mail])
    let now = SlotLedger.Supersession(time: Samples.start, boot: BootInstant(boot: "boot-1", seconds: 0))
    ledger.wasCommitted(latest, as: KeyVersion(8), fingerprint: latest.fingerprint, at: now)
    let held = try plan(version: 9, under: 4)
    ledger.wasStaged(held, servicePrincipalNames: [try Samples.mail])
    ledger.becameForeign(held.rotation, issued: nil, at: now)
    return (ledger, latest, held)
  }

  private func plan(version: UInt32, under epoch: UInt64) throws -> RotationPlan {
    var plan = Script.plan(require: .all, participants: Script.nodes, expected: nil)
    plan.rotation = .make()
    plan.claim = Stamp(
      epoch: Epoch(era: 1, number: epoch), rotation: plan.rotation, state: .claimed, rotator: plan.claim.rotator)
    plan.plannedVersion = KeyVersion(version)
    plan.fingerprint = KeyFingerprint(of: Samples.keys(), under: Samples.secret)
    return plan
  }

  private func order(_ ledger: SlotLedger, to node: NodeSlots) throws -> SlotOrder {
    let reports = node.slots.map(\.report)
    var order = try #require(
      ledger.order(
        for: try Samples.account, realm: Samples.realm, held: [], present: reports, policy: policy, nonce: Array(1...16)))
    for index in order.slots.indices { order.slots[index].keys = Samples.keys() }
    return order
  }

  private func node(with rotation: RotationID, version: UInt32, isProven: Bool = true) throws -> NodeSlots {
    var node = try NodeSlots.empty
    var slot = AdoptionSamples.slot(version)
    slot.rotation = rotation
    slot.position = .latest
    slot.isProven = isProven
    node.slots = [slot]
    return node
  }

  @Test("It steps aside: the node takes the order, keeps the other key and gives it an end")
  func stepsAside() throws {
    let (ledger, latest, held) = try ledger()
    let before = try node(with: stranger, version: 9)
    let order = try order(ledger, to: before)
    #expect(order.slots.map(\.rotation) == [latest.rotation])
    let after = try before.after(order)
    #expect(after.slots.map(\.rotation) == [latest.rotation, stranger])
    #expect(after.slots.last?.retireAfter == end)
    #expect(!after.slots.contains { $0.rotation == held.rotation })
  }

  @Test("It is ordered as ever where the node holds nothing under its kvno, or the other key only under another one")
  func isOrdered() throws {
    let (ledger, latest, held) = try ledger()
    for node in [try NodeSlots.empty, try node(with: stranger, version: 10)] {
      let order = try order(ledger, to: node)
      #expect(order.slots.map(\.rotation) == [held.rotation, latest.rotation])
      #expect(try node.after(order).slots.contains { $0.rotation == held.rotation })
    }
  }

  @Test("Only a held key steps aside: Latest is what the directory uses, whatever a node has under its kvno")
  func latestStays() throws {
    let (ledger, latest, _) = try ledger()
    let node = try node(with: stranger, version: 8)
    let order = try order(ledger, to: node)
    #expect(order.slots.contains { $0.rotation == latest.rotation })
    #expect(node.refusal(of: order) == .versionHeldByAnotherKey)
  }

  @Test("Once the other key has ended and no ticket of a lost controller is alive, it goes, and the held key comes to the node")
  func comesBack() throws {
    var (ledger, latest, held) = try ledger()
    let before = try node(with: stranger, version: 9)
    let node = try before.after(try order(ledger, to: before))
    let reports = node.slots.map(\.report)
    let isEarly = ledger.unlistedKeysExpired(
      reports, at: end.addingTimeInterval(-1), boot: boot, policy: policy, isLossOver: true)
    #expect(!isEarly)
    let isUnsure = ledger.unlistedKeysExpired(reports, at: end, boot: boot, policy: policy, isLossOver: false)
    #expect(!isUnsure)
    let isOver = ledger.unlistedKeysExpired(reports, at: end, boot: boot, policy: policy, isLossOver: true)
    #expect(isOver)
    let order = try order(ledger, to: node)
    #expect(order.drop == [stranger])
    #expect(order.slots.map(\.rotation) == [held.rotation, latest.rotation])
    guard case .changed(let after) = node.apply(order, now: end, slotLimit: 8) else {
      Issue.record("the node has refused")
      return
    }
    #expect(after.slots.map(\.rotation) == [held.rotation, latest.rotation])
  }

  @Test("What is in nobody's way and newer than Latest is not dropped for that")
  func notInTheWay() throws {
    var (ledger, _, _) = try ledger()
    let node = try node(with: stranger, version: 10)
    let reports = try node.after(try order(ledger, to: node)).slots.map(\.report)
    let isDropped = ledger.unlistedKeysExpired(reports, at: end, boot: boot, policy: policy, isLossOver: true)
    #expect(!isDropped)
  }
}
