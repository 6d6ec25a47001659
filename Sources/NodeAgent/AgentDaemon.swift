package import Configuration
import FaultHooks
import Foundation
package import Logging
import PosixStatus
package import RotationCore
import ServiceLifecycle
package import Systemd
import UnixSignals

/// The whole agent: checks itself, projects its slots, and serves its rotators until it is told to stop.
package struct AgentDaemon: Sendable {
  /// How long checking and writing all keytabs may take at the start.
  private static let startLimit: Duration = .seconds(120)

  private let configuration: AgentConfiguration
  private let logger: Logger
  private let notifier: ServiceNotifier
  private let consumers: any ConsumerActing

  /// Makes the agent of one configuration.
  ///
  /// - Parameter consumers: Who makes programs read their keytabs again.
  package init(
    _ configuration: AgentConfiguration, logger: Logger, notifier: ServiceNotifier, consumers: any ConsumerActing
  ) {
    self.configuration = configuration
    self.logger = logger
    self.notifier = notifier
    self.consumers = consumers
  }

  /// Checks the node's own certificates and keytabs, and changes nothing.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` with what is wrong.
  package func check() async throws(OperatorFault) {
    _ = try await NodeIdentity.load(configuration, now: Date())
    try ManagedKeytabs(configuration.keytabs, savedDirectory: configuration.stateDirectory).check(for: [])
  }

  /// Runs until SIGTERM or SIGINT. A rotator that is down or refuses the agent does not end it: its keytabs are kept all the same.
  ///
  /// - Throws: ``OperatorFault`` if the agent cannot start: of kind `.configuration` for its certificates and keytabs.
  package func run() async throws(OperatorFault) {
    _ = try await NodeIdentity.load(configuration, now: Date())
    let directory = try StateDirectory(path: configuration.stateDirectory)
    let journal = PacedJournal(logger)
    let watchdog = watchdog(journal)
    let status = AgentStatus(
      rotators: configuration.rotators.map(\.label), sink: watchdog.map { $0 } ?? StatusLine(notifier: notifier),
      clock: { MonotonicClock.seconds })
    let keeper = SlotKeeper(
      configuration, directory: directory, journal: journal, show: status.holds, reached: Self.onlooker())
    status.begins("first look at the keytabs", of: .keeper, within: Self.startLimit)
    watchdog?.start()
    try await keeper.start()
    let outcome = await serve(keeper, installation: directory.installation, journal, status) {
      // systemd waits for no ping of a service that stops.
      watchdog?.stop()
      status.end()
      notifier.stopping()
    }
    await keeper.stop()
    try outcome.get()
  }

  /// Whom a debug build tells of every boundary; nobody otherwise.
  private static func onlooker() -> @Sendable (AgentBoundary) -> Void {
    #if DEBUG
      if let hooks = FaultHooks() { return { hooks.reached($0) } }
    #endif
    return { _ in }
  }

  /// The watchdog, if the unit asks for one (`WatchdogSec=`).
  private func watchdog(_ journal: PacedJournal) -> SchedulerWatchdog? {
    notifier.watchdogInterval.map { interval in
      SchedulerWatchdog(notifier: notifier, interval: interval) { step in
        let seconds = Int(MonotonicClock.seconds - step.since)
        journal.logger.critical(
          "\(step.phase) has not ended in \(seconds) s: the agent does not work and has itself started again",
          metadata: ["phase": "\(step.phase)", "seconds": "\(seconds)"])
      }
    }
  }

  private func serve(
    _ keeper: SlotKeeper, installation: String, _ journal: PacedJournal, _ status: AgentStatus,
    stopping: @escaping @Sendable () -> Void
  ) async -> Result<Void, OperatorFault> {
    let clock = ContinuousClock()
    let contact = RotatorContact(rotators: configuration.rotators.map(\.label))
    let links = configuration.rotators.map { rotator in
      LinkService(
        loop: ReconnectLoop(
          dialler: RotatorDialler(configuration, to: rotator, installation: installation, keeper: keeper, contact: contact),
          rotator: rotator.label, clock: clock, randomness: SystemRandomNumberGenerator(), journal: journal, status: status))
    }
    let services: [any Service] = [
      HeartbeatService(keeper: keeper, status: status, journal: journal, clock: clock),
      DriftService(keeper: keeper, clock: clock),
      ConsumerService(
        keeper: keeper, acting: consumers, balancerDelay: configuration.drainTime, clock: clock),
      WatchService(
        keeper: keeper, contact: contact, look: DirectoryLook(keeper: keeper, logger: journal.logger), clock: clock),
      // The keytabs are in order, and a rotator that is down need not keep consumers waiting.
      ReadyNotice {
        notifier.ready(status: status.sentence)
        logger.notice("ready: \(status.sentence)")
      },
    ]
    let checks = configuration.agentCheck.map { address -> [any Service] in
      [AgentCheckService(address: address, state: keeper.serviceState, logger: logger)]
    }
    // Last in the list, so first to hear of the shutdown.
    return await run(services + (checks ?? []) + links + [StopNotice(say: stopping)])
  }

  private func run(_ services: [any Service]) async -> Result<Void, OperatorFault> {
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .notice)
    let group = ServiceGroup(
      configuration: .init(
        services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
    do {
      try await group.run()
      return .success(())
    } catch let fault as OperatorFault {
      return .failure(fault)
    } catch {
      return .failure(OperatorFault(.software, "asa-agentd", "stopped: \(error)"))
    }
  }
}

/// The link to one rotator as a service.
private struct LinkService: Service, CustomStringConvertible {
  let loop: ReconnectLoop<SystemRandomNumberGenerator>

  /// The service group logs this instead of everything that the service holds.
  var description: String { "link" }

  func run() async throws {
    await cancelWhenGracefulShutdown { await loop.run() }
  }
}

/// Says that the agent is ready as soon as its services run.
private struct ReadyNotice: Service, CustomStringConvertible {
  let say: @Sendable () -> Void

  /// The service group logs this instead of everything that the service holds.
  var description: String { "ready notice" }

  func run() async throws {
    say()
    try? await gracefulShutdown()
  }
}

/// Says that the agent is stopping as soon as that is known.
private struct StopNotice: Service, CustomStringConvertible {
  let say: @Sendable () -> Void

  /// The service group logs this instead of everything that the service holds.
  var description: String { "stop notice" }

  func run() async throws {
    try? await gracefulShutdown()
    say()
  }
}
