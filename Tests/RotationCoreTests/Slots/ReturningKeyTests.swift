import Foundation
import Testing

@testable import RotationCore

/// Keys that the directory uses again after it has used a newer one: a backup was put back, or another controller took over.
@Suite("Slot ledger: a key that comes back")
struct ReturningKeyTests {
  private let policy = RotationPolicy(every: .seconds(86_400))

  private func instant(_ seconds: TimeInterval) -> SlotLedger.Supersession {
    SlotLedger.Supersession(
      time: Fixture.start.addingTimeInterval(seconds), boot: BootInstant(boot: "boot-1", seconds: seconds))
  }

  private func plan(_ number: UInt64, version: UInt32) throws -> RotationPlan {
    var plan = Script.plan(require: .all, participants: Script.nodes, expected: nil)
    plan.rotation = try #require(RotationID("rotation-\(number)"))
    plan.claim = Stamp(
      epoch: Epoch(era: 1, number: number), rotation: plan.rotation, state: .claimed, rotator: plan.claim.rotator)
    plan.plannedVersion = KeyVersion(version)
    return plan
  }

  private func commit(_ plan: RotationPlan, to ledger: inout SlotLedger, at seconds: TimeInterval) {
    ledger.wasStaged(plan, servicePrincipalNames: [])
    ledger.wasCommitted(plan, as: plan.plannedVersion, fingerprint: plan.fingerprint, at: instant(seconds))
  }

  private func adopt(_ plan: RotationPlan, into ledger: inout SlotLedger, at seconds: TimeInterval) {
    let report = SlotReport(
      rotation: plan.rotation, version: plan.plannedVersion, position: .previous, fingerprint: plan.fingerprint,
      encryptionTypes: [18], setAt: Fixture.start, isProven: true, retireAfter: nil)
    ledger.slotsWereAdopted(SlotAgreement.Verdict(latest: report), stamp: nil, at: instant(seconds))
  }

  private func destroyed(_ ledger: inout SlotLedger) -> [String] {
    let later = instant(1e6)
    return ledger.timePassed(to: later.time, boot: later.boot, policy: policy).map(\.description)
  }

  @Test("Passwords that are set again make their keys Latest in that order, whatever order a backup had brought them into")
  func replayed() throws {
    var ledger = SlotLedger()
    let first = try plan(1, version: 7)
    let second = try plan(2, version: 8)
    commit(first, to: &ledger, at: 0)
    commit(second, to: &ledger, at: 1)
    adopt(first, into: &ledger, at: 2)
    ledger.writerWasLost(successorHas: KeyVersion(6))
    for (number, slot) in [(UInt64(3), first), (4, second)] {
      var replay = try plan(number, version: slot.plannedVersion.number)
      replay.replayed = slot.rotation
      commit(replay, to: &ledger, at: TimeInterval(number))
      #expect(ledger.latest?.rotation == slot.rotation || ledger.nextReplay != nil)
    }
    #expect(ledger.latest?.rotation == second.rotation)
    #expect(destroyed(&ledger) == ["rotation-1"])
  }

  @Test("A key that stands under a kvno for the second time is listed under it once, and stays")
  func renumberedTwice() throws {
    var ledger = SlotLedger()
    let first = try plan(1, version: 7)
    let copy = try #require(RotationID("rotation-1-k8"))
    commit(first, to: &ledger, at: 0)
    ledger.keyWasRenumbered(first.rotation, to: KeyVersion(8), as: copy, awaiting: [], at: instant(1))
    adopt(first, into: &ledger, at: 2)
    ledger.keyWasRenumbered(first.rotation, to: KeyVersion(8), as: copy, awaiting: [], at: instant(3))
    #expect(ledger.slots.map(\.rotation) == [copy, first.rotation])
    #expect(destroyed(&ledger) == ["rotation-1"])
    #expect(ledger.latest?.rotation == copy)
  }
}
