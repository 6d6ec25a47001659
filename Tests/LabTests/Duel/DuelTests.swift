import ChildProcesses
import Foundation
import Testing

extension EndToEnd {
  /// `make duel ROUNDS=n SEED=n` runs it at length.
  @Suite("Two rotators", .needsLab, .serialized)
  struct DuelTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let rounds = environment["ASA_DUEL_ROUNDS"].flatMap { Int($0) } ?? 3
    private static let seed = environment["ASA_DUEL_SEED"].flatMap { UInt64($0) } ?? 1
    /// Each round leaves one more key on the nodes; a fresh account keeps them quick.
    private static let roundsPerAccount = 12

    private func layout(_ name: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(name.uppercased())$", servicePrincipalNames: ["http/\(name).lab.example"],
        nodes: (1...2).map { "\(name)-\($0).lab.example" }, policy: "every: 30d, slotLimit: 24")
    }

    @Test(
      "With copies of one store, told to rotate at once: one claims, the other stands down and says so, one password is set")
    func duel() async throws {
      let lab = try #require(LabFixture.current)
      var randomness = SeededRandomness(seed: Self.seed)
      let proxies = [
        "rotator": try WireProxy(at: "127.0.0.62", before: lab.controllerAddress),
        "rotator-2": try WireProxy(at: "127.0.0.63", before: lab.controllerAddress),
      ]
      defer { for proxy in proxies.values { proxy.stop() } }
      let report = DuelReport(seed: Self.seed, rounds: Self.rounds)
      for begin in stride(from: 0, to: Self.rounds, by: Self.roundsPerAccount) {
        try await LabCluster.with(layout("duel\(begin)")) { cluster in
          try await prepare(cluster, proxies)
          for _ in begin..<min(begin + Self.roundsPerAccount, Self.rounds) {
            var round = DuelRound(cluster: cluster, proxies: proxies, randomness: SeededRandomness(seed: randomness.next()))
            let verdict = try await round.run()
            report.note(verdict)
            guard let winner = verdict.winner else { break }
            try await copy(of: winner, in: cluster)
          }
        }
      }
      report.finish()
      #expect(report.faults.isEmpty, "\(report.faults.joined(separator: "\n"))")
    }

    /// One rotation, so that a stamp stands and every claim has the same length; then the copy.
    private func prepare(_ cluster: LabCluster, _ proxies: [String: WireProxy]) async throws {
      try cluster.makeSecondRotator("rotator-2")
      for (name, proxy) in proxies { try cluster.route(name, through: proxy, timeout: "20s") }
      try cluster.raiseSlotLimit()
      try await cluster.startAll()
      let first = try await cluster.rotate()
      #expect(first.status == 0, "\(first.errors)")
      try await copy(of: "rotator", in: cluster)
    }

    private func copy(of winner: String, in cluster: LabCluster) async throws {
      let loser = winner == "rotator" ? "rotator-2" : "rotator"
      for name in [winner, loser] { await cluster.stop(name) }
      try cluster.copyStore(of: winner, to: loser)
      for name in [winner, loser] { try await cluster.startRotator(name) }
      for name in [winner, loser] {
        try await cluster.waitUntil("every node is attached to \(name)") { try await cluster.areAttached(to: name) }
      }
    }

    @Test("A second rotator with a store of its own is refused by every agent, which names both, and can change nothing")
    func stranger() async throws {
      try await LabCluster.with(layout("stranger")) { cluster in
        try cluster.makeSecondRotator("rotator-2")
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let before = try await cluster.directoryEntry()
        try await cluster.startRotator("rotator-2")
        for node in cluster.layout.nodes {
          try await cluster.waitUntil("\(node) refuses it") {
            cluster.log(of: node).contains("has a store of its own")
          }
          #expect(cluster.isReady(node))
        }
        #expect(try await cluster.asactl(on: "rotator-2", ["rotate", "--yes"]).status != 0)
        #expect(try await cluster.directoryEntry() == before)
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        #expect(try await cluster.rotate().status == 0)
      }
    }
  }
}
