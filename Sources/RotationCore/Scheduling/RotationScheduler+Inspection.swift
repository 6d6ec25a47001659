package import Foundation

// MARK: - The directory between rotations

extension RotationScheduler {
  /// How often an account is looked at in the directory, in seconds of policy time.
  package static let inspectionInterval: TimeInterval = 900

  func scheduleInspection(of account: AccountName) {
    let now = clock.now()
    accounts[account]?.nextInspection = WallClockWait(from: now, until: now.addingTimeInterval(Self.inspectionInterval))
  }

  func inspectDirectory(of account: AccountName, effects: inout [Effect]) {
    guard let settings = settings[account], let state = accounts[account], let identity, state.isIdle,
      state.since.inspection == nil, state.nextInspection?.isOver(at: clock.now()) ?? true
    else { return }
    scheduleInspection(of: account)
    accounts[account]?.since.inspection = clock.monotonicSeconds()
    let inspection = DirectoryInspection(
      preflight: Preflight(settings: settings, fleet: fleet, clock: clock), record: state.record, rotator: identity.rotator)
    effects.append { [post] in post.yield(.directoryInspected(account, await inspection.run())) }
  }

  /// A finding is told when it is new or another one; a rotation that began meanwhile has overtaken it.
  func directoryWasInspected(_ account: AccountName, finding found: DirectoryFinding?) async {
    accounts[account]?.since.inspection = nil
    guard let state = accounts[account], state.isIdle else { return }
    let before = state.record.directoryFinding
    var finding = found
    finding?.domainController = found?.domainController ?? settings[account]?.controllerName
    if let before, let finding, before.isSame(as: finding), before.domainController == finding.domainController { return }
    guard before != nil || finding != nil else { return }
    accounts[account]?.record.directoryFinding = finding
    if let before, before.kind != finding?.kind || before.domainController != finding?.domainController {
      await record(endRecord(of: before, account: account), saving: account)
    }
    if let finding { await record(findingRecord(finding, account: account), saving: account) }
  }

  private func findingRecord(_ finding: DirectoryFinding, account: AccountName) -> OutcomeRecord {
    OutcomeRecord(
      kind: finding.kind == .unreachable ? .controllerBehind : .drift, time: clock.now(), account: account,
      domainController: finding.domainController,
      message: finding.kind == .unreachable
        ? "The directory cannot be asked about \(account): \(finding.fault)." : "\(account) has drifted: \(finding.fault).")
  }

  private func endRecord(of finding: DirectoryFinding, account: AccountName) -> OutcomeRecord {
    OutcomeRecord(
      kind: finding.kind == .unreachable ? .controllerConverged : .driftEnded, time: clock.now(), account: account,
      domainController: finding.domainController,
      message: finding.kind == .unreachable
        ? "The directory answers about \(account) again." : "\(account) is in order again in the directory.")
  }
}

extension ManagedState {
  /// Whether nothing is going on that reads or writes the directory.
  var isIdle: Bool {
    if case .open = gate { return record.rotation == nil && attempt == nil && !isAdopting }
    return false
  }
}
