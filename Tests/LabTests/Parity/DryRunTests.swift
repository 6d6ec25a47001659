import ChildProcesses
import Foundation
import Testing

extension Parity {
  @Suite("rotate --dry-run changes nothing", .needsLab, .serialized, OnDryRunSite(), .timeLimit(.minutes(5)))
  struct DryRunTests {
    private var site: DryRunSite { get throws { try #require(DryRunSite.current) } }

    @Test(
      "In every state the account's metadata, keytabs, slot files and the store are the same afterwards, byte for byte",
      arguments: DryRunState.all)
    func unchanged(state: DryRunState) async throws {
      let site = try site
      try await state.enter(site)
      let before = try await site.cluster.settledInventory()
      let run = try await site.dryRun(state.options)
      let after = try await site.cluster.settledInventory()
      #expect(run.status == state.status && "\(run.output)\(run.errors)".contains(state.says), "\(run)")
      let differences = after.differences(from: before)
      if state.revealsLoss {
        expectNothingButTheLoss(differences)
      } else if state.provesKeytabs {
        withKnownIssue("the proof that a dry run asks for is noted by nodes and store") { #expect(differences == []) }
      } else {
        #expect(differences == [])
      }
      try await state.leave(site)
    }

    /// The record that nothing is pushed any more, and the alarm for it.
    private func expectNothingButTheLoss(_ differences: [String]) {
      let added = differences.filter { $0.hasPrefix("now: ") }
      #expect(added.contains { $0.contains("INSERT INTO \"history\"") && $0.contains("storeBehind") }, "\(differences)")
      let tables = differences.compactMap { $0.firstMatch(of: /INSERT INTO "([a-z_]+)"/).map { String($0.output.1) } }
      #expect(tables.count == differences.count && Set(tables).isSubset(of: ["history", "daemon", "sqlite_sequence"]))
    }
  }
}
