import Foundation

// MARK: - The report at the end

extension RotationScheduler {
  /// What is to be said of an account when an attempt at it has ended.
  ///
  /// - Parameter machine: The rotation; `nil`: there was no plan.
  func report(on account: AccountName, _ machine: RotationMachine?, _ ending: RotationEnding) -> RotationReport? {
    guard let settings = settings[account], let state = accounts[account] else { return nil }
    let record = state.record
    let steps = machine == nil ? [:] : state.steps
    return RotationReport(
      destinations: settings.destinations, credentials: record.ledger.credentials(settings.policy),
      prune: record.ledger.standings(settings.policy),
      pushes: settings.nodes.map { node in
        NodePush(node: node, steps: steps[node] ?? [], remark: remark(on: node, machine))
      },
      change: machine.map { DirectoryChange($0, ending) }, properties: record.properties,
      nodes: settings.nodes.map { snapshot(of: $0, in: record) }, verdict: RotationReport.Verdict(ending))
  }

  private func remark(on node: NodeName, _ machine: RotationMachine?) -> String {
    if revokedNodes.contains(node) { return "is revoked" }
    if unawaitedNodes.contains(node) { return "is excluded" }
    guard let machine else { return "was told nothing" }
    return machine.plan.participants.contains(node) ? "was told nothing" : "was not ready"
  }

  /// Tells the watchers of a rotation how it ended. Where the password is new the account is read once more: what the report says of it then is
  /// what the directory has.
  func tellEnd(of machine: RotationMachine, _ ending: RotationEnding, effects: inout [Effect]) {
    let plan = machine.plan
    let watchers = accounts[plan.account]?.watchers ?? []
    accounts[plan.account]?.watchers = []
    guard let settings = settings[plan.account], !watchers.isEmpty else { return }
    let report = report(on: plan.account, machine, ending)
    effects.append { [clock, post] in
      var report = report
      if ending.passwordChanged == true, let found = try? await settings.directory.readAccount(settings.query(for: plan)) {
        let properties = AccountProperties(found, at: clock.now())
        report?.properties = properties
        post.yield(.accountWasRead(plan.account, properties))
      }
      for watcher in watchers {
        if let report { watcher.yield(.report(report)) }
        watcher.yield(.ended(plan.rotation, ending))
        watcher.finish()
      }
    }
  }
}

extension ManagedAccount {
  /// All its nodes, by array.
  var destinations: [ArrayMembers] {
    arrays.sorted { $0.key < $1.key }.map { ArrayMembers(array: $0.key, nodes: $0.value.sorted()) }
  }
}

extension DirectoryChange {
  /// What a rotation that has ended came to.
  fileprivate init(_ machine: RotationMachine, _ ending: RotationEnding) {
    domainController = machine.plan.writer.dnsHostName
    versionBefore = machine.plan.currentVersion
    versionAfter = ending.version ?? (ending.passwordChanged == false ? machine.plan.currentVersion : nil)
    stampBefore = machine.plan.expected
    stampAfter = machine.isStampless ? nil : machine.knownStamp
    passwordChanged = ending.passwordChanged
  }
}
