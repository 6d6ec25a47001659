import ChildProcesses
import Foundation
import Testing

/// A rotator with three agents that many rows of the table of `docs/parity.md` are tried on, one after the other. Its domain controller can give
/// each password back.
struct ParitySite: Sendable {
  let cluster: LabCluster

  /// The one of the suite that runs.
  @TaskLocal static var current: ParitySite?

  private static let layout = LabCluster.Layout(
    account: "LAB\\PARITY$", servicePrincipalNames: ["http/parity.lab.example", "http/auto-parity.lab.example"],
    nodes: (1...3).map { "parity-\($0).lab.example" }, policy: "every: 30d, require: 2, absentGrace: 1s, slotLimit: 24",
    hasFaultHooks: true)

  var nodes: [String] { Self.layout.nodes }

  /// Makes it, runs `body` on it, and ends it.
  static func with(_ body: @Sendable () async throws -> Void) async throws {
    try await LabCluster.with(layout, accountOptions: ["--reversible"]) { cluster in
      try cluster.raiseSlotLimit()
      try await cluster.startAll()
      try await $current.withValue(ParitySite(cluster: cluster)) { try await body() }
    }
  }

  /// The kvno as an administrator reads it over LDAP.
  func version() async throws -> Int { try await cluster.ldapEntry(of: cluster.accountName).version }

  /// The password of now, which only this lab's domain controller gives away.
  func password() async throws -> String {
    let shown = try await cluster.lab.run(
      "samba-tool", "user", "getpassword", cluster.accountName, "--attributes=virtualClearTextUTF8", "-s",
      "\(cluster.lab.state)/dc1/etc/smb.conf", "-H", "\(cluster.lab.state)/dc1/private/sam.ldb")
    let name = "virtualClearTextUTF8:"
    let line = try #require(shown.replacing("\n ", with: "").split(separator: "\n").first { $0.hasPrefix(name) })
    // A second colon tells that it is Base64 (RFC 2849).
    let value = line.dropFirst(name.count)
    guard value.hasPrefix(":") else { return String(value.dropFirst()) }
    return String(decoding: try #require(Data(base64Encoded: String(value.dropFirst(2)))), as: UTF8.self)
  }

  /// The records that the account's rotations have left in the journal: MESSAGE_ID and message, oldest first.
  func journal() throws -> [(identifier: String, message: String)] {
    try String(contentsOfFile: cluster.lab.journal, encoding: .utf8).split(separator: "\n").compactMap { line in
      let entry = try JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
      guard entry["ASA_ACCOUNT"]?.string == cluster.layout.account, let identifier = entry["MESSAGE_ID"]?.string else {
        return nil
      }
      return (identifier, entry["MESSAGE"]?.string ?? "")
    }
  }

  /// Every node accepts new tickets for every SPN, by MIT's own tool, and has the kvno in its keytab.
  func expectAccepted(_ version: Int, by members: [String]? = nil) async throws {
    let fresh = try await cluster.clientTickets("fresh-\(version)")
    for node in members ?? nodes {
      #expect(try await cluster.accepts(node, tickets: fresh), "\(node)")
      #expect(try await cluster.versions(in: node).contains(version), "\(node)")
    }
  }
}

/// Gives a suite one site for all of its tests.
struct OnParitySite: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await ParitySite.with(function)
  }
}
