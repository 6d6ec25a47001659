import ChildProcesses
import Foundation
import Kerberos
import RotationCore
import Synchronization
import Testing

/// A rotator, three agents and an account that a suite brings into one state after the other.
final class DryRunSite: Sendable {
  let cluster: LabCluster
  private let wire = Mutex<WireProxy?>(nil)

  /// The one of the suite that runs.
  @TaskLocal static var current: DryRunSite?

  static let servicePrincipalName = "http/dryrun.lab.example"
  static let policy = "every: 30d, require: 2, absentGrace: 1s"
  private static let layout = LabCluster.Layout(
    account: "LAB\\DRYRUN$", servicePrincipalNames: [servicePrincipalName],
    nodes: (1...3).map { "dryrun-\($0).lab.example" }, policy: policy, hasFaultHooks: true)

  /// Where the rotator looks for the domain controller once everything has begun anew, and where there never is any.
  static let (proxy, nowhere) = ("127.0.0.97", "127.0.0.98")

  var nodes: [String] { Self.layout.nodes }

  private init(_ cluster: LabCluster) { self.cluster = cluster }

  /// Makes it with an account that has no SPN yet and nodes without a keytab, runs `body` on it, and ends it.
  static func with(_ body: @Sendable () async throws -> Void) async throws {
    try await LabCluster.with(layout, keytabs: false) { cluster in
      let site = DryRunSite(cluster)
      try await cluster.changeAccount("delete: servicePrincipalName")
      try await cluster.startAll()
      defer { site.wire.withLock { $0?.stop() } }
      try await $current.withValue(site) { try await body() }
    }
  }

  func dryRun(_ options: [String]) async throws -> LabFixture.CommandResult {
    try await cluster.run("asactl", ["rotate", "--dry-run"] + options + ["--socket-directory", "\(cluster.directory)/run"])
  }

  /// Runs a command that has to succeed.
  func asactl(_ arguments: String...) async throws {
    let result = try await cluster.run("asactl", arguments + ["--socket-directory", "\(cluster.directory)/run"])
    #expect(result.status == 0, "\(arguments.joined(separator: " ")): \(result)")
  }
}

// MARK: - The ways into a state, and out of it

extension DryRunSite {
  /// Everything is as before the first rotation: no store, no slots, and each node has a keytab of the account from an administrator. While
  /// the domain controller cannot be asked nobody knows whether its keys are the right ones.
  func beginAnew() async throws {
    for name in ["rotator"] + nodes { await cluster.stop(name) }
    try FileManager.default.removeItem(atPath: "\(cluster.directory)/store")
    try await cluster.changeAccount("delete: adminDescription")
    try await registerName()
    for node in nodes {
      try FileManager.default.removeItem(atPath: "\(cluster.directory)/\(node)/state")
      try FileManager.default.removeItem(atPath: cluster.keytab(of: node))
      try await cluster.exportKeytab(to: node)
      try Self.leaveOutOwnName(cluster.keytab(of: node))
    }
    try cluster.edit("rotator.yaml") {
      $0.replacing("address: \(cluster.lab.controllerAddress)", with: "address: \(Self.proxy)")
    }
    try await cluster.startAll()
  }

  /// Without the account's own name in the keytab an agent cannot sign on as the account, and find out by itself whether the key is the right one.
  private static func leaveOutOwnName(_ path: String) throws {
    let entries = try KeytabFile.read(path).filter { $0.principal.contains("/") }
    try KeytabFile.write(entries, replacing: path, ownership: FileOwnership(mode: 0o640))
  }

  /// Gives the domain controller the address that the rotator knows.
  func findController() throws {
    try wire.withLock { $0 = try WireProxy(at: Self.proxy, before: cluster.lab.controllerAddress) }
  }

  /// Sends the rotator to an address where nobody is, or back.
  func pointElsewhere(_ isElsewhere: Bool) async throws {
    let (from, to) = isElsewhere ? (Self.proxy, Self.nowhere) : (Self.nowhere, Self.proxy)
    try cluster.edit("rotator.yaml") { $0.replacing("address: \(from)", with: "address: \(to)") }
    try await asactl("reload")
  }

  func registerName() async throws {
    try await cluster.changeAccount("add: servicePrincipalName", "servicePrincipalName: \(Self.servicePrincipalName)")
  }

  func rotate() async throws {
    let rotation = try await cluster.rotate()
    #expect(rotation.status == 0, "\(rotation.errors)")
  }

  func takeAway(_ node: String) async throws {
    await cluster.stop(node)
    try await cluster.waitUntil("the rotator knows that \(node) is away") { try await connection(of: node) == "detached" }
  }

  /// Starts the agents of nodes that were away, and waits until they hold what they should.
  func bringBack(_ absent: [String]) async throws {
    for node in absent { try await cluster.startAgent(node) }
    try await cluster.waitUntilAttached(absent)
    try await cluster.waitUntil("\(absent) have caught up") { try await cluster.areInOrder() }
  }

  func connection(of node: String) async throws -> String? {
    try await cluster.json("status", node)["accounts"]?[0]?["nodes"]?[0]?["connection"]?.string
  }

  func setPolicy(_ policy: String) async throws {
    try cluster.edit("rotator.yaml") { $0.replacing(#/policy: \{[^}]*\}/#, with: "policy: { \(policy) }") }
    try await asactl("reload")
  }

  /// Puts the stamp of another rotator on the account.
  func stampByAnother() async throws {
    let ours = try #require(try await cluster.directoryEntry().stamp)
    try ours.write(toFile: stampOfOurs, atomically: true, encoding: .utf8)
    try await setStamp("asa1;1.50;\(UUID().uuidString.lowercased());claimed;other-rotator")
  }

  /// Has the rotator find out that the account is another one's, by a rotation that is refused.
  func learnLoss() async throws {
    #expect(try await cluster.rotate().status == 75)
    try await cluster.waitUntil("it knows that the account is another one's") {
      try await cluster.asactl("status").output.contains("Nothing is pushed")
    }
  }

  func restoreStamp() async throws { try await setStamp(String(contentsOfFile: stampOfOurs, encoding: .utf8)) }

  private var stampOfOurs: String { "\(cluster.directory)/stamp" }

  private func setStamp(_ stamp: String) async throws {
    try await cluster.changeAccount("replace: adminDescription", "adminDescription: \(stamp)")
  }

  /// Takes a backup of the store, and rotates.
  func rotateAfterBackup() async throws {
    try await store("backup", "\(cluster.directory)/older.db")
    try await rotate()
  }

  /// Brings back the store of before the last rotation.
  func restoreOlderStore() async throws {
    await cluster.stop("rotator")
    try await store("restore", "\(cluster.directory)/older.db", "--yes")
    try await cluster.startRotator()
    // The third one was revoked after the backup: it is let in again, and has to be there as well.
    try await cluster.waitUntilAttached(nodes)
    try await cluster.waitUntil("it knows that its store is behind") {
      try await cluster.asactl("status").output.contains("Nothing is pushed")
    }
  }

  private func store(_ arguments: String...) async throws {
    let result = try await cluster.run("asactl", ["store"] + arguments + ["--config", "\(cluster.directory)/rotator.yaml"])
    #expect(result.status == 0, "\(result)")
  }
}

/// Gives a suite one site for all of its tests.
struct OnDryRunSite: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await DryRunSite.with(function)
  }
}
