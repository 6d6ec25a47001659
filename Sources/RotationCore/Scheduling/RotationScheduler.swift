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
  let alarms: (any AlarmRaising)?
  let pulse: (any PulseTaking)?
  var clock: any PolicyClock
  let entropy: any EntropySource
  let logger: Logger
  let reached: @Sendable (Boundary) -> Void
  let inbox: AsyncStream<SchedulerEvent>
  nonisolated let post: AsyncStream<SchedulerEvent>.Continuation

  var settings: [AccountName: ManagedAccount]
  var accounts: [AccountName: ManagedState] = [:]
  var nodes: [NodeName: NodeState] = [:]
  var identity: StoreIdentity?
  /// Records that the store has refused so far; every tick tries them again.
  var unsaved: [OutcomeRecord] = []
  /// How long the schedule lets nodes dial in after a start before it counts them absent.
  var attachGrace: WallClockWait?
  /// When this run began.
  var startedAt: Date
  /// What the daemon remembers of itself: the alarms, and whether it runs.
  var daemon = DaemonRecord()
  /// Why the store refuses writes, while it does.
  var storeFault: OperatorFault?
  /// The nodes that are destroying their keys.
  var decommissions: [NodeName: Decommission] = [:]
  /// The commands that wait for nodes to destroy keys, or to confirm that they hold them.
  var credentialWork = CredentialWork()
  /// Whose consumers are loading a new key now.
  var turns = ConsumerTurns()
  /// Since when a notice is on its way, in seconds of CLOCK_MONOTONIC.
  var noticeSentAt: Double?

  /// Takes the accounts and the ports; nothing happens before ``run(after:onReady:)``.
  ///
  /// - Parameters:
  ///   - alarms: Where alarms go; `nil` where nothing could be started.
  ///   - pulse: Who watches the loop; `nil` where nobody does.
  ///   - entropy: Where rotation ids, nonces and passwords come from.
  ///   - reached: Called at every boundary, by whatever thread reaches it; what it blocks waits.
  package init(
    accounts: [ManagedAccount], fleet: any NodeFleet, store: any RotationStoring, recorder: any OutcomeRecording,
    alarms: (any AlarmRaising)?, pulse: (any PulseTaking)?, clock: any PolicyClock,
    entropy: any EntropySource = SystemEntropy(),
    logger: Logger, reached: @escaping @Sendable (Boundary) -> Void = { _ in }
  ) {
    settings = Dictionary(accounts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.fleet = fleet
    self.store = store
    self.recorder = recorder
    self.alarms = alarms
    self.pulse = pulse
    self.clock = clock
    self.entropy = entropy
    self.logger = logger
    self.reached = reached
    startedAt = clock.now()
    (inbox, post) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
  }

  /// Loads the state, resumes open rotations, and serves events until the task is cancelled.
  ///
  /// - Parameters:
  ///   - stall: The step for which the watchdog ended the run before, if it did.
  ///   - onReady: Called once, when the state is loaded.
  /// - Throws: ``OperatorFault`` if the store cannot be read.
  package func run(after stall: DueStep?, onReady: @Sendable () async -> Void) async throws(OperatorFault) {
    try await restore(after: stall)
    publishPulse()
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
        reached(.turn)
        if Task.isCancelled { decline(event) } else { await process(event, in: &group) }
        publishPulse()
      }
      for name in accountNames { finishWatchers(of: name) }
      for node in decommissions.keys { decommissionExpired(node) }
      stopCredentialWork()
      // Before the work in flight ends, which may take longer than systemd waits.
      await rememberOrderlyStop()
      group.cancelAll()
    }
  }

  /// What is still asked for while the daemon stops gets an answer, so that nobody waits for ever.
  private func decline(_ event: SchedulerEvent) {
    switch event {
    case .attemptRequested(let request): refuse(request, Self.stopping)
    case .revokeRequested(_, let reply), .decommissionRequested(_, let reply): reply(.failure(Self.stopping))
    case .exclusionRequested(_, _, let reply): reply(.failure(Self.stopping))
    case .decommissionExpired(let node): decommissionExpired(node)
    case .removalRequested(_, let reply): reply(.failure(Self.stopping))
    case .copyRequested(let request): request.refuse(Self.stopping)
    case .pruneRequested(_, let reply): reply(.failure(Self.stopping))
    case .credentialWorkExpired(let id): credentialWorkExpired(id)
    case .pauseRequested(_, _, let reply): reply(.failure(Self.stopping))
    case .acknowledgeRequested(_, let reply): reply(.failure(Self.stopping))
    case .reloadRequested(_, let reply): reply(.failure(Self.stopping))
    case .forgetRequested(let request), .successorWasRead(let request, _, _), .replicaWasTried(let request, _):
      request.reply(.failure(Self.stopping))
    case .adoptionRequested(_, let reply), .adoptionWasStudied(_, _, let reply): reply(.failure(Self.stopping))
    case .encryptionRequested(let request), .encryptionWasSurveyed(let request, _), .encryptionWasWritten(let request, _, _, _):
      request.reply(.failure(Self.stopping))
    case .node, .tick, .noteRequested, .preflightEnded, .machine, .commitWasChecked, .stampWasRead, .orderWasAnswered,
      .heldWasTried, .turnsAreFree,
      .alarmEnded, .accountWasRead,
      .directoryInspected, .convergenceDue, .controllersWereProbed:
      break
    }
  }

  /// The answer to everybody who comes too late.
  package static let stopping = OperatorFault(
    .temporary, "asa-rotatord", "is stopping", remedy: "try again when it has started anew")

  /// How often due dates, retirements and late nodes are looked at, in seconds of policy time.
  static let tickInterval: TimeInterval = 5

  /// Longer than the longest pause of an agent between two attempts to dial in.
  static let attachGraceSeconds: TimeInterval = 60

  private func process(_ event: SchedulerEvent, in group: inout DiscardingTaskGroup) async {
    var effects: [Effect] = []
    switch event {
    case .node(let event): await nodeEventHappened(event, effects: &effects)
    case .tick: await timePassed(effects: &effects)
    case .attemptRequested(let request): await attemptWasRequested(request, effects: &effects)
    case .preflightEnded(let account, let attempt, let outcome):
      await preflightEnded(account, attempt: attempt, outcome: outcome, effects: &effects)
    case .machine(let account, let rotation, let event):
      await advance(account, rotation: rotation, with: event, effects: &effects)
    case .commitWasChecked(let account, let rotation, let evidence, let tickets):
      accounts[account]?.tickets = tickets
      await advance(account, rotation: rotation, with: .commitWasChecked(evidence), effects: &effects)
    case .stampWasRead(let account, let result): await stampWasRead(of: account, result: result, effects: &effects)
    case .orderWasAnswered(let answer): await orderWasAnswered(answer, effects: &effects)
    case .heldWasTried(let account, let node, let verdict): await heldWasTried(account, node: node, verdict: verdict)
    case .turnsAreFree: grantConsumerTurns(effects: &effects)
    case .revokeRequested(let node, let reply): await revokeWasRequested(node, reply: reply, effects: &effects)
    case .exclusionRequested(let node, let exclusion, let reply):
      await exclusionWasRequested(node, exclusion, reply: reply, effects: &effects)
    case .decommissionRequested(let node, let reply):
      await decommissionWasRequested(node, reply: reply, effects: &effects)
    case .decommissionExpired(let node): decommissionExpired(node)
    case .removalRequested(let request, let reply): await removalWasRequested(request, reply: reply, effects: &effects)
    case .copyRequested(let request): await copyWasRequested(request, effects: &effects)
    case .pruneRequested(let request, let reply): await pruneWasRequested(request, reply: reply, effects: &effects)
    case .credentialWorkExpired(let id): credentialWorkExpired(id)
    case .accountWasRead(let account, let properties): accounts[account]?.record.properties = properties
    case .pauseRequested(let names, let pause, let reply): await pauseWasRequested(names, pause: pause, reply: reply)
    case .acknowledgeRequested(let request, let reply): await acknowledgeWasRequested(request, reply: reply)
    case .reloadRequested(let accounts, let reply): await reloadWasRequested(accounts, reply: reply, effects: &effects)
    case .adoptionRequested(let request, let reply): adoptionWasRequested(request, reply: reply, effects: &effects)
    case .adoptionWasStudied(let request, let result, let reply):
      await adoptionWasStudied(request, result: result, reply: reply)
    case .encryptionRequested(let request): encryptionWasRequested(request, effects: &effects)
    case .encryptionWasSurveyed(let request, let result):
      await encryptionWasSurveyed(request, result: result, effects: &effects)
    case .encryptionWasWritten(let request, let account, let goal, let answer):
      await encryptionWasWritten(request, account, goal: goal, answer: answer, effects: &effects)
    case .noteRequested(let record): await self.record(record)
    case .alarmEnded(let notice, let fault): await alarmEnded(notice, fault: fault)
    case .directoryInspected(let account, let observation):
      await directoryWasInspected(account, observation: observation, effects: &effects)
    case .convergenceDue(let account): probeAwaitedControllers(of: account, effects: &effects)
    case .controllersWereProbed(let account, let verdicts):
      await controllersWereProbed(account, verdicts: verdicts, effects: &effects)
    case .forgetRequested(let request): forgetWasRequested(request, effects: &effects)
    case .replicaWasTried(let request, let answers): await replicaWasTried(request, answers: answers, effects: &effects)
    case .successorWasRead(let request, let lost, let result):
      await successorWasRead(request, lost: lost, result: result, effects: &effects)
    }
    sendDueAlarm(effects: &effects)
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
  case preflightEnded(AccountName, attempt: RotationID, PreflightOutcome)
  case machine(AccountName, RotationID, RotationEvent)
  case commitWasChecked(AccountName, RotationID, CommitEvidence, [ServiceTicket])
  case stampWasRead(AccountName, Result<AccountState, OperatorFault>)
  case orderWasAnswered(OrderAnswer)
  case heldWasTried(AccountName, NodeName, HeldVerdict)
  case turnsAreFree
  case revokeRequested(NodeName, reply: Reply<RevocationReceipt>)
  case exclusionRequested(NodeName, NodeExclusion?, reply: Reply<Void>)
  case decommissionRequested(NodeName, reply: Reply<RevocationReceipt>)
  case decommissionExpired(NodeName)
  case removalRequested(RemovalRequest, reply: Reply<RemovalReceipt>)
  case copyRequested(CopyRequest)
  case pruneRequested(PruneRequest, reply: Reply<[PruneReceipt]>)
  case credentialWorkExpired(Int)
  case accountWasRead(AccountName, AccountProperties)
  case pauseRequested([AccountName], SchedulePause?, reply: Reply<[AccountName]>)
  case acknowledgeRequested(AcknowledgeRequest, reply: Reply<[Alarm]>)
  case reloadRequested([ManagedAccount], reply: Reply<Void>)
  case adoptionRequested(AdoptionRequest, reply: Reply<AdoptionReceipt>)
  case adoptionWasStudied(AdoptionRequest, Result<AdoptionStudy.Findings, OperatorFault>, reply: Reply<AdoptionReceipt>)
  case encryptionRequested(EncryptionRequest)
  case encryptionWasSurveyed(EncryptionRequest, Result<EncryptionFindings, OperatorFault>)
  case encryptionWasWritten(EncryptionRequest, DirectoryAccount, UInt32, DirectoryWriteAnswer)
  case noteRequested(OutcomeRecord)
  case alarmEnded(AlarmNotice, OperatorFault?)
  case directoryInspected(AccountName, DirectoryObservation)
  case convergenceDue(AccountName)
  case controllersWereProbed(AccountName, [String: ConvergenceProbe.Verdict])
  case forgetRequested(ForgetRequest)
  case replicaWasTried(ForgetRequest, answers: Bool)
  case successorWasRead(ForgetRequest, lost: DirectoryServer, Result<SuccessorFindings, OperatorFault>)

  /// Answers whoever asked.
  typealias Reply<Value> = @Sendable (Result<Value, OperatorFault>) -> Void
}

