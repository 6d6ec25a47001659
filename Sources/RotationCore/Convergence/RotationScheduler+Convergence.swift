import Foundation
import Logging

// MARK: - The other domain controllers, until they issue tickets under Latest

extension RotationScheduler {
  /// How long an open rotation pauses between two looks at the domain controllers that it waits for, in seconds.
  private static let impatience: TimeInterval = 1

  /// Asks for tickets where an answer is waited for, and now and then everywhere.
  func watchConvergence(of account: AccountName, effects: inout [Effect]) {
    guard let state = accounts[account], state.record.rotation == nil else { return }
    let now = clock.now()
    if !state.record.ledger.laggards.isEmpty, state.convergence.next?.isOver(at: now) ?? true {
      probeControllers(of: account, state.record.ledger.laggards, effects: &effects)
    } else if state.record.ledger.latest != nil, state.convergence.nextRound?.isOver(at: now) ?? true {
      accounts[account]?.convergence.nextRound = WallClockWait(
        from: now, until: now.addingTimeInterval(Self.inspectionInterval))
      probeControllers(of: account, state.record.replicaNames, effects: &effects)
    }
  }

  /// A rotation waits for them, each until it ends.
  func probeAwaitedControllers(of account: AccountName, effects: inout [Effect]) {
    guard let machine = accounts[account]?.record.rotation, machine.phase == .proving else { return }
    probeControllers(of: account, machine.unconverged, effects: &effects)
  }

  private func probeControllers(of account: AccountName, _ names: [String], effects: inout [Effect]) {
    guard let settings = settings[account], let state = accounts[account], case .open = state.gate, !names.isEmpty,
      state.since.convergence == nil
    else { return }
    accounts[account]?.since.convergence = clock.monotonicSeconds()
    let probe = ConvergenceProbe(settings: settings, ledger: state.record.ledger, store: store, now: clock.now())
    effects.append { [post] in post.yield(.controllersWereProbed(account, await probe.run(on: names))) }
  }

  func controllersWereProbed(
    _ account: AccountName, verdicts: [String: ConvergenceProbe.Verdict], effects: inout [Effect]
  ) async {
    accounts[account]?.since.convergence = nil
    guard let state = accounts[account], case .open = state.gate else { return }
    if let machine = state.record.rotation {
      await tellMachine(machine, of: verdicts, account: account, effects: &effects)
    } else {
      await noteVerdicts(verdicts, of: account, effects: &effects)
    }
  }

  private func tellMachine(
    _ machine: RotationMachine, of verdicts: [String: ConvergenceProbe.Verdict], account: AccountName,
    effects: inout [Effect]
  ) async {
    guard machine.phase == .proving else { return }
    for (name, verdict) in verdicts.sorted(by: { $0.key < $1.key }) {
      guard verdict == .issues(machine.plan.slot) else { continue }
      await advance(account, rotation: machine.plan.rotation, with: .controllerConverged(name), effects: &effects)
    }
    guard let open = accounts[account]?.record.rotation, !open.unconverged.isEmpty else { return }
    effects.append(later(Self.impatience, .convergenceDue(account)))
  }

  private func noteVerdicts(
    _ verdicts: [String: ConvergenceProbe.Verdict], of account: AccountName, effects: inout [Effect]
  ) async {
    accounts[account]?.convergence.wait(from: clock.now())
    await change(account, effects: &effects) { record, now in
      verdicts.sorted { $0.key < $1.key }.flatMap { record.controllerWasProbed($0.key, $0.value, at: now) }
    }
  }

