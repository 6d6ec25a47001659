import ChildProcesses
import Foundation

/// An acceptor on a node that reads its keytab at its start and never again, with a control script of its own.
struct CachedConsumer: Sendable {
  let cluster: LabCluster
  let node: String

  private var directory: String { "\(cluster.directory)/\(node)/cached" }

  /// How `present-tickets` names it.
  var target: String { "\(node):\(directory)/socket:\(cluster.directory)/\(node)/ready" }

  /// Has the node's agent restart it for every new key. Before the agent starts.
  func register() throws {
    let words = command("restart").map { "\"\($0)\"" }.joined(separator: ", ")
    try cluster.edit("\(node).yaml") {
      $0.replacing("log: {", with: "consumers:\n  - { command: [\(words)], timeout: 8s }\nbalancerDelay: 1s\nlog: {")
    }
  }

  /// The process that serves now.
  func processIdentifier() throws -> String { try String(contentsOfFile: "\(directory)/pid", encoding: .utf8) }

  func start() async throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try await cluster.lab.run(command("start"))
  }

  func restart() async throws { try await cluster.lab.run(command("restart")) }

  func stop() async throws { try await cluster.lab.run(command("stop")) }

  private func command(_ action: String) -> [String] {
    ["\(SharedService.programs)/cached-consumer", action, directory, cluster.keytab(of: node)]
  }
}
