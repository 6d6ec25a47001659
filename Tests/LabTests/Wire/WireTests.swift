import ChildProcesses
import Foundation
import Testing

extension EndToEnd {
  /// `make wire` runs it at length; `ONLY` takes the scenarios whose description has these words.
  @Suite("An unreliable wire to the domain controller", .needsLab, .serialized)
  struct WireTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let times = environment["ASA_WIRE_TIMES"].flatMap { Int($0) } ?? 8
    private static let seed = environment["ASA_WIRE_SEED"].flatMap { UInt64($0) } ?? 1
    /// Each success leaves one more key on the nodes; a fresh account keeps them quick.
    private static let runsPerAccount = 12

    @Test("Whatever happens to a write: the rotation ends by itself, one password at most, the record is right, no key is lost")
    func unreliable() async throws {
      let lab = try #require(LabFixture.current)
      var randomness = SeededRandomness(seed: Self.seed)
      let scenarios = WireScenario.all.shuffled(using: &randomness)
      let only = Self.environment["ASA_WIRE_ONLY"] ?? ""
      let chosen = scenarios.filter { only.isEmpty || $0.description.contains(only) }
      let plan = (0..<Self.times).map { chosen[$0 % chosen.count] }
      let report = WireReport(seed: Self.seed, times: Self.times)
      let proxy = try WireProxy(at: "127.0.0.61", before: lab.controllerAddress)
      defer { proxy.stop() }
      for begin in stride(from: 0, to: plan.count, by: Self.runsPerAccount) {
        let batch = Array(plan[begin..<min(begin + Self.runsPerAccount, plan.count)])
        try await onFreshAccount(begin, proxy) { cluster in
          for scenario in batch {
            let seed = randomness.next()
            var run = WireRun(cluster: cluster, proxy: proxy, scenario: scenario, randomness: SeededRandomness(seed: seed))
            let clock = ContinuousClock.now
            let verdict = try await run.run()
            report.note(scenario, verdict, seconds: (ContinuousClock.now - clock) / .seconds(1))
          }
        }
      }
      report.finish()
      #expect(report.faults.isEmpty, "\(report.faults.joined(separator: "\n"))")
    }

    private func onFreshAccount(
      _ number: Int, _ proxy: WireProxy, _ body: (LabCluster) async throws -> Void
    ) async throws {
      let layout = LabCluster.Layout(
        account: "LAB\\WIRE\(number)$", servicePrincipalNames: ["http/wire\(number).lab.example"],
        nodes: (1...2).map { "wire\(number)-\($0).lab.example" },
        policy: "every: 30d, stagingDeadline: 15s, slotLimit: 24")
      try await LabCluster.with(layout) { cluster in
        try cluster.route(through: proxy, timeout: "3s")
        try cluster.raiseSlotLimit()
        try await cluster.startAll()
        // From here on a stamp stands, and every claim has the same length.
        let first = try await cluster.rotate()
        #expect(first.status == 0, "\(first.errors)")
        try await body(cluster)
      }
    }
  }
}
