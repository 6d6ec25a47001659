import ChildProcesses
import Foundation
import Testing

extension Replication {
  @Suite("Convergence", .serialized, .timeLimit(.minutes(5)))
  struct ConvergenceTests {
    private func layout(_ account: String, host: String, policy: String = "every: 30d") -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example", "http/\(host)-auto.lab.example"],
        nodes: (1...2).map { "\(host)-\($0).lab.example" }, policy: policy, hasBothControllers: true)
    }

    private func replicate(_ cluster: LabCluster, _ words: String...) async throws {
      let result = try await cluster.lab.result(of: ["replication"] + words)
      guard result.status == 0 else { throw LabFixture.CommandFailure(command: words, result: result) }
    }

    private func controllers(_ cluster: LabCluster) async throws -> [JSONValue] {
      try await cluster.json("status")["accounts"]?[0]?["controllers"]?.array ?? []
    }

    private func records(_ cluster: LabCluster, _ kind: String) async throws -> [JSONValue] {
      (try await cluster.json("history")["records"]?.array ?? []).filter { $0["kind"]?.string == kind }
    }

    private func second(_ cluster: LabCluster) throws -> (host: String, address: String) {
      try #require(cluster.lab.secondController)
    }

    @Test("A rotation succeeds once both issue tickets under the new key, and a full verification asks both")
    func converged() async throws {
      try await LabCluster.with(layout("CONVA$", host: "conva")) { cluster in
        try await replicate(cluster, "force", "dc1", "dc2")
        try await cluster.startAll()
        let other = try second(cluster)
        let before = try await cluster.clientTickets("before", of: other.address)
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "succeeded", "\(rotation)")
        #expect(try await cluster.directoryVersion(on: "dc2") == (try await cluster.directoryVersion()))
        let after = try await cluster.clientTickets("after", of: other.address)
        for node in cluster.layout.nodes {
          #expect(try await cluster.accepts(node, tickets: before))
          #expect(try await cluster.accepts(node, tickets: after))
        }
        let full = try await cluster.json("verify", "--full")
        #expect(full["accepted"]?.number == 8 && full["allAccepted"]?.boolean == true, "\(full)")
        let known = try await controllers(cluster)
        #expect(known.map { $0["name"]?.string } == [cluster.lab.controllerHost, other.host])
        #expect(known.map { $0["writer"]?.boolean } == [true, false])
      }
    }

    @Test(
      "While replication is paused a rotation ends as degraded and names dc2; its clients are accepted, before and after it has converged"
    )
    func paused() async throws {
      try await LabCluster.with(layout("CONVB$", host: "convb", policy: "every: 30d, proofDeadline: 5s")) { cluster in
        try await replicate(cluster, "force", "dc1", "dc2")
        try await cluster.startAll()
        let other = try second(cluster)
        try await replicate(cluster, "pause", "dc2")
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "degraded", "\(rotation)")
        #expect(rotation.ended["controllersBehind"]?.array?.map(\.string) == [other.host])
        let stale = try await cluster.clientTickets("stale", of: other.address)
        for node in cluster.layout.nodes { #expect(try await cluster.accepts(node, tickets: stale)) }
        #expect(try await controllers(cluster).last?["behindSince"]?.string != nil)
        let slots = try await cluster.json("status")["accounts"]?[0]?["nodes"]?[0]?["slots"]?.array ?? []
        #expect(slots.map { $0["position"]?.string } == ["latest", "previous"])
        #expect(slots.allSatisfy { $0["retireAfter"]?.string == nil })
        try await replicate(cluster, "resume", "dc2")
        try await cluster.waitUntil("dc2 is on record as converged", within: .seconds(90)) {
          try await records(cluster, "controllerConverged").contains { $0["domainController"]?.string == other.host }
        }
        let fresh = try await cluster.clientTickets("fresh", of: other.address)
        for node in cluster.layout.nodes {
          #expect(try await cluster.accepts(node, tickets: stale))
          #expect(try await cluster.accepts(node, tickets: fresh))
        }
        try await cluster.waitUntil("Previous has an end on every node") {
          let nodes = try await cluster.json("status")["accounts"]?[0]?["nodes"]?.array ?? []
          return nodes.allSatisfy { $0["slots"]?.array?.last?["retireAfter"]?.string != nil }
        }
      }
    }

    @Test(
      "Named first and behind, dc2 is still not what passwords are set on, and a restart does not take it for the directory")
    func order() async throws {
      try await LabCluster.with(layout("CONVD$", host: "convd", policy: "every: 30d, proofDeadline: 3s")) { cluster in
        try await replicate(cluster, "force", "dc1", "dc2")
        let path = "\(cluster.directory)/rotator.yaml"
        let (first, other) = ("{name: \(cluster.lab.controllerHost)", "{name: \(try second(cluster).host)")
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        try lines.map { line in
          guard let start = line.range(of: first), line.contains(other), let end = line.range(of: "]") else {
            return String(line)
          }
          let entries = line[start.lowerBound..<end.lowerBound].components(separatedBy: "}, ")
          return line[..<start.lowerBound]
            + entries.reversed().map { $0.hasSuffix("}") ? $0 : $0 + "}" }.joined(separator: ", ")
            + "]"
        }.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("controllers: [\(other)"))
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        try await replicate(cluster, "pause", "dc2")
        let rotation = try await cluster.rotate()
        #expect(rotation.ended["outcome"]?.string == "degraded", "\(rotation)")
        #expect(try await cluster.directoryVersion() == before + 1)
        #expect(try await cluster.directoryVersion(on: "dc2") == before)
        await cluster.stop("rotator")
        try await cluster.startRotator()
        try await cluster.waitUntilAttached(cluster.layout.nodes)
        #expect(try await records(cluster, "storeBehind").isEmpty)
        #expect(try await controllers(cluster).map { $0["writer"]?.boolean } == [true, false])
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        try await replicate(cluster, "resume", "dc2")
      }
    }

    @Test("A password that somebody has set on dc2 alone forbids a rotation by name, until it has replicated")
    func ahead() async throws {
      try await LabCluster.with(layout("CONVC$", host: "convc")) { cluster in
        try await replicate(cluster, "force", "dc1", "dc2")
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        try await replicate(cluster, "pause", "dc1")
        let other = try second(cluster)
        try await cluster.lab.run(
          "samba-tool", "user", "setpassword", "CONVC$", "--newpassword=Some-Body-Else-1234", "-s",
          "\(cluster.lab.state)/dc2/etc/smb.conf", "-H", "\(cluster.lab.state)/dc2/private/sam.ldb")
        let refused = try await cluster.rotate()
        try await replicate(cluster, "resume", "dc1")
        #expect(refused.status == 75 && refused.errors.contains("\(other.host): is ahead"), "\(refused)")
        try await replicate(cluster, "force", "dc2", "dc1")
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0, "\(rotation.errors)")
        #expect(try await cluster.json("verify", "--full")["allAccepted"]?.boolean == true)
      }
    }
  }
}
