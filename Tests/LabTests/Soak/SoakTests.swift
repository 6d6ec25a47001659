import ChildProcesses
import Foundation
import Testing

extension Replication {
  /// `make soak` runs them at length.
  @Suite("A long run", .serialized, .timeLimit(.minutes(10 + SoakSettings(short: 30).seconds / 60)))
  struct SoakTests {
    @Test("No client is refused, whatever fails while passwords rotate")
    func soak() async throws {
      let settings = SoakSettings(short: 30)
      let report = SoakReport()
      report.note(
        "seed \(settings.seed), \(settings.seconds) s; tickets live for 10 h, so no key retires: policy.slotLimit and every agent's "
          + "slotLimit are raised to \(SoakSettings.slotLimit)")
      try await SoakSite.with("soak") { site in
        let result = try await SoakRun(site: site, settings: settings, report: report).run()
        let shortcomings = result.shortcomings(settings)
        report.end(result.line, shortcomings: shortcomings)
        if !shortcomings.isEmpty { throw Failure(seed: settings.seed, shortcomings: shortcomings) }
      }
    }

    @Test("Control: the same clients are refused where the password is set in the directory first")
    func control() async throws {
      let settings = SoakSettings(short: 12)
      let report = SoakReport()
      report.note("control, \(settings.seconds) s: the password is set in the directory, then the keytab copied node by node")
      try await SoakSite.with("control") { site in
        let result = try await ControlRun(site: site, settings: settings, report: report).run()
        report.end(result.line, shortcomings: [])
        #expect(result.rotations >= settings.leastRotations, "\(result.line)")
        #expect(result.refused.count >= ControlRun.leastRefused, "\(result.line)")
      }
    }

    private struct Failure: Error, CustomStringConvertible {
      let seed: UInt64
      let shortcomings: [String]

      var description: String { "seed \(seed): \(shortcomings.joined(separator: "\n"))" }
    }
  }
}
