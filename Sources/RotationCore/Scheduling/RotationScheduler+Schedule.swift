import Foundation
import Logging

// MARK: - Time

extension RotationScheduler {
  func timePassed(effects: inout [Effect]) async {
    await saveLeftRecords()
    endOverdueTurns()
    for account in accountNames {
      checkGate(of: account, effects: &effects)
      await nudgeRotation(of: account, effects: &effects)
      await retireKeys(of: account, effects: &effects)
      removeLeftKeys(of: account, effects: &effects)
      pushToLateNodes(of: account, effects: &effects)
      await noteMissingNodes(of: account)
      inspectDirectory(of: account, effects: &effects)
      watchConvergence(of: account, effects: &effects)
      await startIfDue(account, effects: &effects)
      await healDrift(of: account, effects: &effects)
    }
  }

  /// The rotation's own timers sleep until an instant; this one also notices that the clock was set back.
  private func nudgeRotation(of account: AccountName, effects: inout [Effect]) async {
    guard let rotation = accounts[account]?.record.rotation else { return }
    await advance(account, rotation: rotation.plan.rotation, with: .timerFired, effects: &effects)
  }

  func retireKeys(of account: AccountName, effects: inout [Effect]) async {
    guard let settings = settings[account], var state = accounts[account], state.record.rotation == nil, case .open = state.gate
    else { return }
    let (now, boot) = (clock.now(), clock.bootInstant())
    let compromised = Set(state.record.ledger.holding.filter(state.record.ledger.isCompromised).map(\.rotation))
    let retired = state.record.ledger.timePassed(to: now, boot: boot, policy: settings.policy)
    // While a claim stands that is not ours, what it is for may still be set.
    let isLossOver =
      state.record.writerLostAt != nil && !strangersMayBeLive(in: state.record)
      && state.record.knownStamp?.state.isClaim != true
    let expired = state.record.ledger.unlistedKeysExpired(
      attachedReports(of: state.record), at: now, boot: boot, policy: settings.policy, isLossOver: isLossOver)
    let migrationEnd = state.record.noteMigrationEnd(at: now)
    guard !retired.isEmpty || expired || migrationEnd != nil else { return }
    var change = StoreChange()
    change.account = state.record
    change.destroy = retired
    change.records = retired.map { rotation in
      OutcomeRecord(
        kind: .keyRetired, time: now, account: account, rotation: rotation,
        message: compromised.contains(rotation)
          ? "The key of rotation \(rotation) was destroyed, whatever tickets under it are alive: it was compromised."
          : "The key of rotation \(rotation) was destroyed: no ticket under it can be alive.")
    }
    if let migrationEnd { change.records.append(migrationEnd) }
    reached(.beforeRecord(.retirement))
    do throws(OperatorFault) { try await persist(change, of: account) } catch {
      logger.error(
        "The store refused the retirement of a key of \(account): \(error)",
        metadata: ["account": "\(account)", "fault": "\(error)"])
      return
    }
    reached(.recorded(.retirement))
    accounts[account] = state
    pushOrders(of: account, for: .retire, effects: &effects)
  }

  /// What nodes that can be told hold: what is dropped for one that is away would be dropped for ever.
  private func attachedReports(of record: AccountRecord) -> [SlotReport] {
    record.holdings.filter { nodes[$0.key]?.attachment != nil }.flatMap(\.value.slots)
  }

  /// A node whose answer was lost, or that refused, gets the newest order again.
  private func pushToLateNodes(of account: AccountName, effects: inout [Effect]) {
    guard let state = accounts[account], let settings = settings[account], state.record.rotation == nil else { return }
    let late = settings.nodes.filter { node in
      guard nodes[node]?.attachment != nil, !state.record.isWithheld(from: node) else { return false }
      let holding = state.record.holdings[node]
      // What went wrong during a rotation is still wrong when it has ended.
      return state.late.contains(node) || holding?.fault != nil || holding?.isBehind(state.record.ledger) ?? false
    }
    let now = clock.now()
    for node in late where state.unanswered[node] == nil && !state.awaitsConsumers(node) {
      let end = now.addingTimeInterval(Self.toleratedSilence)
      accounts[account]?.unanswered[node] = WallClockWait(from: now, until: end)
    }
    // Those that wait for their turn have answered.
    effects.append(contentsOf: orders(of: account, to: late.filter { !state.awaitsConsumers($0) }))
  }
}

extension RotationScheduler {
  /// Whether no attached node is still busy with its newest order: a rotation that began now would fail for that.
  func isFleetSettled(for account: AccountName) -> Bool {
    guard let settings = settings[account], let state = accounts[account] else { return false }
    return settings.nodes.allSatisfy { node in
      guard nodes[node]?.attachment != nil, !state.record.isWithheld(from: node),
        state.record.holdings[node]?.isBehind(state.record.ledger) == true
      else { return true }
      return state.unanswered[node]?.isOver(at: clock.now()) ?? false
    }
  }

