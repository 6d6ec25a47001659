import AgentService
import Configuration
import CredentialStore
import FaultHooks
import Foundation
import Logging
import RotationCore
import ServiceLifecycle
import Systemd

/// The running parts of the daemon, put together.
struct DaemonParts: Sendable {
  let watchdog: SchedulerWatchdog
  private let agents: AgentService
  private let scheduler: RotationScheduler
  private let control: ControlServers
  private let metrics: MetricsService?
  private let readiness: DaemonReadiness
  private let notifier = ServiceNotifier()
  /// Takes the note of a stall away, when nothing but the store can fail any more.
  private let takeStall: @Sendable () -> DueStep?

  init(_ composition: DaemonComposition, path: String, store: SQLiteRotationStore) async throws(OperatorFault) {
    let (configuration, logger) = (composition.configuration, composition.logger)
    let recorder = JournalRecorder(identifier: "asa-rotatord")
    let note = StallNoteFile(stateDirectory: configuration.store.directory)
    let hooks = DaemonHooks()
    let clock = hooks.clock
    takeStall = { Self.stall(from: note, logger: logger) }
    // Without a watchdog in the unit a stall is told all the same; only nobody starts the daemon anew.
    watchdog = SchedulerWatchdog(notifier: notifier, interval: notifier.watchdogInterval ?? .seconds(30)) { step in
      recorder.record(step.stallRecord(at: clock.now()))
      do throws(OperatorFault) { try note.write(StallNote(step: step, time: clock.now())) } catch {
        logger.error("The stall could not be noted: \(error)", metadata: ["fault": "\(error)"])
      }
    }
    agents = try await composition.agentService(store: store)
    scheduler = RotationScheduler(
      accounts: try await composition.managedAccounts(), fleet: agents, store: store, recorder: recorder,
      alarms: Self.alarms(logger: logger), pulse: watchdog, clock: clock, logger: logger, reached: hooks.reached)
    let reloader = ConfigurationReloader(
      path: path, current: configuration, agents: agents, scheduler: scheduler, notifier: notifier, logger: logger)
    control = try ControlServers(
      configuration.control, scheduler: scheduler, store: store, agents: agents, reloader: reloader)
    metrics = configuration.metrics.file.map { [agents, scheduler] path in
      MetricsService(
        file: MetricsFile(path: path, logger: logger), scheduler: scheduler, agents: agents, clock: clock)
    }
    readiness = DaemonReadiness(agents: agents, control: control, notifier: notifier, logger: logger)
  }

  /// What the service group runs. The notice of the end is last in the list, so first to hear of the shutdown.
  var services: [FaultNamingService] {
    [
      FaultNamingService(
        name: "agents", body: { () async throws(OperatorFault) in try await agents.run() },
        farewell: { await agents.stopListening() }),
      FaultNamingService(
        name: "control", body: { () async throws(OperatorFault) in try await control.run() },
        farewell: { await control.stopListening() }),
      FaultNamingService(name: "scheduler") { () async throws(OperatorFault) in
        watchdog.start()
        try await scheduler.run(after: takeStall()) { await readiness.announce(scheduler) }
      },
      FaultNamingService(name: "metrics") { () async throws(OperatorFault) in
        if let metrics { await metrics.run() } else { try? await gracefulShutdown() }
      },
      FaultNamingService(name: "notice") { () async throws(OperatorFault) in
        try? await gracefulShutdown()
        // What is in flight may take longer to end than a turn of the loop may last.
        watchdog.stop()
        notifier.stopping()
      },
    ]
  }

  /// Where nothing has started us as a unit there is no unit to start either.
  private static func alarms(logger: Logger) -> OutcomeUnit? {
    guard ServiceNotifier().isAttended else {
      logger.notice("Alarms start no unit: systemd has not started this process as a service")
      return nil
    }
    return OutcomeUnit()
  }

  private static func stall(from note: StallNoteFile, logger: Logger) -> DueStep? {
    switch note.take() {
    case .nothing: return nil
    case .note(let note): return note.step
    case .unreadable(let fault):
      logger.error("The note of a stall cannot be read: \(fault)", metadata: ["fault": "\(fault)"])
      return nil
    }
  }
}

/// The faults that a debug build lets a test put in; none otherwise.
struct DaemonHooks: Sendable {
  let clock: SystemPolicyClock
  let reached: @Sendable (Boundary) -> Void

  init() {
    #if DEBUG
      if let hooks = FaultHooks() {
        clock = SystemPolicyClock(offset: { hooks.clockOffset }, bootOffset: { hooks.bootOffset }, attention: 0.2)
        reached = { boundary in
          if boundary == .turn { hooks.blockIfAsked() }
          hooks.reached(boundary)
        }
        return
      }
    #endif
    clock = SystemPolicyClock()
    reached = { _ in }
  }
}
