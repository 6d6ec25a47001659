import Foundation

// MARK: - What must end by itself

extension RotationScheduler {
  /// Seconds that one turn of the loop, and the wait for the next one, may take.
  package static let turnBound = 60.0
  /// Seconds that a turn at a domain controller, or a notice, may always take.
  package static let exchangeBound = 300.0

  func publishPulse() {
    pulse?.take(SchedulerPulse(steps: dueSteps(), sentence: statusSentence()))
  }

  private func dueSteps() -> [DueStep] {
    let now = clock.monotonicSeconds()
    var steps = [turnStep(at: now)]
    if let sent = noticeSentAt {
      steps.append(DueStep(account: nil, phase: "alarm", since: sent, deadline: sent + Self.exchangeBound))
    }
    for account in accountNames { steps += dueSteps(of: account) }
    return steps
  }

  /// The loop's next turn. While one rotation is open it is that one's: a turn that blocks in it again and again must end it.
  private func turnStep(at now: Double) -> DueStep {
    let open = accounts.values.compactMap(\.record.rotation).map(\.plan)
    let only = open.count == 1 ? open.first : nil
    return DueStep(
      account: only?.account, rotation: only?.rotation, phase: "scheduler", since: now, deadline: now + Self.turnBound)
  }

  private func dueSteps(of account: AccountName) -> [DueStep] {
    guard let state = accounts[account], let settings = settings[account] else { return [] }
    let exchange = exchangeBound(of: settings)
    let timed: [(String, RotationID?, Double?, Double)] = [
      (
        "preflight", state.attempt?.rotation, state.since.preflight, exchange * Double(3 + settings.ticketNames.count)
      ),
      ("stamp", nil, state.since.stampRead, exchange), ("inspection", nil, state.since.inspection, exchange),
      ("convergence", nil, state.since.convergence, exchange * Double(1 + settings.ticketNames.count)),
      (
        state.record.rotation?.phaseName ?? "", state.record.rotation?.plan.rotation, rotationMovedAt(state),
        rotationBound(state, exchange: exchange)
      ),
    ]
    return timed.compactMap { phase, rotation, since, bound in
      since.map { DueStep(account: account, rotation: rotation, phase: phase, since: $0, deadline: $0 + bound) }
    }
  }

  /// A rotation that a shut gate or a store that refuses holds back has a reason and a next try on record: it is not ours to move.
  private func rotationMovedAt(_ state: ManagedState) -> Double? {
    guard state.record.rotation != nil, storeFault == nil, case .open = state.gate else { return nil }
    return state.since.rotationMoved
  }

  /// A phase may take its own deadline, or one exchange after the longest pause between two tries.
  private func rotationBound(_ state: ManagedState, exchange: Double) -> Double {
    guard let plan = state.record.rotation?.plan else { return 0 }
    return max(plan.stagingSeconds + (plan.absentGraceSeconds ?? 0), plan.proofSeconds, RetryBackoff.longest) + exchange
  }

  /// The accounts of one domain controller take turns at it, and one turn may wait as often as ``waitsPerTurn``.
  private func exchangeBound(of account: ManagedAccount) -> Double {
    let sharing = settings.values.count { $0.controllerName == account.controllerName && $0.realm == account.realm }
    return max(Self.exchangeBound, Preflight.seconds(account.timeout) * Self.waitsPerTurn * Double(sharing))
  }

  /// Connecting, binding, reading, searching for duplicates, and the same again on a new connection.
  private static let waitsPerTurn = 8.0
}

// MARK: - One sentence

extension RotationScheduler {
  /// The worst that is true now, or what comes next.
  package func statusSentence() -> String {
    if let storeFault { return "The store refuses writes: \(storeFault)" }
    for name in accountNames {
      guard let state = accounts[name] else { continue }
      if case .shut(let fault) = state.gate { return "\(name): nothing is pushed: \(fault)" }
      if let rotation = state.record.rotation { return "\(name): \(detail(of: rotation))" }
    }
    if let alarm = daemon.alarms.alarms.first(where: { $0.endedAt == nil }) { return alarm.record.message }
    return calmSentence()
  }

  func calmSentence() -> String {
    let attached = nodes.values.count { $0.attachment != nil }
    let dates = accountNames.compactMap { name -> (AccountName, Date)? in
      guard let schedule = schedule(of: name), let due = accounts[name]?.record.nextDue else { return nil }
      return (name, schedule.start(for: due).date)
    }
    let next = dates.min { $0.1 < $1.1 }.map { "; next rotation: \($0.0) at \(Self.text($0.1))" } ?? ""
    let count = accounts.count == 1 ? "1 account" : "\(accounts.count) accounts"
    return "\(count), \(attached) of \(nodes.count) nodes attached\(next)"
  }
}
