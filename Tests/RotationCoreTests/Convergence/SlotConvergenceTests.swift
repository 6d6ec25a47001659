import Foundation
import RotationCore
import Testing

@Suite("The slot ledger: keys that other domain controllers may still issue tickets under")
struct SlotConvergenceTests {
  private static let names = ["dc2.lab.example", "dc3.lab.example"]

  private func instant(_ seconds: Double) -> SlotLedger.Supersession {
    .init(time: Fixture.start.addingTimeInterval(seconds), boot: BootInstant(boot: "b", seconds: seconds))
  }

  private func commit(_ number: Int, into ledger: inout SlotLedger, replicas: [String] = names) -> RotationID {
    var plan = Script.plan(require: .all, participants: Script.nodes, expected: nil)
    plan.rotation = RotationID("rotation-\(number)") ?? plan.rotation
    plan.claim = Stamp(
      epoch: Epoch(era: 1, number: UInt64(number) * 2), rotation: plan.rotation, state: .claimed, rotator: plan.claim.rotator)
    plan.plannedVersion = KeyVersion(UInt32(number))
    plan.replicas = replicas.isEmpty ? nil : replicas
    ledger.wasStaged(plan, servicePrincipalNames: [])
    ledger.wasCommitted(plan, as: plan.plannedVersion, fingerprint: plan.fingerprint, at: instant(Double(number)))
    return plan.rotation
  }

  private func ends(_ ledger: SlotLedger) -> [Double?] {
    ledger.slots.map { $0.superseded?.time.timeIntervalSince(Fixture.start) }
  }

  @Test("Older keys are counted down from the last one's convergence, not from the commit, in one new order")
  func last() {
    var ledger = SlotLedger()
    let first = commit(1, into: &ledger, replicas: [])
    let second = commit(2, into: &ledger)
    #expect(ledger.laggards == Self.names)
    let version = ledger.version
    let answer1 = ledger.controllerConverged(Self.names[0], on: second, at: instant(10))
    #expect(answer1)
    #expect(ends(ledger) == [nil, nil] && ledger.laggards == [Self.names[1]])
    let answer2 = ledger.controllerConverged(Self.names[1], on: second, at: instant(20))
    #expect(answer2)
    #expect(ends(ledger) == [nil, 20] && ledger.laggards.isEmpty)
    let answer3 = ledger.controllerConverged(Self.names[1], on: second, at: instant(30))
    #expect(!answer3)
    #expect(ends(ledger) == [nil, 20] && ledger.version == version + 2)
    #expect(ledger.position(of: first) == .previous)
  }

  @Test("Convergence on an older key ends only what is older still; on a newer one it ends all below that")
  func middle() {
    var ledger = SlotLedger()
    for number in 1...2 { _ = commit(number, into: &ledger, replicas: number == 1 ? [] : [Self.names[0]]) }
    let middle = ledger.slots[0].rotation
    let newest = commit(3, into: &ledger, replicas: [Self.names[0]])
    ledger.controllerConverged(Self.names[0], on: middle, at: instant(10))
    #expect(ends(ledger) == [nil, nil, 10])
    ledger.controllerConverged(Self.names[0], on: newest, at: instant(20))
    #expect(ends(ledger) == [nil, 20, 10])
  }

  @Test("One that falls back to an older key takes the ends above that away")
  func fallBack() {
    var ledger = SlotLedger()
    for number in 1...3 { _ = commit(number, into: &ledger, replicas: []) }
    let (middle, oldest) = (ledger.slots[1].rotation, ledger.slots[2].rotation)
    #expect(ends(ledger) == [nil, 3, 2])
    let answer4 = ledger.controllerFellBehind(Self.names[0], on: middle)
    #expect(answer4)
    #expect(ends(ledger) == [nil, nil, 2] && ledger.laggards == [Self.names[0]])
    let answer5 = ledger.controllerFellBehind(Self.names[1], on: nil)
    #expect(answer5)
    #expect(ends(ledger) == [nil, nil, nil])
    let answer6 = ledger.controllerFellBehind(Self.names[1], on: oldest)
    #expect(!answer6)
  }

  @Test("One that is given up holds nothing up any more")
  func forgotten() {
    var ledger = SlotLedger()
    for number in 1...3 { _ = commit(number, into: &ledger, replicas: [Self.names[0]]) }
    #expect(ends(ledger) == [nil, nil, nil])
    let answer7 = ledger.controllerWasForgotten(Self.names[0], at: instant(9))
    #expect(answer7)
    #expect(ends(ledger) == [nil, 9, 9])
    let answer8 = ledger.controllerWasForgotten(Self.names[0], at: instant(10))
    #expect(!answer8)
  }

  @Test("A key that a lost controller is to be given again counts nothing down by itself")
  func replay() {
    var ledger = SlotLedger()
    for number in 1...3 { _ = commit(number, into: &ledger, replicas: []) }
    ledger.writerWasLost(successorHas: ledger.slots[2].version)
    #expect(ends(ledger) == [nil, nil, nil])
    ledger.controllerConverged(Self.names[0], on: ledger.slots[0].rotation, at: instant(9))
    #expect(ends(ledger) == [nil, nil, nil])
  }
}
