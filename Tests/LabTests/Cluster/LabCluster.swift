import ChildProcesses
import Foundation
import Testing

/// A rotator and its agents as real processes of the built programs, against the lab's domain controller, in a directory of their own.
final class LabCluster: Sendable {
  /// What a cluster is made of.
  struct Layout: Sendable {
    var account: String
    var servicePrincipalNames: [String]
    var nodes: [String]
    var policy = "every: 30d"
    var logLevel = "info"
    /// How the nodes' names are spelled in the rotator's configuration.
    var configuredNodes: [String]?
    /// Whether the rotator's configuration names the second domain controller too.
    var hasBothControllers = false
    /// Whether each daemon has a directory of fault hooks, see ``LabCluster/hooks(of:)``.
    var hasFaultHooks = false
    /// How long the certificates are valid.
    var certificateDays = 30
  }

  let lab: LabFixture
  let layout: Layout
  let directory: String
  let port: Int
  let daemons = DaemonTable()

  static let programs: String = {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.appendingPathComponent(".build/debug").path
  }()

  private init(lab: LabFixture, layout: Layout) throws {
    self.lab = lab
    self.layout = layout
    directory = "\(lab.state)/cluster-\(UUID().uuidString.prefix(8))"
    port = PortCounter.next()
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// Makes the account, the rights, the certificates, the configuration files and, unless told otherwise, each node's old keytab;
  /// runs `body`; ends every process.
  static func with<Result>(
    _ layout: Layout, accountOptions: [String] = [], keytabs: Bool = true,
    _ body: (LabCluster) async throws -> Result
  ) async throws -> Result {
    try await with(layout, prepare: { try await $0.prepare(accountOptions: accountOptions, keytabs: keytabs) }, body)
  }

  /// The same with accounts and configuration files of the caller's own.
  static func with<Result>(
    _ layout: Layout, prepare: (LabCluster) async throws -> Void, _ body: (LabCluster) async throws -> Result
  ) async throws -> Result {
    let lab = try #require(LabFixture.current)
    let cluster = try LabCluster(lab: lab, layout: layout)
    do {
      try await prepare(cluster)
      let result = try await body(cluster)
      await cluster.daemons.endAll()
      return result
    } catch {
      await cluster.daemons.endAll()
      throw ClusterFailure(cause: error, logs: cluster.logs())
    }
  }

  /// Starts the rotator and all agents, and returns when every node is attached.
  func startAll() async throws {
    try await startRotator()
    for node in layout.nodes { try await startAgent(node) }
    try await waitUntilAttached(layout.nodes)
  }

  /// - Parameter tracer: The words of a program that runs the daemon as its last argument.
  func startRotator(under tracer: [String] = []) async throws {
    try await launchRotator(under: tracer)
    try await waitUntil("the control socket answers") { try await asactl("status").status == 0 }
  }

  /// Starts the rotator, and does not wait for it.
  func launchRotator(under tracer: [String] = []) async throws {
    let command = tracer + ["\(Self.programs)/asa-rotatord", "--config", "\(directory)/rotator.yaml"]
    try await daemons.start(
      "rotator", command, log: "\(directory)/rotator.log", environment: try hookEnvironment(of: "rotator"))
  }

  /// Starts an agent with the node's configuration file; `name` is for the log, and to stop it by.
  func startAgent(
    _ node: String, as name: String? = nil, under tracer: [String] = [], environment: [String: String] = [:]
  ) async throws {
    let command = tracer + ["\(Self.programs)/asa-agentd", "--config", "\(directory)/\(node).yaml"]
    try await daemons.start(
      name ?? node, command, log: "\(directory)/\(name ?? node).log",
      environment: try hookEnvironment(of: name ?? node).merging(environment) { $1 })
  }

  /// Runs a program of ours in the foreground.
  func run(_ program: String, _ arguments: [String], prefix: [String] = []) async throws -> LabFixture.CommandResult {
    try await lab.result(of: prefix + ["\(Self.programs)/\(program)"] + arguments)
  }

  func asactl(_ arguments: String...) async throws -> LabFixture.CommandResult {
    try await run("asactl", arguments + ["--socket-directory", "\(directory)/run"])
  }

  /// The JSON document that a command prints with `--json`.
  func json(_ arguments: String...) async throws -> JSONValue {
    let result = try await run("asactl", arguments + ["--json", "--socket-directory", "\(directory)/run"])
    guard result.status == 0 else { throw LabFixture.CommandFailure(command: arguments, result: result) }
    return try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
  }

  func signal(_ name: String, _ signal: Int32) async { await daemons.signal(name, signal) }

  func isRunning(_ name: String) async -> Bool { await daemons.isRunning(name) }

  func stop(_ name: String) async { await daemons.end(name) }

  func processIdentifiers() async -> [Int32] { await daemons.identifiers() }

  func keytab(of node: String) -> String { "\(directory)/\(node)/keytabs/http.keytab" }

  func isReady(_ node: String) -> Bool { FileManager.default.fileExists(atPath: "\(directory)/\(node)/ready") }

  func log(of name: String) -> String { (try? String(contentsOfFile: "\(directory)/\(name).log", encoding: .utf8)) ?? "" }

  func logs() -> String {
    (["rotator"] + layout.nodes).map { "--- \($0)\n\(log(of: $0).suffix(6000))" }.joined(separator: "\n")
  }

  /// Polls a condition of another process, which has no event to await.
  func waitUntil(
    _ what: String, within limit: Duration = .seconds(30), _ condition: () async throws -> Bool
  ) async throws {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
      if try await condition() { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Timeout(what: what)
  }

  func waitUntilAttached(_ nodes: [String]) async throws {
    try await waitUntil("\(nodes) are attached and have reported") {
      let listed = (try await json("status")["accounts"]?.array ?? []).flatMap { $0["nodes"]?.array ?? [] }
      return nodes.allSatisfy { node in
        listed.contains {
          $0["node"]?.string == node.lowercased() && $0["connection"]?.string == "attached"
            && $0["keytabs"]?.array?.isEmpty == false
        }
      }
    }
  }

  /// The kvno that the directory has for the account.
  func directoryVersion(of renamed: String? = nil, on controller: String = "dc1") async throws -> Int {
    let name = renamed ?? accountName
    let output = try await lab.run(
      "ldbsearch", "-H", "\(lab.state)/\(controller)/private/sam.ldb", "(sAMAccountName=\(name))", "msDS-KeyVersionNumber")
    let line = output.split(separator: "\n").first { $0.hasPrefix("msDS-KeyVersionNumber:") }
    return try #require(line.flatMap { Int($0.split(separator: " ").last ?? "") })
  }
}

/// A daemon's log belongs to a failure that happened while it ran.
struct ClusterFailure: Error, CustomStringConvertible {
  let cause: any Error
  let logs: String

  var description: String { "\(cause)\n\(logs)" }
}

struct Timeout: Error, CustomStringConvertible {
  let what: String

  var description: String { "in vain waited until \(what)" }
}