/// What revoking a node did.
package struct RevocationReceipt: Sendable {
  /// Every certificate issued up to then is refused.
  package var revokedAt: Date
  /// Whether a live stream was cut.
  package var wasAttached: Bool
}

/// What trying tickets on a node outside of a rotation showed.
enum HeldVerdict: Sendable, Equatable {
  /// It accepts one for every SPN.
  case accepted
  /// It does not.
  case refused(OperatorFault)
  /// There was no ticket to try.
  case unknown
}

/// A node's answer to an order, with its checksums judged.
struct OrderAnswer: Sendable {
  var account: AccountName
  var node: NodeName
  var epoch: Epoch
  var version: UInt64
  /// Why the node does not hold what was ordered; `nil` if it does.
  var problem: String?
  /// Whether its consumers have loaded the keys, or have failed to.
  var isComplete = false
}

/// Somebody, or the schedule, wants a rotation.
struct AttemptRequest: Sendable {
  var account: AccountName
  var isDryRun: Bool
  var isScheduled: Bool
  /// Whether the claim may replace another claimant's.
  var isTakeover = false
  /// Whether it is to end somebody else's password.
  var endsDrift = false
  /// Why every older key is to end with it.
  var compromise: Compromise?
  /// The nodes that it was asked for; `nil`: whichever the account has.
  var scope: RotationScope?
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
    var isTakeover: Bool
    var endsDrift: Bool
    var compromise: Compromise?
    var watchers: [AsyncStream<RotationProgress>.Continuation]
  }

  var record: AccountRecord
  /// Guards everything that goes out: orders and the steps of an open rotation.
  var gate: Gate = .unchecked
  var stampReadPause: WallClockWait?
  var attempt: Attempt?
  var watchers: [AsyncStream<RotationProgress>.Continuation] = []
  var nonces: [NodeName: [UInt8]] = [:]
  /// The orders that the nonces went with.
  var noncePlaces: [NodeName: OrderPlace] = [:]
  /// What those orders are for.
  var nonceSteps: [NodeName: Boundary.Step] = [:]
  /// The nodes that were left behind and have not caught up yet.
  var late: Set<NodeName> = []
  /// Attached nodes that have not answered the newest order, with the time that they are given.
  var unanswered: [NodeName: WallClockWait] = [:]
  /// What nodes last said of the programs that cache the account's keys.
  var consumers: [NodeName: [ConsumerReport]] = [:]
  /// Answers to the newest order that wait until those programs have loaded the keys.
  var unfinished: [NodeName: OrderAnswer] = [:]
  /// The nodes that are trying a ticket outside of a rotation.
  var proofs: Set<NodeName> = []
  var tickets: [ServiceTicket] = []
  /// When the account is next looked at in the directory, unless a rotation is open.
  var nextInspection: WallClockWait?
  /// Whether keys are being adopted from a node.
  var isAdopting = false
  /// Whether its encryption types are being changed in the directory.
  var isMigrating = false
  /// When the other domain controllers are asked next.
  var convergence = ConvergenceWatch()
  /// The phases of the attempt under way.
  var phases: [PhaseMark] = []
  /// The steps that nodes have taken in the rotation under way, or took in the last one.
  var steps: [NodeName: [NodeStepMark]] = [:]
  /// When work that must end by itself began, in seconds of CLOCK_MONOTONIC.
  var since = StepTimes()
}

/// When the steps in flight for one account began, in seconds of CLOCK_MONOTONIC.
struct StepTimes: Sendable {
  var preflight: Double?
  var stampRead: Double?
  var inspection: Double?
  var convergence: Double?
  /// When orders last went to all nodes.
  var ordered: Double?
  /// When the open rotation last moved.
  var rotationMoved: Double?
}

/// One node in memory.
struct NodeState: Sendable {
  var record: NodeRecord
  /// Since when it could have attached to this run of the daemon.
  var expectedSince: Date
  var attachment: NodeAttachment?
  var clockOffset: TimeInterval?
  var fault: String?
}