  /// Right after a start nobody has dialled in yet; a rotation that came due meanwhile is not failed for that.
  func isFleetGathered(for account: AccountName) -> Bool {
    guard let settings = settings[account], !(attachGrace?.isOver(at: clock.now()) ?? true) else { return true }
    let present = settings.nodes.filter { nodes[$0]?.attachment != nil && accounts[account]?.record.holdings[$0] != nil }
    return Quorum(arrays: settings.arrays, requirement: settings.policy.require, without: unawaitedNodes).isMet(
      by: Set(present))
  }
}

// MARK: - The store against the directory

extension RotationScheduler {
  private func checkGate(of account: AccountName, effects: inout [Effect]) {
    guard let settings = settings[account], let state = accounts[account], state.since.stampRead == nil,
      state.stampReadPause?.isOver(at: clock.now()) ?? true
    else { return }
    if case .open = state.gate { return }
    accounts[account]?.since.stampRead = clock.monotonicSeconds()
    // The steps of an open rotation go to the controller that it is pinned to: the name may lead elsewhere by now.
    let query =
      state.record.rotation.map { settings.query(for: $0.plan) } ?? settings.query(objectGUID: state.record.objectGUID)
    effects.append { [post] in
      let result: Result<AccountState, OperatorFault>
      do throws(OperatorFault) { result = .success(try await settings.directory.readState(of: query)) } catch {
        result = .failure(error)
      }
      post.yield(.stampWasRead(account, result))
    }
  }

  func stampWasRead(of account: AccountName, result: Result<AccountState, OperatorFault>, effects: inout [Effect]) async {
    guard let identity, let settings = settings[account], var state = accounts[account] else { return }
    state.since.stampRead = nil
    accounts[account] = state
    // A preflight has opened it meanwhile.
    if case .open = state.gate { return }
    state.stampReadPause = WallClockWait(from: clock.now(), until: clock.now().addingTimeInterval(10))
    let wasShut = if case .shut = state.gate { true } else { false }
    state.gate = gate(for: result, state: state, settings: settings, rotator: identity.rotator)
    accounts[account] = state
    switch state.gate {
    case .open:
      daemon.alarms.end(.storeBehind(account), at: clock.now())
      pushOrders(of: account, effects: &effects)
      removeLeftKeys(of: account, effects: &effects)
      await resumeRotation(of: account, effects: &effects)
    case .shut(let fault) where !wasShut:
      await record(
        OutcomeRecord(
          kind: .storeBehind, time: clock.now(), account: account, rotation: state.record.rotation?.plan.rotation,
          message: "Nothing is pushed: \(fault)."))
    case .shut, .unchecked: break
    }
    if case .shut(let fault) = state.gate, case .success(let reading) = result {
      await endIfSuperseded(account, by: reading.stamp, because: fault)
    }
  }

  /// A rotation that has stalled this often is not resumed once more.
  static let toleratedStalls = 3

  private func resumeRotation(of account: AccountName, effects: inout [Effect]) async {
    guard let record = accounts[account]?.record, let rotation = record.rotation else { return }
    accounts[account]?.since.rotationMoved = clock.monotonicSeconds()
    var event = RotationEvent.restarted
    if let stalls = record.stalls, stalls >= Self.toleratedStalls {
      event = .givenUp(
        OperatorFault(
          .software, "asa-rotatord", "stalled \(stalls) times in rotation \(rotation.plan.rotation), which is given up",
          remedy: "see the records of the stalls, 'asactl journal --kind rotationStalled'"))
    }
    // While the gate was shut nothing moved the rotation, a revocation neither.
    for node in rotation.plan.quorum.members where unawaitedNodes.contains(node) {
      accounts[account]?.record.rotation?.leaveOut(node)
    }
    await advance(account, rotation: rotation.plan.rotation, with: event, effects: &effects)
  }

  /// A superseded rotator is silent from the moment that it knows, until the stamp says otherwise.
  func shutGate(of account: AccountName, because fault: OperatorFault) {
    accounts[account]?.gate = .shut(fault)
    accounts[account]?.stampReadPause = nil
  }

  /// AD newer than the store shuts the gate; so does an unreadable stamp while a rotation is open. Without an open rotation a silent DC
  /// is no reason to keep slots from nodes, unless a foreign stamp was seen before.
  /// An earlier stamp of our own tells of a controller that is behind, and counts as none.
  private func gate(
    for result: Result<AccountState, OperatorFault>, state: ManagedState, settings: ManagedAccount, rotator: RotatorID
  ) -> ManagedState.Gate {
    var tellsNothing = true
    do throws(OperatorFault) {
      let reading = try result.get()
      tellsNothing = state.record.isOutdated(reading.stamp, rotator: rotator)
      guard let attribute = settings.stampAttribute else { return .open }
      try StampCheck(
        account: settings.name, attribute: attribute, rotator: rotator, known: state.record.knownStamp,
        open: state.record.rotation, hasLatest: state.record.ledger.latest != nil
      ).check(reading.stamp)
      return .open
    } catch {
      if case .unchecked = state.gate, tellsNothing, state.record.rotation == nil { return .open }
      return .shut(error)
    }
  }
}
