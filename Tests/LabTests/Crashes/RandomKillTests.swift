import ChildProcesses
import Foundation
import Glibc
import Testing

extension RealCrashes {
  @Suite(
    "Killed at random instants", .needsLab,
    .enabled(if: RealCrashes.wish("KILLS") != nil, "runs on demand: make crash KILLS=n"))
  struct RandomKillTests {
    @Test("After a restart the rotation ends by itself, every node accepts, and the kvno has moved at most once")
    func randomInstants() async throws {
      let total = Int(RealCrashes.wish("KILLS") ?? "") ?? 20
      let seed = UInt64(RealCrashes.wish("SEED") ?? "") ?? UInt64.random(in: 1...UInt64(UInt32.max))
      let count = KillCount(total: total, seed: seed, nodeCount: 2)
      await withTaskGroup(of: Void.self) { group in
        for _ in 1...min(RealCrashes.siteCount, max(1, total / 5)) { group.addTask { await work(for: count) } }
      }
      await count.end()
      for failure in await count.failures { Issue.record("\(failure)") }
      if total >= 100 {
        let byPhase = await count.byPhase
        for phase in KillLottery.phases { #expect(byPhase[phase] ?? 0 >= 5, "kills in \(phase)") }
      }
    }

    /// Kills at one site until there were enough deaths; after a failure at a new one. A site has room for some sixty keys.
    private func work(for count: KillCount) async {
      var isDone = false
      while !isDone {
        do {
          isDone = try await CrashSite.with(RealCrashes.nextSite()) { site in
            try await site.startAll()
            let lengths = PhaseLengths(try await site.rehearse())
            for _ in 0..<50 {
              guard let draw = await count.next() else { return true }
              do {
                await count.took(try await site.play(draw, lengths: lengths, count: count), after: draw)
              } catch {
                await count.failed(draw, ClusterFailure(cause: error, logs: site.cluster.logs()))
                return await count.failures.count > 5
              }
            }
            return false
          }
        } catch {
          Issue.record("\(error)")
          return
        }
      }
    }
  }
}

extension CrashSite {
  /// Rotates undisturbed, once through and once refused; returns what the rotator went through.
  func rehearse() async throws -> [TraceLine] {
    try cluster.clearTrace(of: rotator)
    _ = try await cluster.rotate()
    try obstruct()
    async let refused = cluster.rotate()
    try await cluster.waitUntil("the refusal is fenced") { cluster.trace(of: rotator).contains { $0.phase == "fencing" } }
    try clearObstruction()
    _ = try await refused
    let trace = cluster.trace(of: rotator)
    try await settle()
    return trace
  }

  /// Kills one daemon at a random instant of a rotation, and leaves the site at rest.
  func play(_ draw: KillLottery.Draw, lengths: PhaseLengths, count: KillCount) async throws -> CrashVerdict {
    let before = try await standing()
    // Only a daemon that finds a password write under way comes into it, unless the controller falls silent.
    let isUnknown = draw.phase == "outcomeUnknown"
    let isRefused = ["fencing", "unstaging"].contains(draw.phase)
    if isRefused { try obstruct() }
    let delay = Int(draw.part * lengths.length(of: draw.phase))
    let verdict = try await withThrowingTaskGroup(of: Void.self) { group in
      if draw.node == nil { try arm(isUnknown ? "committing" : draw.phase, delay: isUnknown ? 0 : delay) }
      group.addTask { _ = try await cluster.asactl("rotate", "--yes") }
      let name = draw.node.map { nodes[$0] } ?? rotator
      if let node = draw.node { try await kill(nodes[node], in: draw.phase, delay: delay) }
      guard try await isGone(name) else { throw CrashFinding("\(name) was not killed in \(draw.phase)") }
      await count.died(in: currentPhase(), node: draw.node)
      try clearObstruction()
      var restart = ContinuousClock.now
      if isUnknown {
        try arm(draw.phase, delay: delay)
        try await launch(name)
        if try await isGone(name, within: .seconds(5)) {
          await count.died(in: currentPhase(), node: nil)
          restart = .now
          try await launch(name)
        } else {
          try cluster.setHook("kill-at", of: name, to: nil)
        }
      } else {
        try await launch(name)
      }
      let verdict = try await judge(since: before, restart: restart)
      try await group.waitForAll()
      return verdict
    }
    try await settle()
    return verdict
  }

  private func arm(_ phase: String, delay: Int) throws {
    try cluster.setHook("kill-at", of: rotator, to: "recorded:\(phase) +\(delay)")
  }

  /// The last phase that the rotator made durable.
  private func currentPhase() -> String { cluster.trace(of: rotator).last { $0.phase != nil }?.phase ?? "none" }

  private func awaitPhase(_ phase: String) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end, await cluster.isRunning(rotator) {
      if cluster.trace(of: rotator).contains(where: { $0.phase == phase || $0.phase == "ended" }) { return }
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  private func kill(_ node: String, in phase: String, delay: Int) async throws {
    try await awaitPhase(phase)
    try await Task.sleep(for: .microseconds(delay))
    await cluster.signal(node, SIGKILL)
  }
}
