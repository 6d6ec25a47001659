package import Foundation

// MARK: - What people ask for

extension RotationScheduler {
  /// Starts a rotation, or a dry run, and streams what happens until it has ended. Dropping the stream ends the watching, not the rotation.
  ///
  /// - Parameters:
  ///   - isTakeover: Whether it claims the account from another claimant, whose stamp stands and who is gone for good.
  ///   - compromise: Why every older key ends with it, whatever tickets live; `nil`: they end with their tickets.
  ///   - scope: The nodes that it was asked for, all of the account's among them; `nil`: whichever the account has.
  package nonisolated func rotate(
    _ account: AccountName, isDryRun: Bool, isTakeover: Bool = false, compromise: Compromise? = nil,
    scope: RotationScope? = nil
  ) -> AsyncStream<RotationProgress> {
    let (stream, watcher) = AsyncStream.makeStream(of: RotationProgress.self, bufferingPolicy: .bufferingNewest(4096))
    let request = AttemptRequest(
      account: account, isDryRun: isDryRun, isScheduled: false, isTakeover: isTakeover, compromise: compromise, scope: scope,
      watcher: watcher)
    if case .terminated = post.yield(.attemptRequested(request)) {
      watcher.yield(.refused(Self.stopping))
      watcher.finish()
    }
    return stream
  }

  /// Cuts a node off and refuses every certificate that it has.
  ///
  /// - Throws: ``OperatorFault`` if the node is not configured or the store refuses.
  package func revoke(_ node: NodeName) async throws(OperatorFault) -> RevocationReceipt {
    try await ask { .revokeRequested(node, reply: $0) }
  }

  /// Stops the schedule of accounts, or lets it go on. Manual rotations are not concerned.
  ///
  /// - Parameter pause: Why and until when; `nil` to go on.
  /// - Returns: The accounts that this changed.
  /// - Throws: ``OperatorFault`` if the daemon is stopping.
  package func pause(_ accounts: [AccountName], _ pause: SchedulePause?) async throws(OperatorFault) -> [AccountName] {
    try await ask { .pauseRequested(accounts, pause, reply: $0) }
  }

  /// Ends the repetition of alarms.
  ///
  /// - Returns: The alarms that this acknowledged.
  /// - Throws: ``OperatorFault`` if the daemon is stopping.
  package func acknowledge(_ request: AcknowledgeRequest) async throws(OperatorFault) -> [Alarm] {
    try await ask { .acknowledgeRequested(request, reply: $0) }
  }

  /// Gives up a domain controller that will never answer again, so that an open rotation can end and the next one begin elsewhere.
  ///
  /// - Throws: ``OperatorFault`` if it is not the one that the account was last written to, still answers, or its successor has a key that is
  ///   none of ours.
  package func forget(_ controller: String, of account: AccountName) async throws(OperatorFault) -> ForgetReceipt {
    try await ask { .forgetRequested(ForgetRequest(controller: controller, account: account, reply: $0)) }
  }

  /// Takes another configuration of the accounts, whole or not at all.
  ///
  /// - Throws: ``OperatorFault`` if an account that it changes has a rotation in progress, or the store refuses.
  package func reload(_ accounts: [ManagedAccount]) async throws(OperatorFault) {
    try await ask { .reloadRequested(accounts, reply: $0) }
  }

  /// Makes a record of something that happened outside of the scheduler durable, and writes it to the journal.
  package nonisolated func note(_ record: OutcomeRecord) { post.yield(.noteRequested(record)) }

  nonisolated func ask<Value: Sendable>(
    _ event: (@escaping @Sendable (Result<Value, OperatorFault>) -> Void) -> SchedulerEvent
  ) async throws(OperatorFault) -> Value {
    let result: Result<Value, OperatorFault> = await withCheckedContinuation { continuation in
      let sent = post.yield(event { continuation.resume(returning: $0) })
      if case .terminated = sent { continuation.resume(returning: .failure(Self.stopping)) }
    }
    return try result.get()
  }

  /// The accounts in memory, by name: what is done for each of them in turn is done in the same order in every run.
  var accountNames: [AccountName] { accounts.keys.sorted { $0.description < $1.description } }

  /// The configured accounts, by name.
  package var configuredAccounts: [AccountName] { settings.keys.sorted { $0.description < $1.description } }

  /// Whether the store took the last write.
  package var isStoreWritable: Bool { storeFault == nil }

  /// The alarms that stand or are not acknowledged, oldest first.
  package var standingAlarms: [Alarm] { daemon.alarms.alarms }

