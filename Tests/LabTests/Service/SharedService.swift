import ChildProcesses
import Foundation

/// What clients meet of a cluster under its shared name: on each node an acceptor and an Apache, both with the node's keytab, and one HAProxy
/// before the Apaches that sends nobody to a node without its readiness file.
struct SharedService: Sendable {
  static let port = 8080

  /// The directory of the acceptors and the clients.
  static let programs: String = {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.appendingPathComponent("Tests/Soak").path
  }()

  let cluster: LabCluster

  var nodes: [String] { cluster.layout.nodes }
  /// The name that clients know.
  var host: String { String(cluster.layout.servicePrincipalNames[0].drop { $0 != "/" }.dropFirst()) }
  /// Where HAProxy listens.
  var address: String { "\(network).70" }
  /// Addresses of this cluster alone.
  var network: String { "127.\(cluster.port >> 8).\(cluster.port & 0xFF)" }

  /// Lets Apache's user at the keytab and at the readiness file, and writes the configurations. Before the agents start.
  func prepare() async throws {
    for path in [cluster.directory] + nodes.map({ "\(cluster.directory)/\($0)" }) {
      try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: path)
    }
    for node in nodes {
      try await prepareKeytab(of: node)
      try makeDirectories(of: node)
      try writeApacheConfiguration(of: node)
    }
    try writeBalancerConfiguration()
  }

  /// Starts HAProxy, and on every node what accepts.
  func startAll() async throws {
    for node in nodes { try await start(node) }
    try await start("balancer", ["haproxy", "-db", "-f", "\(cluster.directory)/haproxy.cfg"])
  }

  func start(_ node: String) async throws {
    // Each machine has a replay cache of its own.
    let environment = ["TMPDIR": "\(cluster.directory)/\(node)/tmp"]
    try await start(
      acceptor(of: node),
      ["\(Self.programs)/acceptor", "--keytab", cluster.keytab(of: node), "--socket", socket(of: node)], environment)
    try await start(
      webServer(of: node), ["apache2", "-f", "\(cluster.directory)/\(node)/apache.conf", "-D", "FOREGROUND"], environment)
    try await cluster.waitUntil("\(node) listens") { FileManager.default.fileExists(atPath: socket(of: node)) }
  }

  /// Lets what accepts on a node end what it has begun, and then itself.
  func stop(_ node: String) async throws {
    await cluster.signal(webServer(of: node), SIGWINCH)
    try await cluster.waitUntil("Apache of \(node) has ended") { await !cluster.isRunning(webServer(of: node)) }
    await cluster.stop(acceptor(of: node))
  }

  /// Ends what accepts on a node in the middle of whatever it does.
  func kill(_ node: String) async {
    await cluster.kill(acceptor(of: node))
    // Apache's first process alone would leave the others.
    await cluster.stop(webServer(of: node))
  }

  /// The acceptors of all nodes, as `present-tickets` names them.
  var acceptors: [String] { nodes.map { "\($0):\(socket(of: $0)):\(readinessFile(of: $0))" } }

  func socket(of node: String) -> String { "\(cluster.directory)/\(node)/acceptor.socket" }

  func readinessFile(of node: String) -> String { "\(cluster.directory)/\(node)/ready" }

  private func acceptor(of node: String) -> String { "\(node).acceptor" }

  private func webServer(of node: String) -> String { "\(node).apache" }

  private func start(_ name: String, _ command: [String], _ environment: [String: String] = [:]) async throws {
    try await cluster.daemons.start(name, command, log: "\(cluster.directory)/\(name).log", environment: environment)
  }

  private func prepareKeytab(of node: String) async throws {
    let directory = "\(cluster.directory)/\(node)/keytabs"
    try await cluster.lab.run("chgrp", "-R", "www-data", directory)
    try await cluster.lab.run("chmod", "2750", directory)
    try await cluster.lab.run("chmod", "0640", cluster.keytab(of: node))
    try cluster.edit("\(node).yaml") { $0.replacing("mode: \"0640\"", with: "mode: \"0640\", group: www-data") }
  }

  private func makeDirectories(of node: String) throws {
    for (name, mode) in [("tmp", 0o1777), ("pages", 0o755)] {
      let path = "\(cluster.directory)/\(node)/\(name)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
    try "a page\n".write(toFile: "\(cluster.directory)/\(node)/pages/page", atomically: false, encoding: .utf8)
  }
}