  /// Makes what is known of domain controllers durable, with its records, before anybody hears of it: the ends of keys are in the orders.
  ///
  /// - Returns: Whether it is so now; the store may have refused.
  @discardableResult
  private func change(
    _ account: AccountName, effects: inout [Effect],
    _ body: (inout AccountRecord, SlotLedger.Supersession) -> [OutcomeRecord]
  ) async -> Bool {
    guard let before = accounts[account]?.record else { return false }
    var record = before
    var change = StoreChange()
    change.records = body(&record, SlotLedger.Supersession(time: clock.now(), boot: clock.bootInstant()))
    guard record != before else { return true }
    change.account = record
    do throws(OperatorFault) { try await persist(change, of: account) } catch {
      logger.error(
        "The store refused what domain controllers have of \(account): \(error)",
        metadata: ["account": "\(account)", "fault": "\(error)"])
      return false
    }
    accounts[account]?.record = record
    if record.ledger.version != before.ledger.version { pushOrders(of: account, effects: &effects) }
    return true
  }
}

// MARK: - Domain controllers that come and go

extension RotationScheduler {
  /// The directory lists its controllers anew: no key waits for one that is gone, and a new one is asked.
  func controllersWereListed(
    _ listed: [ListedController], names: [String], of account: AccountName, effects: inout [Effect]
  ) async {
    guard let before = accounts[account]?.record, !listed.isEmpty else { return }
    let known = Set(listed.map(\.dnsHostName.comparableHostName))
    let gone = before.replicaNames.filter { name in
      before.replicas?[name]?.isListed == true && before.replicas?[name]?.isGone != true && !known.contains(name)
    }
    await change(account, effects: &effects) { record, _ in
      record.replicasWereListed(names, in: listed)
      return []
    }
    for name in gone {
      await controllerIsGone(name, from: account, why: "the directory lists it no more", effects: &effects)
    }
    let names = accounts[account]?.record.replicaNames ?? []
    for name in before.replicaNames where !names.contains(name) {
      daemon.alarms.end(.behind(account, controller: name), at: clock.now())
    }
    // What a new one issues tickets under is not known.
    if names != before.replicaNames { accounts[account]?.convergence.nextRound = nil }
  }

  /// Nothing waits for a domain controller that issues no tickets any more.
  ///
  /// - Returns: Whether that is durable.
  @discardableResult
  func controllerIsGone(
    _ name: String, from account: AccountName, why: String, effects: inout [Effect]
  ) async -> Bool {
    let isKnown = await change(account, effects: &effects) { record, now in
      [record.controllerWasLost(name, why: why, at: now)]
    }
    guard isKnown else { return false }
    daemon.alarms.controllerLeft(name, of: account, at: clock.now())
    daemon.alarms.end(.behind(account, controller: name), at: clock.now())
    return true
  }

  /// The writer itself has gone back to what it had before: as one that issues under an older key it is waited for like the others.
  func writerFellBehind(_ name: String, on version: KeyVersion, of account: AccountName, effects: inout [Effect]) async {
    guard settings[account]?.replicas != nil else { return }
    await change(account, effects: &effects) { record, _ in
      let slot = record.ledger.holding.first { $0.version <= version && $0.state != .staged }
      record.ledger.controllerFellBehind(name.comparableHostName, on: slot?.rotation)
      return []
    }
  }
}

/// When the other domain controllers are asked for tickets next.
struct ConvergenceWatch: Sendable {
  private var tries = 0
  private(set) var next: WallClockWait?
  /// When all of them are asked, whether or not one is behind.
  var nextRound: WallClockWait?

  /// A rotation has ended: what is waited for may come at any moment.
  mutating func begin() { (tries, next) = (0, nil) }

  /// The pauses grow to a minute.
  mutating func wait(from now: Date) {
    next = WallClockWait(from: now, until: now.addingTimeInterval(min(60, 5 * Double(1 << min(tries, 4)))))
    tries += 1
  }
}

extension AccountRecord {
  /// Nothing waits for it until it answers again.
  fileprivate mutating func controllerWasLost(
    _ name: String, why: String, at now: SlotLedger.Supersession
  ) -> OutcomeRecord {
    ledger.controllerWasForgotten(name, at: now)
    var standing = ReplicaStanding()
    standing.isGone = true
    replicas = (replicas ?? [:]).merging([name: standing]) { $1 }
    return OutcomeRecord(
      kind: .controllerForgotten, time: now.time, account: account, domainController: name,
      message: "\(name) is not waited for any more: \(why). Keys of \(account) that were kept for it end with their tickets.")
  }

