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

  /// Where nothing goes wrong, no interval passes without a rotation; where it is a short one, that is waited for.
  func checkSchedule() {
    guard violation == nil, faults.strikes.isEmpty, scenario.company == .none, let latest = latestBeginning else { return }
    stride = Self.shortStride
    if scenario.hasShortInterval { run(until: latest.timeIntervalSince(Names.start) + 1) }
    guard violation == nil, faults.strikes.isEmpty, let latest = latestBeginning else { return }
    if sites[0].wallTime > latest { fail(.convergence, "no rotation was begun by \(latest), though one was due") }
  }

  /// When the next rotation must have begun. A key that retires when it is due keeps the nodes busy until the next look.
  private var latestBeginning: Date? {
    guard let record = sites[0].disk.account else { return nil }
    let last = sites[0].disk.history.last { $0.kind == .rotationStarted }?.time ?? record.firstSeen
    return last.addingTimeInterval(1.3 * Self.seconds(scenario.policy.every) + scenario.stride + 10 * Self.shortStride)
  }

  /// The journal of a daemon that never crashed tells of every end that its store knows.
  private func checkJournal(of site: RotatorSite) {
    guard tally.incarnations == sites.count, !site.isRestored, tally.faults[FaultKind.storeRefusal.rawValue] == 0 else {
      return
    }
    for ending in site.disk.history where ending.isTerminal {
      guard let rotation = ending.rotation, site.endings[rotation] == nil, !site.isClone else { continue }
      fail(.oneTrueRecord, "the journal of \(site.name) does not tell how \(rotation) ended")
    }
  }

  /// Whether nobody has anything left to do.
  var hasEverythingEnded: Bool {
    authority?.disk.account?.ledger.laggards.isEmpty != false
      && sites.allSatisfy { site in
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
    checkJournal(of: site)
    guard site === authority else { return }
    checkNames(on: site)
    if let laggard = state.ledger.laggards.first {
      fail(.convergence, "\(site.name) still waits for \(laggard), which has everything")
    }
    if isConverged(site) { return }
    // Something may just have been ordered.
    run(until: now + 60)
    for node in snapshot(of: site)?.nodes ?? [] where node.connection == .attached {
      if node.isBehind || node.fault != nil {
        fail(.convergence, "\(node.node) does not hold what \(site.name) orders: \(node.fault ?? "it is behind")")
      }
    }
  }

  /// Nodes have the SPNs of the configuration in their keytabs.
  private func checkNames(on site: RotatorSite) {
    guard let ledger = site.disk.account?.ledger else { return }
    for node in nodes where node.file?.applied.map({ ($0.epoch, $0.version) == (ledger.epoch, ledger.version) }) == true {
      // Where the store has no key of its own to try yet, it cannot see that nothing was written.
      let isHidden = node.isUnwritten && ledger.latest?.committedEpoch == nil
      if node.keytabNames != site.names, !isHidden {
        fail(.convergence, "the keytab of \(node.name) has other SPNs than \(site.name)")
      }
    }
  }

  private func isConverged(_ site: RotatorSite) -> Bool {
    snapshot(of: site)?.nodes.allSatisfy { $0.connection != .attached || !$0.isBehind && $0.fault == nil } ?? false
  }

  func checkOldKeysAreGone() {
    guard violation == nil, let site = authority, let record = site.disk.account else { return }
    checkOverdueKeys(record.ledger, of: site)
    let listed = Set(record.ledger.holding.map(\.rotation) + [record.rotation?.plan.slot].compactMap(\.self))
    // What was left to another rotator may have been let through by it.
    for rotation in site.disk.secrets.keys.sorted(by: { $0.description < $1.description })
    where !listed.contains(rotation) && !truth.undecided.contains(rotation) {
      if site.isRestored || site.isClone { continue }
      fail(.convergence, "the store of \(site.name) still has the password of \(rotation), which no slot needs")
    }
    checkOldKeysHaveAnEnd(record.ledger)
    checkNodesHaveLetGo(record.ledger, of: site)
    for slot in record.ledger.holding
    where !slot.rotation.isAdopted && site.disk.secrets[slot.rotation] == nil && !site.isRestored {
      fail(.noLostKey, "the ledger of \(site.name) lists \(slot.rotation), whose secrets are gone")
    }
  }

  /// Reckoned here anew: what the ledger takes for a key's end may be wrong.
  private func checkOverdueKeys(_ ledger: SlotLedger, of site: RotatorSite) {
    let isKept = scenario.policy.previous == .keep
    let life = Self.seconds(scenario.policy.ticketLifetime) + Self.seconds(scenario.policy.clockSkew) + 60
    for slot in ledger.holding where slot.state != .staged && slot.awaitsReplay != true && !site.hasRebooted {
      guard let superseded = slot.superseded, superseded.time.addingTimeInterval(life) < site.wallTime,
        !isKept || ledger.position(of: slot.rotation) != .previous
      else { continue }
      fail(.convergence, "the key of \(slot.rotation) is still there long after its end")
    }
    let used = ledger.slots.filter { $0.state != .staged && ($0.committedEpoch != nil || $0.rotation.isAdopted) }
    let isCompromised = ledger.slots.contains { $0.endOfOlder != nil }
    if isKept, !isCompromised, used.count > 1, used.count(where: { $0.state == .live }) < 2, !truth.wasReset {
      fail(.convergence, "\(site.name) has destroyed Previous, which the policy keeps")
    }
    checkUnlistedKeys(ledger, of: site)
  }

  /// What no order names goes when its end has come and a newer key of ours has outlived every ticket.
  private func checkUnlistedKeys(_ ledger: SlotLedger, of site: RotatorSite) {
    // While a clock is ahead, what is counted from then ends late.
    let life = Self.seconds(scenario.policy.ticketLifetime) + Self.seconds(scenario.policy.clockSkew)
    let now = site.wallTime.addingTimeInterval(-60)
    guard let latest = ledger.latest, latest.committedEpoch != nil, latest.setAt.addingTimeInterval(life) < now,
      !site.hasRebooted, !site.isRestored, tally.faults[FaultKind.clockJump.rawValue] == 0
    else { return }
    for node in nodes where !isRevoked(node, on: site) && site.process?.streams[node.name] != nil {
      let overdue = node.file?.slots.first { slot in
        slot.version < latest.version && slot.retireAfter.map { $0 < now } == true
          && !ledger.slots.contains { $0.rotation == slot.rotation }
      }
      if let overdue { fail(.convergence, "\(node.name) still holds \(overdue.rotation), which no order names, after its end") }
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
      // A copy of the store that goes on with the same rotation may judge otherwise, and has the compromised keys to give.
      let isCompromised = ledger.slots.contains { $0.endOfOlder != nil && $0.version > slot.version }
      if isCompromised, scenario.company == .copy { continue }
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
    run(until: now + lag + 15)
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