  /// The accounts with what their nodes hold, by name.
  package func snapshot() -> [AccountSnapshot] {
    accountNames.compactMap { name in
      guard let settings = settings[name], let state = accounts[name] else { return nil }
      let record = state.record
      return AccountSnapshot(
        account: name, realm: settings.realm,
        phase: record.rotation?.phaseName ?? (state.attempt == nil ? "idle" : "preflight"),
        rotation: record.rotation?.plan.rotation ?? state.attempt?.rotation, detail: sentence(about: state),
        nextDue: schedule(of: name)?.start(for: record.nextDue).date ?? record.nextDue, isDue: isDue(record),
        failures: record.failures, pause: record.pause, gateFault: state.gateFault, ledger: record.ledger,
        endings: Dictionary(
          uniqueKeysWithValues: RotationOutcome.allCases.map { ($0, record.endings?[$0.rawValue] ?? 0) }),
        phaseDurations: record.phaseDurations ?? [], controllers: controllers(of: record, settings),
        lastSuccess: record.lastSuccess, servicePrincipalNames: settings.servicePrincipalNames, properties: record.properties,
        nodes: settings.nodes.map { snapshot(of: $0, in: record) })
    }
  }

  private func controllers(of record: AccountRecord, _ settings: ManagedAccount) -> [ControllerSnapshot] {
    let finding = record.directoryFinding.flatMap { $0.isDrift ? nil : $0 }
    let writer = ControllerSnapshot(
      name: record.writer?.dnsHostName ?? settings.controllerName, isWriter: true, behindSince: finding?.since,
      problem: finding?.fault.problem)
    return [writer]
      + (record.replicas ?? [:]).filter { $0.value.isGone != true && $0.key != writer.name.comparableHostName }.sorted {
        $0.key < $1.key
      }.map { name, standing in
        ControllerSnapshot(name: name, isWriter: false, behindSince: standing.behindSince, problem: standing.problem)
      }
  }

  private func isDue(_ record: AccountRecord) -> Bool {
    guard record.dueNotes != nil, let schedule = schedule(of: record.account) else { return false }
    return schedule.start(for: record.nextDue).date <= clock.now()
  }

  /// The nodes of all arrays, by name.
  package func nodeSnapshot() -> [FleetNodeSnapshot] {
    nodes.keys.filter { node in settings.values.contains { $0.nodes.contains(node) } }.sorted().map { node in
      let state = nodes[node]
      let holders = configuredAccounts.compactMap { settings[$0] }.filter { $0.nodes.contains(node) }
      let arrays = Set(holders.flatMap { $0.arrays.filter { $0.value.contains(node) }.keys })
      let fault = state?.fault ?? holders.compactMap { accounts[$0.name]?.record.holdings[node]?.fault }.first
      return FleetNodeSnapshot(
        node: node, connection: connection(of: node), attachment: state?.attachment, record: state?.record,
        clockOffset: state?.clockOffset, arrays: arrays.sorted(),
        accounts: holders.map(\.name),
        fault: fault, exclusion: state.flatMap { $0.record.isExcluded(at: clock.now()) ? $0.record.exclusion : nil })
    }
  }

  /// The state of everything in one word.
  ///
  /// - Parameter certificateNotAfter: When the rotator's own certificate expires.
  package func health(certificateNotAfter: Date?) -> HealthReport {
    HealthReport(
      HealthInput(
        now: clock.now(), storeFault: storeFault, accounts: snapshot(), nodes: nodeSnapshot(), alarms: daemon.alarms.alarms,
        certificateNotAfter: certificateNotAfter, calm: calmSentence()))
  }

  /// The next dates of an account, or of all.
  package func schedules(of account: AccountName?, count: Int) -> [AccountDates] {
    accountNames.filter { account == nil || $0 == account }.compactMap { name in
      guard let schedule = schedule(of: name), let record = accounts[name]?.record else { return nil }
      return AccountDates(
        account: name, pause: record.pause,
        dates: schedule.upcoming(count, nominal: record.nextDue, at: clock.now(), after: record.lastSuccess))
    }
  }

  func snapshot(of node: NodeName, in record: AccountRecord) -> NodeSnapshot {
    let holding = record.holdings[node]
    let isBehind = holding?.isBehind(record.ledger) ?? (record.ledger.epoch > .zero)
    return NodeSnapshot(
      node: node, connection: connection(of: node), isBehind: isBehind && !record.isWithheld(from: node),
      fault: holding?.fault ?? nodes[node]?.fault, slots: (holding?.slots ?? []) + record.ledger.retiredReports,
      keytabs: holding?.keytabs ?? [], removedAt: record.withheld?[node],
      consumers: accounts[record.account]?.consumers[node] ?? [])
  }

  private func connection(of node: NodeName) -> NodeConnection {
    guard let state = nodes[node] else { return .neverSeen }
    if state.attachment != nil { return .attached }
    if state.record.isRevoked { return .revoked }
    return state.record.lastSeen == nil ? .neverSeen : .detached
  }

  private func sentence(about state: ManagedState) -> String {
    if case .shut(let fault) = state.gate { return "Nothing is pushed: \(fault)." }
    if let rotation = state.record.rotation { return detail(of: rotation) }
    if state.attempt != nil { return "reading the directory and asking every node" }
    let ending = state.record.lastEnding?.sentence(about: state.record.account) ?? "No rotation was tried yet."
    return state.record.awaitsNames == true ? "\(ending) Its SPNs are not registered yet: 'asactl spn add'." : ending
  }
}

extension ManagedState {
  /// Why the store may not speak for the account; `nil` if it may.
  var gateFault: OperatorFault? {
    if case .shut(let fault) = gate { return fault }
    return nil
  }
}
