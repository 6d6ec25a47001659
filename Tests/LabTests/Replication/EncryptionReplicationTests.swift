import ChildProcesses
import Foundation
import Testing

extension Replication {
  @Suite("Encryption types and compromised keys", .serialized, .timeLimit(.minutes(5)))
  struct EncryptionReplicationTests {
    private func layout(_ account: String, host: String, policy: String = "every: 30d") -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: (1...2).map { "\(host)-\($0).lab.example" }, policy: policy, hasBothControllers: true)
    }

    private func replicate(_ cluster: LabCluster, _ words: String...) async throws {
      let result = try await cluster.lab.result(of: ["replication"] + words)
      guard result.status == 0 else { throw LabFixture.CommandFailure(command: words, result: result) }
    }

    private func other(_ cluster: LabCluster) throws -> (host: String, address: String) {
      try #require(cluster.lab.secondController)
    }

    private func advance(_ cluster: LabCluster, wait: Int) async throws -> (status: Int32, states: [String?], next: String) {
      let result = try await cluster.asactl(
        "account", "enctypes", "--to", "aes-only", "--yes", "--json", "--wait", "\(wait)")
      let steps = try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))["steps"]?.array ?? []
      let next = steps.first { $0["state"]?.string != "done" }
      return (result.status, steps.map { $0["state"]?.string }, next?["detail"]?.string ?? "")
    }

    @Test(
      "A domain controller that has not got the attribute is waited for by name, and goes on as soon as it has; tickets of both are accepted throughout"
    )
    func lagging() async throws {
      let layout = layout("ENCREPL$", host: "encrepl")
      try await LabCluster.with(layout, accountOptions: ["--enctypes", "none"]) { cluster in
        let dn = "CN=ENCREPL,CN=Computers,DC=lab,DC=example"
        let database = "\(cluster.lab.state)/dc1/private/sam.ldb"
        let sid = try await cluster.lab.run(
          "ldbsearch", "-H", database, "(sAMAccountName=svc-asa-rotator)", "objectSid"
        ).split(separator: "\n").first { $0.hasPrefix("objectSid: ") }?.dropFirst("objectSid: ".count)
        try await cluster.lab.run(
          "samba-tool", "dsacl", "set", "-H", database, "--objectdn=\(dn)",
          "--sddl=(OA;;WP;20119867-1d04-4ab7-9371-cfc3d5df0afd;;\(try #require(sid)))")
        try await replicate(cluster, "force", "dc1", "dc2")
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        try await replicate(cluster, "force", "dc1", "dc2")
        try await replicate(cluster, "pause", "dc2")
        let waiting = try await advance(cluster, wait: 3)
        let stale = try await cluster.clientTickets("stale", of: try other(cluster).address)
        let fresh = try await cluster.clientTickets("fresh")
        try await replicate(cluster, "resume", "dc2")
        #expect(waiting.status == 75 && waiting.states == ["done", "done", "waiting", "later"], "\(waiting)")
        #expect(waiting.next.contains("\(try other(cluster).host) still issues tickets with arcfour-hmac"), "\(waiting.next)")
        try await replicate(cluster, "force", "dc1", "dc2")
        let moved = try await advance(cluster, wait: 60)
        #expect(moved.status == 0 && moved.states == ["done", "done", "done", "waiting"], "\(moved)")
        let last = try await cluster.clientTickets("last", of: try other(cluster).address)
        for node in layout.nodes {
          for cache in [stale, fresh, last] { #expect(try await cluster.accepts(node, tickets: cache), "\(node) \(cache)") }
        }
      }
    }

    @Test(
      "A compromised key that dc2 still issues under is kept, its clients are accepted, and it goes when dc2 has converged; --drop-now does not wait"
    )
    func compromised() async throws {
      let layout = layout("COMPREPL$", host: "comprepl", policy: "every: 30d, proofDeadline: 3s")
      try await LabCluster.with(layout) { cluster in
        try await replicate(cluster, "force", "dc1", "dc2")
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        let versions = { (node: String) in Set(try await cluster.entries(of: node).map(\.version)) }
        try await replicate(cluster, "pause", "dc2")
        let kept = try await cluster.asactl("rotate", "--compromised", "--reason", "read", "--yes", "--json")
        let stale = try await cluster.clientTickets("stale", of: try other(cluster).address)
        for node in layout.nodes {
          #expect(try await cluster.accepts(node, tickets: stale))
          #expect(try await versions(node) == [before, before + 1])
        }
        #expect(kept.status == 0 && kept.output.contains("\"keptVersions\":[\(before)]"), "\(kept)")
        try await replicate(cluster, "resume", "dc2")
        try await replicate(cluster, "force", "dc1", "dc2")
        for node in layout.nodes {
          try await cluster.waitUntil("\(node) holds one kvno", within: .seconds(90)) {
            try await versions(node) == [before + 1]
          }
          #expect(try await !cluster.accepts(node, tickets: stale))
        }
        try await replicate(cluster, "pause", "dc2")
        let dropped = try await cluster.asactl("rotate", "--compromised", "--reason", "read", "--drop-now", "--yes", "--json")
        try await replicate(cluster, "resume", "dc2")
        #expect(dropped.status == 0 && dropped.output.contains("\"droppedVersions\":[\(before + 1)],\"fault\""), "\(dropped)")
        for node in layout.nodes {
          try await cluster.waitUntil("\(node) holds one kvno again") { try await versions(node) == [before + 2] }
        }
      }
    }
  }
}
