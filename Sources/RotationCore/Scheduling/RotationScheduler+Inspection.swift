package import Foundation

// MARK: - The directory between rotations

extension RotationScheduler {
  /// How often an account is looked at in the directory, in seconds of policy time.
  package static let inspectionInterval: TimeInterval = 900

  /// The same while the account's SPNs are awaited.
  private static let namesInterval: TimeInterval = 60

  func scheduleInspection(of account: AccountName) {
    let now = clock.now()
    let interval = settings[account]?.awaitsNames == true ? Self.namesInterval : Self.inspectionInterval
    accounts[account]?.nextInspection = WallClockWait(from: now, until: now.addingTimeInterval(interval))
  }

  func inspectDirectory(of account: AccountName, effects: inout [Effect]) {
    guard let settings = settings[account], let state = accounts[account], let identity, state.isIdle,
      state.since.inspection == nil, state.nextInspection?.isOver(at: clock.now()) ?? true
    else { return }
    scheduleInspection(of: account)
    accounts[account]?.since.inspection = clock.monotonicSeconds()
    let inspection = DirectoryInspection(
      preflight: Preflight(settings: settings, fleet: fleet, clock: clock), record: state.record, rotator: identity.rotator,
      store: store)
    effects.append { [post] in post.yield(.directoryInspected(account, await inspection.run())) }
  }

  /// A finding is told when it is new or another one; a rotation that began, or came to its end, meanwhile has overtaken it. That somebody else
  /// holds the account also counts while an attempt reads the directory.
  func directoryWasInspected(
    _ account: AccountName, observation: DirectoryObservation, effects: inout [Effect]
  ) async {
    accounts[account]?.since.inspection = nil
    if let properties = observation.properties { accounts[account]?.record.properties = properties }
    guard let state = accounts[account], state.record.rotation == nil, state.record.knownStamp == observation.knownStamp else {
      return
    }
    if let fault = observation.superseded {
      if state.isIdle { await tellFinding(observation.finding, of: account) }
      return await wasSuperseded(account, because: fault)
    }
    guard state.isIdle else { return }
    if observation.hasNames { await namesWereRegistered(of: account) }
    await tellFinding(observation.finding, of: account)
    if let name = observation.finding?.domainController, let version = observation.behindAt {
      await writerFellBehind(name, on: version, of: account, effects: &effects)
    }
    await controllersWereListed(
      observation.controllers, names: observation.replicas, of: account, effects: &effects)
    if let key = observation.surfaced {
      await keySurfaced(key, of: account, effects: &effects)
    } else {
      await healDrift(of: account, effects: &effects)
    }
  }

  private func tellFinding(_ found: DirectoryFinding?, of account: AccountName) async {
    let before = accounts[account]?.record.directoryFinding
    var finding = found
    finding?.domainController =
      found?.domainController ?? accounts[account]?.record.writer?.dnsHostName ?? settings[account]?.controllerName
    finding?.since = before.flatMap { $0.kind == found?.kind ? $0.since : nil } ?? clock.now()
    if let before, let finding, before.isSame(as: finding), before.domainController == finding.domainController { return }
    guard before != nil || finding != nil else { return }
    accounts[account]?.record.directoryFinding = finding
    if let before, before.isDrift != finding?.isDrift || before.domainController != finding?.domainController {
      await record(endRecord(of: before, account: account), saving: account)
    }
    if let finding { await record(findingRecord(finding, account: account), saving: account) }
  }

  /// Somebody else holds the account now: this rotator falls silent as soon as it knows.
  func wasSuperseded(_ account: AccountName, because fault: OperatorFault) async {
    if case .shut = accounts[account]?.gate { return }
    shutGate(of: account, because: fault)
    await record(
      OutcomeRecord(
        kind: .storeBehind, time: clock.now(), account: account, message: "Nothing is pushed: \(fault)."))
  }

  private func findingRecord(_ finding: DirectoryFinding, account: AccountName) -> OutcomeRecord {
    let message =
      switch finding.kind {
      case .unreachable: "The directory cannot be asked about \(account): \(finding.fault)."
      case .lagging: "The domain controller is behind about \(account): \(finding.fault)."
      case .drift: "\(account) has drifted: \(finding.text)."
      }
    return OutcomeRecord(
      kind: finding.isDrift ? .drift : .controllerBehind, time: clock.now(), account: account,
      domainController: finding.domainController, message: message)
  }

  private func endRecord(of finding: DirectoryFinding, account: AccountName) -> OutcomeRecord {
    OutcomeRecord(
      kind: finding.isDrift ? .driftEnded : .controllerConverged, time: clock.now(), account: account,
      domainController: finding.domainController,
      message: finding.isDrift
        ? "\(account) is in order again in the directory." : "The directory answers about \(account) again, as it should.")
  }
}

extension ManagedState {
  /// Whether nothing is going on that reads or writes the directory.
  var isIdle: Bool {
    if case .open = gate { return record.rotation == nil && attempt == nil && !isAdopting && !isMigrating }
    return false
  }
}
