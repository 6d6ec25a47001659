import ChildProcesses
import Foundation
import Testing

extension HardCases {
  @Suite("Compromised keys", .needsLab, .serialized, .timeLimit(.minutes(5)))
  struct CompromisedTests {
    private func layout(_ account: String, host: String, policy: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: (1...3).map { "\(host)-\($0).lab.example" }, policy: policy)
    }

    private func versions(of node: String, _ cluster: LabCluster) async throws -> Set<Int> {
      Set(try await cluster.entries(of: node).map(\.version))
    }

    @Test(
      "Every older key is destroyed at once, previous: keep or not: old tickets are refused on every node, fresh ones accepted; a node that is shut out never gets the new key"
    )
    func destroyed() async throws {
      let layout = layout("COMPA$", host: "compa", policy: "every: 30d, previous: keep")
      try await LabCluster.with(layout) { cluster in
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        var old = [try await cluster.clientTickets("found")]
        #expect(try await cluster.rotate().status == 0)
        old.append(try await cluster.clientTickets("previous"))
        let (stays, stolen) = (layout.nodes.prefix(2), layout.nodes[2])
        for ticket in old {
          for node in layout.nodes { #expect(try await cluster.accepts(node, tickets: ticket)) }
        }
        let plan = try await cluster.asactl("rotate", "--compromised", "--reason", "stolen", "--dry-run")
        #expect(plan.output.contains("refuses clients that hold tickets of kvno \(before), \(before + 1)"), "\(plan.output)")

        let result = try await cluster.asactl(
          "rotate", "--compromised", "--reason", "compa-3 was stolen", "--shut-out", stolen, "--yes", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let last = result.output.split(separator: "\n").last.map(String.init) ?? "null"
        let ended = try JSONDecoder().decode(JSONValue.self, from: Data(last.utf8))
        #expect(ended["droppedVersions"]?.array?.compactMap { $0.number.map { Int($0) } } == [before, before + 1], "\(ended)")
        #expect(ended["keptVersions"]?.array?.isEmpty == true)

        for node in stays {
          try await cluster.waitUntil("\(node) holds one kvno") { try await versions(of: node, cluster) == [before + 2] }
        }
        let fresh = try await cluster.clientTickets("fresh")
        for node in stays {
          #expect(try await cluster.accepts(node, tickets: fresh))
          for ticket in old { #expect(try await !cluster.accepts(node, tickets: ticket), "\(node) \(ticket)") }
        }
        #expect(try await !versions(of: stolen, cluster).contains(before + 2))
        let message =
          (try await cluster.json("history")["records"]?.array ?? []).last {
            $0["kind"]?.string == "rotationSucceeded"
          }?["message"]?.string ?? ""
        #expect(
          message.contains("Compromised (compa-3 was stolen): kvno \(before), \(before + 1) were destroyed"), "\(message)")
      }
    }

    @Test("A node that was away destroys its older keys as soon as it returns")
    func returned() async throws {
      let layout = layout("COMPB$", host: "compb", policy: "every: 30d, require: 2, proofDeadline: 5s, absentGrace: 1s")
      try await LabCluster.with(layout) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let before = try await cluster.directoryVersion()
        let late = layout.nodes[2]
        await cluster.stop(late)
        let result = try await cluster.asactl("rotate", "--compromised", "--reason", "a backup was read", "--yes")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try await versions(of: late, cluster).contains(before))
        try await cluster.startAgent(late)
        try await cluster.waitUntil("\(late) holds one kvno") { try await versions(of: late, cluster) == [before + 1] }
        #expect(try await cluster.accepts(late, tickets: try await cluster.clientTickets("fresh")))
      }
    }
  }
}
