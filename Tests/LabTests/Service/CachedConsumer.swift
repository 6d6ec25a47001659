import ChildProcesses
import Foundation

/// An acceptor on a node that reads its keytab at its start and never again, with a control script of its own. The rotator does not restart such
/// consumers yet, so a soak sends them no clients: ``SoakSite/acceptors`` is where they join in.
struct CachedConsumer: Sendable {
  let cluster: LabCluster
  let node: String

  private var directory: String { "\(cluster.directory)/\(node)/cached" }

  /// How `present-tickets` names it.
  var target: String { "\(node):\(directory)/socket:\(cluster.directory)/\(node)/ready" }

  /// The command that an agent would restart it with.
  var restartCommand: [String] { command("restart") }

  func start() async throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try await cluster.lab.run(command("start"))
  }

  func restart() async throws { try await cluster.lab.run(restartCommand) }

  func stop() async throws { try await cluster.lab.run(command("stop")) }

  private func command(_ action: String) -> [String] {
    ["\(SharedService.programs)/cached-consumer", action, directory, cluster.keytab(of: node)]
  }
}
