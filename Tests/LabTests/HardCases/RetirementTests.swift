import ChildProcesses
import Foundation
import Testing

extension HardCases {
  @Suite("Three rotations in a row, and the end of their keys", .needsLab, .serialized)
  struct RetirementTests {
    /// Ten hours of a ticket's life and five minutes of skew.
    private static let life = 10 * 3600 + 5 * 60
    /// More than a test takes.
    private static let margin = 1200

    private func layout(_ account: String, host: String, policy: String = "every: 30d") -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: (1...2).map { "\(host)-\($0).lab.example" }, policy: policy, hasFaultHooks: true)
    }

    /// Three rotations, one after the other, while clients come with tickets of every generation.
    private func rotateThreeTimes(_ cluster: LabCluster) async throws -> (tickets: [String], refused: [String]) {
      var (tickets, refused) = ([try await cluster.clientTickets("generation-0")], [String]())
      for round in 1...3 {
        let (rotation, clients) = try await cluster.whileClientsCome(with: tickets) { try await cluster.rotate() }
        #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "succeeded", "\(rotation)")
        refused += clients.refused
        tickets.append(try await cluster.clientTickets("generation-\(round)"))
      }
      return (tickets, refused)
    }

    private func slots(of node: String, in cluster: LabCluster) async throws -> [ShownSlot] {
      let status = try await cluster.json("status", node)
      return (status["accounts"]?[0]?["nodes"]?[0]?["slots"]?.array ?? []).compactMap(ShownSlot.init)
    }

    private func waitUntilHeld(_ versions: Set<Int>, in cluster: LabCluster) async throws {
      for node in cluster.layout.nodes {
        try await cluster.waitUntil("\(node) holds \(versions) alone") { try await cluster.versions(in: node) == versions }
      }
    }

    @Test("Tickets of all four generations are accepted all the time, and status shows Latest, Previous and what retires")
    func inUse() async throws {
      try await LabCluster.with(layout("RETA$", host: "reta")) { cluster in
        try await cluster.startAll()
        let first = try await cluster.directoryVersion()
        let (tickets, refused) = try await rotateThreeTimes(cluster)
        #expect(refused.isEmpty)
        #expect(try await cluster.refusals(of: tickets).isEmpty)
        for node in cluster.layout.nodes {
          let slots = try await slots(of: node, in: cluster)
          #expect(slots.map(\.position) == ["latest", "previous", "retiring", "retiring"])
          #expect(slots.map(\.version) == [3, 2, 1, 0].map { first + $0 })
          #expect(slots.map(\.hasEnd) == [false, true, true, true] && slots.allSatisfy { !$0.isRetired })
        }
      }
    }

    @Test("A key is destroyed when its time has passed on both clocks, not before; its slot stays listed as retired")
    func destroyed() async throws {
      try await LabCluster.with(layout("RETB$", host: "retb")) { cluster in
        try await cluster.startAll()
        let first = try await cluster.directoryVersion()
        let (tickets, _) = try await rotateThreeTimes(cluster)
        let all = Set(first...first + 3)
        try await cluster.movePolicyClock(.wall, .boot, by: Self.life - Self.margin)
        try await waitUntilHeld(all, in: cluster)
        // A wall clock that was set does not end a key.
        try await cluster.movePolicyClock(.wall, by: Self.life + Self.margin)
        try await waitUntilHeld(all, in: cluster)
        #expect(try await cluster.refusals(of: tickets).isEmpty)
        try await cluster.movePolicyClock(.boot, by: Self.life + Self.margin)
        try await waitUntilHeld([first + 3], in: cluster)
        for node in cluster.layout.nodes {
          #expect(try cluster.versionsInSlotFile(of: node) == [first + 3])
          let slots = try await slots(of: node, in: cluster)
          #expect(slots.map(\.position) == ["latest", "previous", "retiring"])
          #expect(slots.map(\.version) == [first + 3, first + 2, first + 1])
          #expect(slots.map(\.isRetired) == [false, true, true])
        }
        #expect(try await cluster.refusals(of: [tickets[3], try await cluster.clientTickets("fresh")]).isEmpty)
        #expect(try await cluster.refusals(of: Array(tickets[..<3])).count == 3 * cluster.layout.nodes.count)
      }
    }

    @Test("With previous: keep the Previous key stays for as long as there is no other rotation, and ends after the next")
    func kept() async throws {
      try await LabCluster.with(layout("RETC$", host: "retc", policy: "every: 30d, previous: keep")) { cluster in
        try await cluster.startAll()
        let first = try await cluster.directoryVersion()
        let (tickets, _) = try await rotateThreeTimes(cluster)
        try await cluster.movePolicyClock(.wall, .boot, by: Self.life + Self.margin)
        try await waitUntilHeld([first + 2, first + 3], in: cluster)
        for node in cluster.layout.nodes {
          #expect(try cluster.versionsInSlotFile(of: node) == [first + 2, first + 3])
          let slots = try await slots(of: node, in: cluster).filter { !$0.isRetired }
          #expect(slots.map(\.position) == ["latest", "previous"] && slots.allSatisfy { !$0.hasEnd })
        }
        #expect(try await cluster.refusals(of: Array(tickets[2...])).isEmpty)
        #expect(try await cluster.rotate().status == 0)
        try await waitUntilHeld([first + 3, first + 4], in: cluster)
      }
    }
  }
}

/// A slot of a node as `asactl status --json` shows it.
private struct ShownSlot {
  let position: String
  let version: Int
  let hasEnd: Bool
  let isRetired: Bool

  init?(_ slot: JSONValue) {
    guard let position = slot["position"]?.string, let version = slot["version"]?.number,
      let isRetired = slot["retired"]?.boolean
    else { return nil }
    (self.position, self.version, self.isRetired) = (position, Int(version), isRetired)
    hasEnd = slot["retireAfter"]?.string != nil
  }
}