  /// Takes what a domain controller issues tickets under, and says what is to be told of that.
  fileprivate mutating func controllerWasProbed(
    _ name: String, _ verdict: ConvergenceProbe.Verdict, at now: SlotLedger.Supersession
  ) -> [OutcomeRecord] {
    guard let latest = ledger.latest else { return [] }
    let wasAwaited = ledger.laggards.contains(name)
    switch verdict {
    case .issues(latest.rotation):
      let hadProblem = replicas?[name]?.behindSince != nil
      ledger.controllerConverged(name, on: latest.rotation, at: now)
      replicas?[name]?.isInOrder()
      return wasAwaited || hadProblem ? [converged(name, latest, at: now.time)] : []
    case .issues(let older):
      let since = replicas?[name]?.behindSince
      replicas?[name]?.isInOrder()
      replicas?[name]?.behindSince = since
      ledger.controllerConverged(name, on: older, at: now)
      return fellBehind(name, on: older, because: "issues tickets under an older key than kvno \(latest.version)", at: now)
    case .issuesUnknown(let version, let fault) where version >= latest.version:
      return wentItsOwnWay(
        name, because: fault,
        meaning: "somebody has set the password of \(account), and clients with tickets of it are refused",
        at: now)
    case .issuesUnusable(let version, let fault) where version >= latest.version:
      return wentItsOwnWay(name, because: fault, meaning: "clients with tickets of it are refused", at: now)
    case .issuesUnknown(_, let fault), .issuesUnusable(_, let fault):
      replicas?[name]?.problem = fault.problem
      replicas?[name]?.isGone = nil
      return fellBehind(name, on: nil, because: fault.problem, at: now)
    case .unknown(let fault):
      replicas?[name]?.problem = fault.problem
      return []
    }
  }

  private mutating func fellBehind(
    _ name: String, on rotation: RotationID?, because problem: String, at now: SlotLedger.Supersession
  ) -> [OutcomeRecord] {
    guard ledger.controllerFellBehind(name, on: rotation) else { return [] }
    replicas?[name]?.behindSince = now.time
    return [
      OutcomeRecord(
        kind: .controllerBehind, time: now.time, account: account, version: ledger.latest?.version, domainController: name,
        message: "\(name) \(problem): older keys of \(account) are kept until it issues tickets under Latest.")
    ]
  }

  /// Kvnos never go back on one domain controller: under somebody else's password with Latest's number, or a higher one, none of ours that is
  /// older is issued there again.
  private mutating func wentItsOwnWay(
    _ name: String, because fault: OperatorFault, meaning: String, at now: SlotLedger.Supersession
  ) -> [OutcomeRecord] {
    let isKnown = replicas?[name]?.isForeign == true
    if let latest = ledger.latest { ledger.controllerConverged(name, on: latest.rotation, at: now) }
    replicas?[name]?.problem = fault.problem
    replicas?[name]?.isForeign = true
    replicas?[name]?.isGone = nil
    let since = replicas?[name]?.behindSince
    replicas?[name]?.behindSince = since ?? now.time
    guard !isKnown else { return [] }
    return [
      OutcomeRecord(
        kind: .controllerBehind, time: now.time, account: account, version: ledger.latest?.version, domainController: name,
        message: "\(name) \(fault.problem): \(meaning).")
    ]
  }

  func converged(_ name: String, _ latest: SlotLedger.Slot, at now: Date) -> OutcomeRecord {
    let others = ledger.laggards
    let rest =
      others.isEmpty
      ? "every domain controller does, and older keys end with their tickets"
      : "not yet: \(others.joined(separator: ", "))"
    return OutcomeRecord(
      kind: .controllerConverged, time: now, account: account, rotation: latest.rotation, version: latest.version,
      domainController: name,
      message: "\(name) issues tickets of \(account) under kvno \(latest.version): \(rest).")
  }
}
