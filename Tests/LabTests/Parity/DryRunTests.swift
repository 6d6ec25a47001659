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
      #expect(differences == [])
      try await state.leave(site)
    }
  }
}
