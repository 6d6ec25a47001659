import ChildProcesses
import Foundation
import Testing

extension HardCases {
  @Suite("Three passwords in a row that somebody else has set", .needsLab, .serialized)
  struct ForeignPasswordTests {
    private func layout(_ account: String, host: String, policy: String = "every: 30d") -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: (1...2).map { "\(host)-\($0).lab.example" }, policy: policy, hasFaultHooks: true)
    }

    /// Tickets of every generation of ours that has come so far.
    private func ownTickets(_ cluster: LabCluster) async throws -> [String] {
      var tickets = [try await cluster.clientTickets("found")]
      for round in 1...2 {
        #expect(try await cluster.rotate().status == 0)
        tickets.append(try await cluster.clientTickets("ours-\(round)"))
      }
      return tickets
    }

    private func foreignTickets(_ cluster: LabCluster) async throws -> [String] {
      var tickets: [String] = []
      for round in 1...3 {
        try await cluster.setPasswordElsewhere()
        tickets.append(try await cluster.clientTickets("foreign-\(round)"))
      }
      return tickets
    }

    /// Lets the quarter of an hour pass after which the rotator looks at the directory.
    private func letRotatorLook(_ cluster: LabCluster) throws {
      try cluster.setHook("clock-offset", of: "rotator", to: "901")
    }

    private func keytabs(_ cluster: LabCluster) throws -> [Data] {
      try cluster.layout.nodes.map { try Data(contentsOf: URL(fileURLWithPath: cluster.keytab(of: $0))) }
    }

    /// Only who comes with a ticket under one of those passwords is refused.
    private func expectOrder(_ cluster: LabCluster, ours: [String], foreign: [String]) async throws {
      #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
      #expect(try await cluster.refusals(of: ours + [try await cluster.clientTickets("fresh")]).isEmpty)
      #expect(try await cluster.refusals(of: foreign).count == foreign.count * cluster.layout.nodes.count)
    }

    @Test("They are named with both kvnos, in the plan, in status and by health, before anything goes to a node")
    func named() async throws {
      try await LabCluster.with(layout("THREEA$", host: "threea")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let (before, keytabs) = (try await cluster.directoryVersion(), try keytabs(cluster))
        for _ in 1...3 { try await cluster.setPasswordElsewhere() }
        #expect(try await cluster.directoryVersion() == before + 3)
        let plan = try await cluster.asactl("rotate", "--dry-run")
        #expect(plan.status == 0, "\(plan.errors)")
        #expect(plan.output.contains("foreignKey: somebody else reset the password (kvno \(before + 3))"), "\(plan.output)")
        #expect(try await cluster.asactl("verify").status == 69)
        try letRotatorLook(cluster)
        try await cluster.waitUntil("health is critical") { try await cluster.asactl("health").status == 2 }
        let words = "foreignKey: the directory has kvno \(before + 3), the nodes' Latest is kvno \(before)"
        for command in ["health", "status"] {
          let said = try await cluster.asactl(command)
          #expect(said.output.contains(words), "\(command): \(said.output)")
        }
        #expect(try self.keytabs(cluster) == keytabs)
      }
    }

    @Test("A rotation by hand ends them: every ticket of ours is accepted, and a new one, and only theirs are refused")
    func endedByHand() async throws {
      try await LabCluster.with(layout("THREEB$", host: "threeb")) { cluster in
        try await cluster.startAll()
        let ours = try await ownTickets(cluster)
        let before = try await cluster.directoryVersion()
        let foreign = try await foreignTickets(cluster)
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "succeeded", "\(rotation)")
        #expect(try await cluster.directoryVersion() == before + 4)
        try await expectOrder(cluster, ours: ours, foreign: foreign)
      }
    }

    @Test("With onDrift: rotate the rotator ends them by itself as soon as it looks")
    func endedByItself() async throws {
      try await LabCluster.with(layout("THREEC$", host: "threec", policy: "every: 30d, onDrift: rotate")) { cluster in
        try await cluster.startAll()
        let ours = try await ownTickets(cluster)
        let before = try await cluster.directoryVersion()
        let foreign = try await foreignTickets(cluster)
        try letRotatorLook(cluster)
        try await cluster.waitUntil("a rotation of ours has ended it") {
          try await cluster.json("history")["records"]?.array?.contains {
            $0["kind"]?.string == "rotationSucceeded" && $0["version"]?.number == Double(before + 4)
          } == true
        }
        try await expectOrder(cluster, ours: ours, foreign: foreign)
      }
    }
  }
}
