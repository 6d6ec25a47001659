import ChildProcesses
import Foundation
import Testing

extension HardCases {
  @Suite("A wall clock that jumps ahead by a day", .needsLab, .serialized)
  struct ClockJumpTests {
    private static let day = 86_400

    private func layout(_ account: String, host: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: (1...2).map { "\(host)-\($0).lab.example" })
    }

    /// Tickets of three generations: of the found key, and of two rotations.
    private func ticketsOfThreeGenerations(_ cluster: LabCluster) async throws -> [String] {
      var tickets = [try await cluster.clientTickets("found")]
      for round in 1...2 {
        #expect(try await cluster.rotate().status == 0)
        tickets.append(try await cluster.clientTickets("generation-\(round)"))
      }
      return tickets
    }

    private func expectNothingLost(_ cluster: LabCluster, tickets: [String]) async throws {
      let latest = try await cluster.directoryVersion()
      for node in cluster.layout.nodes {
        #expect(try await cluster.versions(in: node) == Set(latest - 2...latest), "\(node)")
      }
      #expect(try await cluster.refusals(of: tickets + [try await cluster.clientTickets("meanwhile")]).isEmpty)
    }

    private func expectGoingOn(_ cluster: LabCluster, tickets: [String]) async throws {
      try await cluster.waitUntil("a rotation succeeds") { try await cluster.rotate().status == 0 }
      #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
      #expect(try await cluster.refusals(of: tickets + [try await cluster.clientTickets("afterwards")]).isEmpty)
    }

    @Test(
      "On the rotator's machine alone: no key ends, nobody is refused, a rotation is refused by the clock's name; set back, all goes on"
    )
    func onRotator() async throws {
      try await LabCluster.with(layout("JUMPA$", host: "jumpa")) { cluster in
        try await cluster.startRotator(under: cluster.falseClock(of: "rotator"))
        for node in cluster.layout.nodes { try await cluster.startAgent(node) }
        try await cluster.waitUntilAttached(cluster.layout.nodes)
        let tickets = try await ticketsOfThreeGenerations(cluster)
        let before = try await cluster.directoryVersion()
        try cluster.setClock(of: "rotator", by: Self.day)
        // Whoever asks for health is told by a rotator that has looked at everything that is due by that clock.
        try await cluster.waitUntil("health tells of the clock") {
          try await cluster.asactl("health").output.contains("domain controller dc1.lab.example: its clock is 86")
        }
        let refused = try await cluster.asactl("rotate", "--yes")
        #expect(refused.status == 75, "\(refused.errors)")
        #expect(refused.errors.contains("dc1.lab.example: its clock is 86") && refused.errors.contains("s behind of ours"))
        #expect(try await cluster.directoryVersion() == before)
        try await expectNothingLost(cluster, tickets: tickets)
        try cluster.setClock(of: "rotator", by: 0)
        try await expectGoingOn(cluster, tickets: tickets)
      }
    }

    @Test(
      "On one node alone: no key ends, nobody is refused, a rotation is refused by the node's name and clock; set back, all goes on"
    )
    func onNode() async throws {
      try await LabCluster.with(layout("JUMPB$", host: "jumpb")) { cluster in
        let node = cluster.layout.nodes[0]
        try await cluster.startRotator()
        try await cluster.startAgent(node, under: cluster.falseClock(of: node))
        try await cluster.startAgent(cluster.layout.nodes[1])
        try await cluster.waitUntilAttached(cluster.layout.nodes)
        let tickets = try await ticketsOfThreeGenerations(cluster)
        let before = try await cluster.directoryVersion()
        try cluster.setClock(of: node, by: Self.day)
        let refused = try await cluster.asactl("rotate", "--yes")
        #expect(refused.status == 69, "\(refused.errors)")
        #expect(refused.errors.contains("\(node) does not accept the DC's ticket"), "\(refused.errors)")
        #expect(refused.errors.contains("set this machine's clock"), "\(refused.errors)")
        try await cluster.waitUntil("the rotator has measured the clock", within: .seconds(90)) {
          let nodes = try await cluster.json("nodes", "list")["nodes"]?.array ?? []
          return nodes.contains { $0["node"]?.string == node && ($0["clockOffset"]?.number ?? 0) > 86_000 }
        }
        let again = try await cluster.asactl("rotate", "--yes")
        #expect(again.status == 69 && again.errors.contains("\(node) has a clock that is 86"), "\(again.errors)")
        #expect(try await cluster.directoryVersion() == before)
        try await expectNothingLost(cluster, tickets: tickets)
        try cluster.setClock(of: node, by: 0)
        try await cluster.waitUntil("the rotator has measured it again", within: .seconds(90)) {
          try await cluster.asactl("rotate", "--dry-run").status == 0
        }
        try await expectGoingOn(cluster, tickets: tickets)
      }
    }
  }
}
