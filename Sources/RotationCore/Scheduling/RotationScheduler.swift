package import Foundation
package import Logging

/// Drives every account: feeds events to the machines, makes the result durable, performs the actions.
///
/// It decides nothing. One loop takes one event at a time; whatever takes long runs in a child task that posts its answer as the next
/// event, so no state changes behind an `await`.
package actor RotationScheduler {
  let fleet: any NodeFleet
  let store: any RotationStoring
  let recorder: any OutcomeRecording
  let clock: any PolicyClock
  let logger: Logger
  let settings: [AccountName: ManagedAccount]
  let inbox: AsyncStream<SchedulerEvent>
  nonisolated let post: AsyncStream<SchedulerEvent>.Continuation

  var accounts: [AccountName: ManagedState] = [:]
  var nodes: [NodeName: NodeState] = [:]
  var identity: StoreIdentity?
  /// Records that the store has refused so far; every tick tries them again.
  var unsaved: [OutcomeRecord] = []
  /// How long the schedule lets nodes dial in after a start before it counts them absent.
  var attachGrace: WallClockWait?

  /// Takes the accounts and the ports; nothing happens before ``run(onReady:)``.
  package init(
    accounts: [ManagedAccount], fleet: any NodeFleet, store: any RotationStoring, recorder: any OutcomeRecording,
    clock: any PolicyClock, logger: Logger
  ) {
    settings = Dictionary(accounts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.fleet = fleet
    self.store = store
    self.recorder = recorder
    self.clock = clock
    self.logger = logger
    (inbox, post) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
  }

  /// Loads the state, resumes open rotations, and serves events until the task is cancelled.
  ///
  /// - Parameter onReady: Called once, when the state is loaded.
  /// - Throws: ``OperatorFault`` if the store cannot be read.
  package func run(onReady: @Sendable () async -> Void) async throws(OperatorFault) {
    try await restore()
    await onReady()
    await withDiscardingTaskGroup { group in
      group.addTask { [fleet, post] in
        for await event in fleet.events { post.yield(.node(event)) }
      }
      group.addTask { [clock, post] in
        while !Task.isCancelled {
          post.yield(.tick)
          do { try await clock.sleep(until: clock.now().addingTimeInterval(Self.tickInterval)) } catch { return }
        }
      }
      for await event in inbox {
        if Task.isCancelled { decline(event) } else { await process(event, in: &group) }
      }
      group.cancelAll()
    }
    for name in accounts.keys { finishWatchers(of: name) }
  }

  /// What is still asked for while the daemon stops gets an answer, so that nobody waits for ever.
  private func decline(_ event: SchedulerEvent) {
    switch event {
    case .attemptRequested(let request): refuse(request, Self.stopping)
    case .revokeRequested(_, let reply): reply(.failure(Self.stopping))
    default: break
    }
  }

  /// The answer to everybody who comes too late.
  static let stopping = OperatorFault(
    .temporary, "asa-rotatord", "is stopping", remedy: "try again when it has started anew")

  /// How often due dates, retirements and late nodes are looked at, in seconds of policy time.
  static let tickInterval: TimeInterval = 5

  /// Longer than the longest pause of an agent between two attempts to dial in.
  static let attachGraceSeconds: TimeInterval = 60

  private func restore() async throws(OperatorFault) {
    identity = try await store.identity()
    attachGrace = WallClockWait(from: clock.now(), until: clock.now().addingTimeInterval(Self.attachGraceSeconds))
    let known = try await store.accounts()
    for settings in settings.values {
      try await restore(settings, from: known.first { $0.account == settings.name })
    }
    for record in try await store.nodes() { nodes[record.node] = NodeState(record: record) }
    for node in Set(settings.values.flatMap(\.nodes)) where nodes[node] == nil {
      nodes[node] = NodeState(record: NodeRecord(node: node))
    }
  }

  private func restore(_ settings: ManagedAccount, from known: AccountRecord?) async throws(OperatorFault) {
    let now = clock.now()
    var record = known ?? AccountRecord(account: settings.name, firstSeen: now, every: settings.policy.every)
    record.holdings = record.holdings.filter { settings.nodes.contains($0.key) }
    record.schedule(every: settings.policy.every, at: now)
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
    try await store.commit(change, of: settings.name)
    for record in change.records { recorder.record(record) }
    accounts[settings.name] = ManagedState(record: record)
  }

  private func interrupted(_ attempt: RotationID, record: inout AccountRecord) -> OutcomeRecord {
    let fault = OperatorFault(
      .temporary, "asa-rotatord", "stopped before the plan was made", remedy: "rotate again; nothing was changed")
    let ending = RotationEnding(
      outcome: .failed, passwordChanged: false, version: nil, fault: fault, phase: "preflight")
    record.lastEnding = ending
    return terminalRecord(ending, account: record.account, rotation: attempt, controller: nil)
  }

  private func process(_ event: SchedulerEvent, in group: inout DiscardingTaskGroup) async {
    var effects: [Effect] = []
    switch event {
    case .node(let event): await nodeEventHappened(event, effects: &effects)
    case .tick: await timePassed(effects: &effects)
    case .attemptRequested(let request): await attemptWasRequested(request, effects: &effects)
    case .preflightEnded(let account, let attempt, let result):
      await preflightEnded(account, attempt: attempt, result: result, effects: &effects)
    case .machine(let account, let rotation, let event):
      await advance(account, rotation: rotation, with: event, effects: &effects)
    case .commitWasChecked(let account, let rotation, let evidence, let tickets):
      accounts[account]?.tickets = tickets
      await advance(account, rotation: rotation, with: .commitWasChecked(evidence), effects: &effects)
    case .stampWasRead(let account, let result): await stampWasRead(of: account, result: result, effects: &effects)
    case .orderWasAnswered(let answer): await orderWasAnswered(answer, effects: &effects)
    case .revokeRequested(let node, let reply): await revokeWasRequested(node, reply: reply, effects: &effects)
    }
    for effect in effects {
      group.addTask { await effect() }
    }
  }
}

/// Work that runs beside the loop and posts its answer to it.
typealias Effect = @Sendable () async -> Void

/// What the loop takes.
enum SchedulerEvent: Sendable {
  case node(NodeEvent)
  case tick
  case attemptRequested(AttemptRequest)
  case preflightEnded(AccountName, attempt: RotationID, Result<PreflightFindings, OperatorFault>)
  case machine(AccountName, RotationID, RotationEvent)
  case commitWasChecked(AccountName, RotationID, CommitEvidence, [ServiceTicket])
  case stampWasRead(AccountName, Result<AccountState, OperatorFault>)
  case orderWasAnswered(OrderAnswer)
  case revokeRequested(NodeName, reply: @Sendable (Result<RevocationReceipt, OperatorFault>) -> Void)
}

/// What revoking a node did.
package struct RevocationReceipt: Sendable {
  /// Every certificate issued up to then is refused.
  package var revokedAt: Date
  /// Whether a live stream was cut.
  package var wasAttached: Bool
}

/// A node's answer to an order, with its checksums judged.
struct OrderAnswer: Sendable {
  var account: AccountName
  var node: NodeName
  var epoch: Epoch
  var version: UInt64
  /// Why the node does not hold what was ordered; `nil` if it does.
  var problem: String?
}

/// Somebody, or the schedule, wants a rotation.
struct AttemptRequest: Sendable {
  var account: AccountName
  var isDryRun: Bool
  var isScheduled: Bool
  var watcher: AsyncStream<RotationProgress>.Continuation?
}

/// One account in memory.
struct ManagedState: Sendable {
  /// Whether the store may speak for the account.
  enum Gate: Sendable {
    /// The stamp has not been held against the store yet.
    case unchecked
    /// It fits.
    case open
    /// It does not, or cannot be read while a rotation is open; nothing is pushed.
    case shut(OperatorFault)
  }

  /// An attempt before its plan is durable.
  struct Attempt: Sendable {
    var rotation: RotationID
    var isDryRun: Bool
    var isScheduled: Bool
    var watchers: [AsyncStream<RotationProgress>.Continuation]
  }

  var record: AccountRecord
  /// Guards everything that goes out: orders and the steps of an open rotation.
  var gate: Gate = .unchecked
  var stampReadInFlight = false
  var stampReadPause: WallClockWait?
  var attempt: Attempt?
  var watchers: [AsyncStream<RotationProgress>.Continuation] = []
  var nonces: [NodeName: [UInt8]] = [:]
  /// The orders that the nonces went with.
  var noncePlaces: [NodeName: OrderPlace] = [:]
  /// The nodes that were left behind and have not caught up yet.
  var late: Set<NodeName> = []
  /// The nodes whose refusal to catch up is recorded.
  var recordedBehind: Set<NodeName> = []
  var tickets: [ServiceTicket] = []
  var schedulePause: WallClockWait?
  var failuresInARow = 0
}

/// One node in memory.
struct NodeState: Sendable {
  var record: NodeRecord
  var attachment: NodeAttachment?
  var clockOffset: TimeInterval?
  var fault: String?
}
