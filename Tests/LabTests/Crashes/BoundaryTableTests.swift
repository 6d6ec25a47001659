import Foundation
import Testing

extension RealCrashes {
  @Suite(
    "Killed at every boundary", .needsLab,
    .enabled(if: RealCrashes.wish("BOUNDARIES") != nil, "runs on demand: make crash-boundaries"))
  struct BoundaryTableTests {
    /// The rounds that are left, and what became of the others.
    private actor Table {
      private(set) var lines: [String] = []
      private(set) var failures: [String] = []
      private var slowest = 0.0
      private var left: [CrashRound]
      private let report: CrashReport
      let total: Int

      init(_ rounds: [CrashRound]) {
        left = rounds
        total = rounds.count
        report = CrashReport(total: rounds.count)
      }

      func next() -> CrashRound? { left.isEmpty ? nil : left.removeFirst() }

      func took(_ round: CrashRound, _ result: Result<CrashVerdict, any Error>) {
        let title = round.title.padding(toLength: max(64, round.title.count), withPad: " ", startingAt: 0)
        switch result {
        case .success(let verdict):
          slowest = max(slowest, verdict.seconds)
          lines.append("ok    \(title) \(verdict.outcome), kvno +\(verdict.moved), \(Self.text(verdict.seconds)) s")
        case .failure(let error):
          failures.append("\(round.title): \(error)")
          lines.append("FAIL  \(title) \("\(error)".prefix { $0 != "\n" })")
        }
        report.show(lines.count, failed: failures.count, last: round.title)
      }

      func end() {
        let document =
          "{\"boundaries\":\(total),\"passed\":\(lines.count - failures.count),\"failed\":\(failures.count),"
          + "\"slowestSeconds\":\(Self.text(slowest))}"
        report.end(lines.sorted() + ["\(lines.count - failures.count) passed, \(failures.count) failed", document])
      }

      private static func text(_ seconds: Double) -> String { String(format: "%.1f", seconds) }
    }

    @Test("After a restart the rotation ends by itself, every node accepts, and the kvno has moved at most once")
    func everyBoundary() async throws {
      let wanted = RealCrashes.wish("BOUNDARIES") ?? ""
      let rounds = CrashRound.all.filter { wanted == "all" || $0.title.contains(wanted) }
      let table = Table(rounds)
      await withTaskGroup(of: Void.self) { group in
        for _ in 1...min(RealCrashes.siteCount, rounds.count) { group.addTask { await work(off: table) } }
      }
      await table.end()
      for failure in await table.failures { Issue.record("\(failure)") }
      #expect(await table.lines.count == table.total)
    }

    /// Plays rounds at one site for as long as they go well; a site that has seen a failure, or a first attachment, is left for a new one.
    private func work(off table: Table) async {
      var pending = await table.next()
      while let first = pending {
        pending = nil
        let number = RealCrashes.nextSite()
        do {
          pending = try await CrashSite.with(number) { site in
            var round: CrashRound? = first
            if first.occasion != .onboarding { try await site.startAll() }
            while let current = round {
              do {
                await table.took(current, .success(try await site.play(current)))
              } catch {
                await table.took(current, .failure(ClusterFailure(cause: error, logs: site.cluster.logs())))
                return await table.next()
              }
              round = await table.next()
              if round?.occasion == .onboarding { return round }
            }
            return nil
          }
        } catch {
          await table.took(first, .failure(error))
          pending = await table.next()
        }
      }
    }
  }
}
