import Foundation
import RotationCore
import SecretMemory

/// What a store takes, and what a daemon finds there.
extension World {
  func wasStored(_ change: StoreChange, after former: (ledger: SlotLedger?, rotation: RotationMachine?), on site: RotatorSite) {
    if let machine = change.account?.rotation {
      truth.plans[machine.plan.rotation] = (machine.plan, site.index)
      let claimant = Truth.Claimant(rotation: machine.plan.rotation, site: site.index)
      let former = machine.phase == .staging ? [] : truth.quorums[claimant] ?? []
      truth.quorums[claimant] = former.last == machine.plan.quorum ? former : former + [machine.plan.quorum]
    }
    for slot in change.account?.ledger.slots ?? [] where slot.endOfOlder != nil {
      truth.keysWereCompromised(before: slot.version)
    }
    if change.account != nil { checkSteps(from: former.ledger, to: change.account?.ledger, on: site) }
    noteTransition(change.account, from: former.rotation, on: site)
    for (rotation, secrets) in change.seal {
      let password = ToyKeys.number(of: secrets.password)
      if let before = truth.sealed[rotation], before != password {
        fail(.oneSecretPerRotation, "a second password was made for \(rotation)")
      }
      truth.sealed[rotation] = password
    }
    for rotation in change.destroy { checkMayBeDestroyed(rotation, on: site) }
    for record in change.records { check(record, on: site) }
  }

  private func noteTransition(_ record: AccountRecord?, from former: RotationMachine?, on site: RotatorSite) {
    guard let record else { return }
    checkDeadline(of: record.rotation ?? former, from: former, on: site)
    let (before, after) = (former?.phaseName ?? "none", record.rotation?.phaseName ?? "none")
    guard before != after else { return }
    checkWaitsForNobodyRevoked(record, on: site)
    tally.transitions["\(before) -> \(after)", default: 0] += 1
    if trace.isOn { trace.add(now, "  \(before) -> \(after)") }
  }

  private func checkWaitsForNobodyRevoked(_ record: AccountRecord, on site: RotatorSite) {
    // A node that came back with a new certificate is on record as revoked if the store refused that.
    guard let plan = record.rotation?.plan, tally.faults[FaultKind.storeRefusal.rawValue] == 0 else { return }
    if let revoked = plan.quorum.members.first(where: { site.disk.nodes[$0]?.isRevoked == true }) {
      fail(.convergence, "\(plan.rotation) goes on on \(site.name) and waits for \(revoked), which was revoked")
    }
  }

  /// Nodes that do not answer hold a rotation up until its deadline, and no longer.
  private func checkDeadline(of machine: RotationMachine?, from former: RotationMachine?, on site: RotatorSite) {
    guard let machine, let process = site.process else { return }
    if former?.phase != machine.phase || former?.plan.rotation != machine.plan.rotation {
      process.phaseBegan = (machine.phase, now)
    }
    guard let began = process.phaseBegan, began.phase == machine.phase, tally.faults[FaultKind.clockJump.rawValue] == 0,
      tally.faults[FaultKind.storeRefusal.rawValue] == 0
    else { return }
    let limit: TimeInterval? =
      switch machine.phase {
      case .staging: machine.plan.stagingSeconds
      case .proving: machine.plan.proofSeconds
      default: nil
      }
    if let limit, now - began.time > limit + 30 {
      fail(
        .convergence,
        "\(machine.plan.rotation) is \(machine.phase.rawValue) for \(Int(now - began.time)) s, beyond its deadline")
    }
  }

  private func checkMayBeDestroyed(_ rotation: RotationID, on site: RotatorSite) {
    guard !site.isRestored, let application = truth.applied[rotation], truth.isLive(application.key, at: now) else { return }
    fail(.noLostKey, "\(site.name) destroys the secrets of \(rotation), under which tickets are alive")
  }

  /// Before a daemon starts: the record survives being encoded, and everything that is alive is sealed.
  func checkDisk(of site: RotatorSite) {
    if let account = site.disk.account, (UInt64(tally.incarnations) + seed) % 16 == 0 {
      do {
        let read = try JSONDecoder().decode(AccountRecord.self, from: JSONEncoder().encode(account))
        if read != account { fail(.durableState, "the record of \(site.name) is not what was written") }
        site.disk.account = read
      } catch { fail(.durableState, "the record of \(site.name) cannot be read back: \(error)") }
    }
    guard !site.isRestored else { return }
    for (rotation, application) in truth.applied.sorted(by: { $0.key.description < $1.key.description })
    where truth.plans[rotation]?.site == site.index && truth.isLive(application.key, at: now) {
      if site.disk.secrets[rotation] == nil {
        fail(.noLostKey, "the store of \(site.name) has lost the secrets of \(rotation)")
      }
    }
  }

  /// Orders are counted: what is ordered under one number never changes, and the number never falls. A key's end, once it is counted down, is
  /// not moved.
  func checkSteps(from former: SlotLedger?, to ledger: SlotLedger?, on site: RotatorSite) {
    guard let before = former, let after = ledger, before.epoch > .zero, before != after else { return }
    let (place, next) = ((before.epoch, before.version), (after.epoch, after.version))
    if next < place { fail(.singleWriter, "\(site.name) goes back from order \(place) to \(next)") }
    if next == place, contents(of: before) != contents(of: after) {
      fail(.singleWriter, "\(site.name) orders other things under the number \(after.epoch)/\(after.version)")
    }
    for slot in after.slots {
      guard let earlier = before.slots.first(where: { $0.rotation == slot.rotation })?.superseded, let later = slot.superseded
      else { continue }
      if later != earlier { fail(.convergence, "\(site.name) counts the end of \(slot.rotation) down anew") }
    }
  }

  private func contents(of ledger: SlotLedger) -> SlotOrder? {
    ledger.order(
      for: Names.account, realm: Names.realm, held: [], present: [], policy: scenario.policy, nonce: [])
  }
}
