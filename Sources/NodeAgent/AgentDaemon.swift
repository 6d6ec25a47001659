package import Configuration
import Foundation
package import Logging
package import RotationCore
import ServiceLifecycle
package import Systemd
import UnixSignals

/// The whole agent: checks itself, projects its slots, and serves its rotator until it is told to stop.
package struct AgentDaemon: Sendable {
  private let configuration: AgentConfiguration
  private let logger: Logger
  private let notifier: ServiceNotifier

  /// Makes the agent of one configuration.
  package init(_ configuration: AgentConfiguration, logger: Logger, notifier: ServiceNotifier) {
    self.configuration = configuration
    self.logger = logger
    self.notifier = notifier
  }

  /// Checks the node's own certificates and keytabs, and changes nothing.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` with what is wrong.
  package func check() async throws(OperatorFault) {
    _ = try await NodeIdentity.load(configuration, now: Date())
    try ManagedKeytabs(configuration.keytabs, savedDirectory: configuration.stateDirectory).check(for: [])
  }

  /// Runs until SIGTERM or SIGINT.
  ///
  /// - Throws: ``OperatorFault`` if the agent cannot start or its rotator does not want it.
  package func run() async throws(OperatorFault) {
    _ = try await NodeIdentity.load(configuration, now: Date())
    let directory = try StateDirectory(path: configuration.stateDirectory)
    let keeper = SlotKeeper(configuration, directory: directory, logger: logger)
    try await keeper.start()
    notifier.ready(status: "slots projected, dialling rotator \(configuration.rotator.name)")
    let outcome = await runServices(keeper, installation: directory.installation)
    notifier.stopping()
    await keeper.stop()
    try outcome.get()
  }

  private func runServices(_ keeper: SlotKeeper, installation: String) async -> Result<Void, OperatorFault> {
    let dialler = RotatorDialler(configuration, installation: installation, keeper: keeper, logger: logger)
    let loop = ReconnectLoop(
      dialler: dialler, clock: ContinuousClock(), randomness: SystemRandomNumberGenerator(), logger: logger,
      notifier: notifier)
    let services = ServiceGroup(
      configuration: .init(
        services: [
          .init(service: LinkService(loop: loop)), .init(service: DriftService(keeper: keeper, clock: ContinuousClock())),
        ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    do {
      try await services.run()
      return .success(())
    } catch let fault as OperatorFault {
      return .failure(fault)
    } catch {
      return .failure(OperatorFault(.software, "asa-agentd", "stopped: \(error)"))
    }
  }
}

/// The link to the rotator as a service.
private struct LinkService: Service, CustomStringConvertible {
  let loop: ReconnectLoop<SystemRandomNumberGenerator>

  /// The service group logs this instead of everything that the service holds.
  var description: String { "link" }

  func run() async throws {
    try await cancelWhenGracefulShutdown { try await loop.run() }
  }
}
