package import Foundation
import Logging

// MARK: - Start and stop

extension RotationScheduler {
  func restore(after stall: DueStep?) async throws(OperatorFault) {
    identity = try await store.identity()
    startedAt = clock.now()
    attachGrace = WallClockWait(from: startedAt, until: startedAt.addingTimeInterval(Self.attachGraceSeconds))
    daemon = try await store.daemon()
    countBootTimeFromFirstStart()
    let known = try await store.accounts()
    for name in configuredAccounts {
      guard let settings = settings[name] else { continue }
      admit(try await restored(settings, from: known.first { $0.account == settings.name }))
    }
    try checkNothingIsLeftOpen(known)
    for record in try await store.nodes() { nodes[record.node] = NodeState(record: record, expectedSince: startedAt) }
    addConfiguredNodes()
    endUnconfiguredAlarms()
    await rememberStart(after: stall)
  }

  private func countBootTimeFromFirstStart() {
    let now = clock.bootInstant()
    let first = daemon.firstStart.flatMap { $0.boot == now.boot ? $0 : nil } ?? now
    daemon.firstStart = first
    clock = StoreBootClock(machine: clock, firstStart: first)
  }

  func addConfiguredNodes() {
    for node in Set(settings.values.flatMap(\.nodes)).sorted() where nodes[node] == nil {
      nodes[node] = NodeState(record: NodeRecord(node: node), expectedSince: clock.now())
    }
  }

  /// A rotation that nobody would resume would keep its claim, and its nodes their staged keys, without a record of its end.
  private func checkNothingIsLeftOpen(_ known: [AccountRecord]) throws(OperatorFault) {
    for record in known where settings[record.account] == nil {
      guard let rotation = record.rotation?.plan.rotation ?? record.openAttempt else { continue }
      throw OperatorFault(
        .configuration, "account \(record.account)", "is no longer configured, but rotation \(rotation) of it is open",
        remedy: "put it back into the configuration until the rotation has ended, see 'asactl status'")
    }
  }

  /// What is not configured is nobody's concern.
  func endUnconfiguredAlarms() {
    let now = clock.now()
    for alarm in daemon.alarms.alarms where alarm.endedAt == nil {
      guard let account = alarm.key.account else { continue }
      guard let settings = settings[account] else {
        daemon.alarms.end(alarm.key, at: now)
        continue
      }
      let isStranger = { (node: NodeName) in !settings.nodes.contains(node) }
      let subject = alarm.key.subject.flatMap { try? NodeName($0) }
      // The subject may also be a domain controller.
      if let subject, nodes[subject] != nil, isStranger(subject) { daemon.alarms.end(alarm.key, at: now) }
      daemon.alarms.nodesLeft(alarm.record.nodes.filter(isStranger), of: account, at: now)
    }
  }

  /// What is known of an account, made to fit its configuration and made durable; nothing in memory changes.
  func restored(_ settings: ManagedAccount, from known: AccountRecord?) async throws(OperatorFault) -> AccountRecord {
    let now = clock.now()
    var record = known ?? AccountRecord(account: settings.name, firstSeen: now, every: settings.policy.every)
    record.holdings = record.holdings.filter { settings.nodes.contains($0.key) }
    record.forgetWithheld(allBut: settings.nodes)
    record.reckonDue(RotationSchedule(policy: settings.policy, account: settings.name), at: now, boot: clock.bootInstant())
    // The orders follow when the gate opens.
    record.ledger.configurationWasLoaded(
      settings.servicePrincipalNames, policyChanged: record.policy != nil && record.policy != settings.policy)
    record.policy = settings.policy
    var change = StoreChange()
    if let attempt = record.openAttempt {
      record.openAttempt = nil
      change.records = [interrupted(attempt, record: &record)]
    }
    change.account = record
    try await persist(change, of: settings.name)
    return record
  }

  func admit(_ record: AccountRecord) {
    accounts[record.account] = ManagedState(record: record)
    accounts[record.account]?.since.rotationMoved = clock.monotonicSeconds()
    namesWereRecalled(of: record.account)
  }

  private func interrupted(_ attempt: RotationID, record: inout AccountRecord) -> OutcomeRecord {
    let fault = OperatorFault(
      .temporary, "asa-rotatord", "stopped before the plan was made", remedy: "rotate again; nothing was changed")
    let ending = RotationEnding(
      outcome: .failed, passwordChanged: false, version: nil, fault: fault, phase: "preflight")
    record.lastEnding = ending
    noteFailure(of: &record, rotation: attempt)
    record.attemptEnded(.failed, phases: [], at: clock.monotonicSeconds())
    return terminalRecord(ending, account: record.account, rotation: attempt, controller: nil)
  }

  /// Tells of a run before that did not end by itself, and remembers that this one runs.
  private func rememberStart(after stall: DueStep?) async {
    let before = daemon.runningSince
    daemon.runningSince = startedAt
    if let stall {
      await recordStall(stall)
    } else if let before {
      await record(
        OutcomeRecord(
          kind: .daemonInterrupted, time: startedAt, account: nil,
          message:
            "asa-rotatord, running since \(before.formatted(.iso8601)), ended without stopping: it was killed or it crashed. It has started again and resumes.\(await lastWords())"
        ))
    } else {
      await saveDaemon()
    }
  }

  /// What was last recorded of an account: killed between the store and the journal, a run leaves it in the store alone.
  private func lastWords() async -> String {
    do throws(OperatorFault) {
      let last = try await store.history(of: nil, limit: 8).first { $0.account != nil }
      return last.map { " The last record before: \($0.message)" } ?? ""
    } catch { return "" }
  }

  /// The journal has this record already: the watchdog wrote it before it had the daemon ended.
  private func recordStall(_ step: DueStep) async {
    if let account = step.account, let rotation = step.rotation, var state = accounts[account],
      state.record.rotation?.plan.rotation == rotation
    {
      state.record.stalls = (state.record.stalls ?? 0) + 1
      accounts[account] = state
    }
    await record(step.stallRecord(at: startedAt), saving: step.account, isInJournal: true)
  }

  func rememberOrderlyStop() async {
    daemon.runningSince = nil
    await saveLeftRecords()
    await saveDaemon()
  }

  private func saveDaemon() async {
    var change = StoreChange()
    change.daemon = daemon
    do throws(OperatorFault) { try await persist(change, of: nil) } catch {
      logger.critical("The store refused the daemon's own state: \(error)", metadata: ["fault": "\(error)"])
    }
  }
}

extension DueStep {
  /// The record of a step that did not end within its bound.
  package func stallRecord(at now: Date) -> OutcomeRecord {
    let whose = account.map { " of \($0)" } ?? ""
    let place = node.map { " on \($0)" } ?? ""
    let seconds = Int((deadline - since).rounded())
    return OutcomeRecord(
      kind: .rotationStalled, time: now, account: account, rotation: rotation, phase: phase, nodes: node.map { [$0] } ?? [],
      message:
        "asa-rotatord stalled: \(phase)\(whose)\(place) did not end within \(seconds) s. It is restarted and resumes where it was."
    )
  }
}
