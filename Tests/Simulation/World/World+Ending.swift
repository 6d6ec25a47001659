import Foundation
import RotationCore

// MARK: - What must be true when nothing goes wrong any more

extension World {
  /// The site whose store holds the stamp that stands; nobody if all are behind.
  var authority: RotatorSite? {
    let candidates = sites.filter {
      $0.disk.account?.knownStamp?.description == writer.stamp.value && $0.process?.isRunning == true
    }
    return candidates.first { gateFault(of: $0) == nil }
  }

  private func snapshot(of site: RotatorSite) -> AccountSnapshot? {
    guard let scheduler = site.process?.scheduler else { return nil }
    let box = Box<AccountSnapshot>()
    perform { box.value = await scheduler.snapshot().first }
    executor.drain()
    return box.value
  }

  private func gateFault(of site: RotatorSite) -> OperatorFault? { snapshot(of: site)?.gateFault }

  /// Whether nobody has anything left to do.
  var hasEverythingEnded: Bool {
    sites.allSatisfy { site in
      site.disk.account.map { $0.rotation == nil && $0.openAttempt == nil } ?? false && isConverged(site)
    }
  }

  func checkEverythingEnded() {
    guard violation == nil else { return }
    for site in sites where site.process != nil {
      guard let state = snapshot(of: site) else {
        fail(.convergence, "the daemon on \(site.name) is not running")
        continue
      }
      if let fault = state.gateFault {
        if !mayBeBehind(site) { fail(.convergence, "\(site.name) pushes nothing without a reason: \(fault)") }
      } else {
        checkEnded(state, on: site)
      }
    }
    if authority == nil, sites.allSatisfy({ !$0.isRestored }) { fail(.convergence, "no rotator is in charge") }
  }

  /// Whether the documented refusals can be right: another rotator has claimed the account, or the store is not the newest.
  private func mayBeBehind(_ site: RotatorSite) -> Bool {
    site.isRestored || scenario.company != .none && site.disk.account?.knownStamp?.description != writer.stamp.value
  }

  private func checkEnded(_ state: AccountSnapshot, on site: RotatorSite) {
    if state.phase != "idle" { fail(.convergence, "\(site.name) is still in \(state.phase): \(state.detail)") }
    let begun = Set(site.disk.history.filter { $0.kind == .rotationStarted }.compactMap(\.rotation))
    let ended = Set(site.disk.history.filter(\.isTerminal).compactMap(\.rotation))
    if let rotation = begun.subtracting(ended).min(by: { $0.description < $1.description }) {
      fail(.oneTrueRecord, "\(rotation) began on \(site.name) and has no terminal record")
    }
    guard site === authority, !isConverged(site) else { return }
    // Something may just have been ordered.
    run(until: now + 60)
    for node in snapshot(of: site)?.nodes ?? [] where node.connection == .attached {
      if node.isBehind || node.fault != nil {
        fail(.convergence, "\(node.node) does not hold what \(site.name) orders: \(node.fault ?? "it is behind")")
      }
    }
  }

  private func isConverged(_ site: RotatorSite) -> Bool {
    snapshot(of: site)?.nodes.allSatisfy { $0.connection != .attached || !$0.isBehind && $0.fault == nil } ?? false
  }

  func checkOldKeysAreGone() {
    guard violation == nil, let site = authority, let record = site.disk.account else { return }
    let overdue = record.ledger.slots.filter { slot in
      guard let end = record.ledger.retireAfter(slot, policy: scenario.policy) else { return false }
      return end < site.wallTime.addingTimeInterval(-60) && !site.hasRebooted
    }
    if let slot = overdue.first { fail(.convergence, "the key of \(slot.rotation) is still there long after its end") }
    checkOldKeysHaveAnEnd(record.ledger)
    checkNodesHaveLetGo(record.ledger, of: site)
    for slot in record.ledger.holding
    where !slot.rotation.isAdopted && site.disk.secrets[slot.rotation] == nil && !site.isRestored {
      fail(.noLostKey, "the ledger of \(site.name) lists \(slot.rotation), whose secrets are gone")
    }
  }

  /// What is found on nodes is counted down from the first password of ours on.
  private func checkOldKeysHaveAnEnd(_ ledger: SlotLedger) {
    guard ledger.latest?.committedEpoch != nil else { return }
    for slot in ledger.slots where slot.state == .live && slot.rotation != ledger.latest?.rotation && slot.superseded == nil {
      fail(.convergence, "the key of \(slot.rotation) has no end, and \(ledger.latest?.rotation.description ?? "?") is Latest")
    }
  }

  private func checkNodesHaveLetGo(_ ledger: SlotLedger, of site: RotatorSite) {
    for slot in ledger.slots {
      guard case .destroyed(let time) = slot.state, time < site.wallTime.addingTimeInterval(-60) else { continue }
      let keeper = nodes.first { node in
        !isRevoked(node, on: site) && node.file?.slots.contains { $0.rotation == slot.rotation } == true
      }
      if let keeper { fail(.convergence, "\(keeper.name) still holds the key of \(slot.rotation), which is destroyed") }
    }
  }

  func checkAllIsWell() {
    guard violation == nil, let site = authority else { return }
    let endings = site.disk.history.dropFirst(truth.lastRotation).filter(\.isTerminal)
    guard let ending = endings.last else { return fail(.convergence, "the last rotation has not ended") }
    if ending.kind != .rotationSucceeded, isRefusalRight(on: site) { return }
    if ending.kind != .rotationSucceeded { fail(.convergence, "the last rotation did not succeed: \(ending.message)") }
    run(until: now + scenario.lag + 15)
    for controller in controllers {
      for node in nodes where !isRevoked(node, on: site) && !node.holds(controller.secret.value.key, under: controller.version)
      {
        fail(.convergence, "\(node.name) refuses a ticket of \(controller.name) under kvno \(controller.version)")
      }
    }
  }

  /// Before the first password of ours, somebody else's reset leaves every node without a key that opens a ticket: that blocks the claim by name.
  private func isRefusalRight(on site: RotatorSite) -> Bool {
    truth.wasReset && site.disk.account?.ledger.slots.contains { $0.committedEpoch != nil } != true
  }

  func isRevoked(_ node: SimulatedNode, on site: RotatorSite) -> Bool {
    // While the clock was ahead, everything until then was revoked.
    if site.disk.nodes[node.name]?.isRevoked == true { return true }
    guard let revoked = site.revocations[node.name] else { return false }
    return node.certifiedAt <= revoked
  }
}

/// Takes a value out of a task of the same thread.
private final class Box<Value>: @unchecked Sendable {
  // @unchecked: written and read on the thread that runs the world.
  var value: Value?
}
