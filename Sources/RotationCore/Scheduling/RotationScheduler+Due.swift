import Foundation

// MARK: - Due rotations

extension RotationScheduler {
  func schedule(of account: AccountName) -> RotationSchedule? {
    settings[account].map { RotationSchedule(policy: $0.policy, account: account) }
  }

  /// Begins a rotation that is due and may begin; otherwise tells why it waits, once, and when it has waited too long.
  func startIfDue(_ account: AccountName, effects: inout [Effect]) async {
    await endPauseIfOver(account)
    if await replayIfDue(account, effects: &effects) { return }
    guard let schedule = schedule(of: account), var state = accounts[account] else { return }
    let now = clock.now()
    if state.record.baseCorrection != nil || schedule.corrected(state.record.nextDue, at: now) != state.record.nextDue {
      state.record.reckonDue(schedule, at: now, boot: clock.bootInstant())
      accounts[account] = state
    }
    guard now >= state.record.nextDue else {
      // The date has moved: a longer interval, or a clock that was set right.
      daemon.alarms.end(AlarmLedger.Key(account: account, outcome: .overdue), at: now)
      return
    }
    let due = schedule.start(for: state.record.nextDue).date
    if state.record.dueNotes?.nominal != state.record.nextDue {
      accounts[account]?.record.dueNotes = DueNotes(nominal: state.record.nextDue)
    }
    let obstacle = obstacle(to: account, schedule: schedule, at: now)
    if obstacle == nil { await noteMissed(account, due: due) }
    if now >= due { await noteOverdue(account, due: due, because: obstacle) }
    guard state.isIdle else { return }
    if let obstacle {
      if obstacle.isWaiting { await noteWaiting(account, due: due, for: obstacle) }
      return
    }
    guard isFleetGathered(for: account), isFleetSettled(for: account) else { return }
    await attemptWasRequested(
      AttemptRequest(account: account, isDryRun: false, isScheduled: true, watcher: nil), effects: &effects)
  }

  /// What keeps a due rotation from beginning.
  private struct DueObstacle {
    var reason: String
    /// Whether it is the schedule's own, and not a failure that has a record already.
    var isWaiting: Bool
  }

  private func obstacle(to account: AccountName, schedule: RotationSchedule, at now: Date) -> DueObstacle? {
    guard let record = accounts[account]?.record, let policy = settings[account]?.policy else { return nil }
    if let pause = record.pause {
      let end = pause.until.map { "until \(Self.text($0))" } ?? "until it is resumed"
      return DueObstacle(reason: "the schedule is paused \(end): \(pause.reason)", isWaiting: true)
    }
    let start = schedule.start(for: record.nextDue, at: now)
    if start.date > now {
      let reason = start.reasons.last.map { " (\($0))" } ?? ""
      // Jitter alone is nothing to tell of.
      let isShut = schedule.obstacle(at: now) != nil
      return DueObstacle(reason: "it waits until \(Self.text(start.date))\(reason)", isWaiting: isShut)
    }
    let held = record.ledger.latest.flatMap { latest in
      record.heldKeyObstacle(to: latest.version.next, at: now, boot: clock.bootInstant(), policy: policy)
    }
    if let held { return DueObstacle(reason: held.problem, isWaiting: true) }
    if let failures = record.failures, !failures.pause.isOver(at: now) {
      return DueObstacle(
        reason: "\(failures.count) tries have failed, the next one is at \(Self.text(failures.pause.end))", isWaiting: false)
    }
    return nil
  }

  /// What came due before this run of the daemon began was missed.
  private func noteMissed(_ account: AccountName, due: Date) async {
    guard due < startedAt, accounts[account]?.record.dueNotes?.isCaughtUp == false,
      accounts[account]?.record.failures == nil, accounts[account]?.record.rotation == nil
    else { return }
    accounts[account]?.record.dueNotes?.isCaughtUp = true
    await record(
      OutcomeRecord(
        kind: .rotationCaughtUp, time: clock.now(), account: account,
        message:
          "The rotation of \(account) came due at \(Self.text(due)) while asa-rotatord was not running; it is caught up now."),
      saving: account)
  }

