import ChildProcesses
import Foundation
import Testing

/// A cluster whose daemons are killed: two nodes with two keytabs each, so that a crash can come between the two.
struct CrashSite {
  let cluster: LabCluster

  static func layout(_ number: Int) -> LabCluster.Layout {
    LabCluster.Layout(
      account: "LAB\\CRASH\(number)$", servicePrincipalNames: ["http/crash\(number).lab.example"],
      nodes: (1...2).map { "crash\(number)-\($0).lab.example" },
      policy: "every: 30d, require: all, slotLimit: 64", hasFaultHooks: true)
  }

  /// Makes a cluster, starts nothing, and runs `body`.
  static func with<Result>(_ number: Int, _ body: (CrashSite) async throws -> Result) async throws -> Result {
    try await LabCluster.with(layout(number)) { cluster in
      let site = CrashSite(cluster: cluster)
      for node in cluster.layout.nodes { try site.addSecondKeytab(to: node) }
      return try await body(site)
    }
  }

  var rotator: String { "rotator" }
  var nodes: [String] { cluster.layout.nodes }

  /// The keytab that no proof looks into: it can be in the way of an order and not of a preflight.
  func secondKeytab(of node: String) -> String { "\(cluster.directory)/\(node)/keytabs/second.keytab" }

  private func addSecondKeytab(to node: String) throws {
    let path = "\(cluster.directory)/\(node).yaml"
    let entry = "  - { path: \(secondKeytab(of: node)), account: '\(cluster.layout.account)', mode: \"0640\" }\nslotLimit: 64\n"
    let text = try String(contentsOfFile: path, encoding: .utf8).replacing("log: {", with: entry + "log: {")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    try FileManager.default.copyItem(atPath: cluster.keytab(of: node), toPath: secondKeytab(of: node))
  }

  /// Starts a daemon, and waits for none.
  func launch(_ name: String) async throws {
    if name == rotator { try await cluster.launchRotator() } else { try await cluster.startAgent(name) }
  }

  /// Starts everything, rotates once, and returns when nothing moves any more.
  func startAll() async throws {
    try await cluster.startAll()
    try await settle()
    try await rotateUndisturbed()
  }

  /// A rotation that succeeds, and the rest after it; its trace is left.
  func rotateUndisturbed() async throws {
    let rotation = try await cluster.rotate()
    guard rotation.status == 0 else { throw CrashFinding("a rotation without a crash failed: \(rotation.errors)") }
    try await settle()
  }

  /// Returns when every node accepts a ticket and no daemon has reached a boundary for a while.
  func settle() async throws {
    try await cluster.waitUntil("every node is in order") {
      guard try await verify() == nil else { return false }
      return try await isFollowed()
    }
    var before = -1
    try await cluster.waitUntil("the daemons are at rest") {
      let count = boundaryCount()
      defer { before = count }
      try await Task.sleep(for: .milliseconds(200))
      return count == before
    }
    for name in [rotator] + nodes { try cluster.clearTrace(of: name) }
  }

  /// Whether every node is attached and holds what was ordered last.
  func isFollowed() async throws -> Bool {
    let listed = try await cluster.json("status")["accounts"]?[0]?["nodes"]?.array ?? []
    return listed.count == nodes.count
      && listed.allSatisfy {
        $0["behind"]?.boolean == false && $0["fault"]?.string == nil && $0["connection"]?.string == "attached"
      }
  }

  private func boundaryCount() -> Int {
    ([rotator] + nodes).map { name in cluster.trace(of: name).count { $0.name != "turn" } }.reduce(0, +)
  }

  /// Why `asactl verify` does not pass; `nil` if it does.
  func verify() async throws -> String? {
    let result = try await cluster.asactl("verify", "--json")
    guard result.status == 0 else { return "verify: \(result.output)\(result.errors)" }
    let verdicts = try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
    let accepted = verdicts["accepted"]?.number ?? 0
    return accepted == Double(nodes.count * cluster.layout.servicePrincipalNames.count) ? nil : "verify asked \(accepted) nodes"
  }

  /// Puts something in the way of the last node's second keytab, which only an order finds.
  func obstruct() throws {
    let path = secondKeytab(of: nodes[1])
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  /// Takes it away, if it is there.
  func clearObstruction() throws {
    let path = secondKeytab(of: nodes[1])
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else { return }
    try FileManager.default.removeItem(atPath: path)
  }

  /// Waits until a daemon has killed itself where `kill-at` told it to; `false` if it never came there.
  func isGone(_ name: String, within limit: Duration = .seconds(40)) async throws -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
      let isArmed = FileManager.default.fileExists(atPath: "\(cluster.hooks(of: name))/kill-at")
      if !isArmed, !(await cluster.isRunning(name)) { return true }
      try await Task.sleep(for: .milliseconds(5))
    }
    return false
  }
}
