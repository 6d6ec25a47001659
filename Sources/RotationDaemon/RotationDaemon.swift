import AgentService
import Configuration
import CredentialStore
import Foundation
import Kerberos
package import Logging
package import RotationCore
import ServiceLifecycle
import Systemd
import UnixSignals

/// The rotator: loads its configuration and its store, listens for agents and for administrators, and lets the scheduler work.
package enum RotationDaemon {
  /// The version that `--version`, `status` and the agents see.
  package static let version = "0.1.0"

  /// Runs until SIGTERM or SIGINT.
  ///
  /// - Parameters:
  ///   - path: The configuration file.
  ///   - level: Overrides the configured log level.
  /// - Throws: ``OperatorFault``, with nothing changed, if the configuration, the store, a certificate or an address is unusable.
  package static func run(configuration path: String, logLevel level: Logger.Level?) async throws(OperatorFault) {
    ProcessHardening.apply()
    try ProcessConfiguration.isolate()
    let configuration = try RotatorConfiguration.load(path: path)
    let logger = makeLogger(level ?? Logger.Level(rawValue: configuration.log.level) ?? .info)
    let composition = DaemonComposition(
      configuration: configuration, logger: logger, isPatient: ServiceNotifier().isAttended)
    let store = try composition.openStore()
    let parts = try await DaemonParts(composition, path: path, store: store)
    try await serve(parts.services, logger: logger)
    parts.watchdog.stop()
    try await store.close()
  }

  private static func makeLogger(_ level: Logger.Level) -> Logger {
    Logger(label: "asa-rotatord") { label in
      JournalLogHandler(label: label, identifier: "asa-rotatord", level: level, destination: .detected())
    }
  }

  private static func serve(_ services: [FaultNamingService], logger: Logger) async throws(OperatorFault) {
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .notice)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
    do {
      try await group.run()
    } catch let fault as OperatorFault {
      throw fault
    } catch {
      throw OperatorFault(.software, "asa-rotatord", "a service ended: \(error)")
    }
  }
}

/// Runs one part under the service group: graceful shutdown cancels it, and it ends the daemon only with a fault.
struct FaultNamingService: Service {
  let name: String
  let body: @Sendable () async throws(OperatorFault) -> Void
  /// What comes before the cancellation.
  var farewell: @Sendable () async -> Void = {}

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await body() }
      group.addTask {
        do { try await gracefulShutdown() } catch { return }
        await farewell()
      }
      // Whichever ends first ends the other.
      try await group.next()
      group.cancelAll()
      try await group.waitForAll()
    }
  }
}

/// Tells systemd that the daemon is ready once the state is loaded and every listener is bound.
struct DaemonReadiness: Sendable {
  let agents: AgentService
  let control: ControlServers
  let notifier: ServiceNotifier
  let logger: Logger

  func announce(_ scheduler: RotationScheduler) async {
    do throws(OperatorFault) {
      let port = try await agents.listeningPort
      try await control.waitUntilBound()
      notifier.ready(status: await scheduler.statusSentence())
      logger.notice("Ready", metadata: ["port": "\(port)"])
    } catch {
      // The listener that failed ends the daemon with its own fault.
      logger.error("Not ready: \(error)", metadata: ["fault": "\(error)"])
    }
  }
}