  private func noteWaiting(_ account: AccountName, due: Date, for obstacle: DueObstacle) async {
    guard accounts[account]?.record.dueNotes?.waitsFor != obstacle.reason else { return }
    accounts[account]?.record.dueNotes?.waitsFor = obstacle.reason
    await record(
      OutcomeRecord(
        kind: .rotationWaiting, time: clock.now(), account: account,
        message: "The rotation of \(account) is due since \(Self.text(min(due, clock.now()))): \(obstacle.reason)."),
      saving: account)
  }

  private func noteOverdue(_ account: AccountName, due: Date, because obstacle: DueObstacle?) async {
    guard let settings = settings[account], let state = accounts[account], state.record.dueNotes?.isOverdue == false,
      clock.now() >= due.addingTimeInterval(Preflight.seconds(settings.policy.overdueAfter))
    else { return }
    accounts[account]?.record.dueNotes?.isOverdue = true
    let reason: String =
      if case .shut(let fault) = state.gate { fault.description } else if let rotation = state.record.rotation {
        detail(of: rotation)
      } else {
        [obstacle?.reason, state.record.lastEnding?.fault?.description].compactMap(\.self).joined(separator: "; ")
      }
    await record(
      OutcomeRecord(
        kind: .rotationOverdue, time: clock.now(), account: account, rotation: state.record.rotation?.plan.rotation,
        message:
          "The rotation of \(account) is due since \(Self.text(due)) and has not succeeded\(reason.isEmpty ? "" : ": \(reason)")."
      ),
      saving: account)
  }

  /// An instant in a record's message.
  static func text(_ instant: Date) -> String {
    instant == .distantFuture ? "the policy is changed" : instant.formatted(.iso8601)
  }
}

// MARK: - Pauses

extension RotationScheduler {
  private func endPauseIfOver(_ account: AccountName) async {
    guard let pause = accounts[account]?.record.pause, let until = pause.until, clock.now() >= until else { return }
    accounts[account]?.record.pause = nil
    await record(
      OutcomeRecord(
        kind: .scheduleResumed, time: clock.now(), account: account,
        message: "The pause of \(account) has ended as planned (\(pause.reason))."), saving: account)
  }

  func pauseWasRequested(
    _ names: [AccountName], pause: SchedulePause?, reply: SchedulerEvent.Reply<[AccountName]>
  ) async {
    let concerned = names.filter { accounts[$0] != nil && (pause != nil || accounts[$0]?.record.pause != nil) }
    for account in concerned { accounts[account]?.record.pause = pause }
    for account in concerned { await record(pauseRecord(account, pause), saving: account) }
    reply(.success(concerned))
  }

  private func pauseRecord(_ account: AccountName, _ pause: SchedulePause?) -> OutcomeRecord {
    guard let pause else {
      return OutcomeRecord(
        kind: .scheduleResumed, time: clock.now(), account: account, message: "The schedule of \(account) was resumed.")
    }
    let end = pause.until.map { "until \(Self.text($0))" } ?? "until it is resumed"
    return OutcomeRecord(
      kind: .schedulePaused, time: clock.now(), account: account,
      message: "The schedule of \(account) was paused \(end): \(pause.reason).")
  }
}

// MARK: - Failures

extension RotationScheduler {
  /// The schedule leaves an account alone for a while after each failure in a row.
  func noteFailure(of record: inout AccountRecord, rotation: RotationID) {
    guard let schedule = schedule(of: record.account) else { return }
    let count = (record.failures?.count ?? 0) + 1
    let now = clock.now()
    let pause = schedule.pause(afterFailures: count, seed: rotation.description)
    record.failures = FailureStreak(count: count, pause: WallClockWait(from: now, until: now.addingTimeInterval(pause)))
  }
}
