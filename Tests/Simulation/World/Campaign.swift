import Foundation
import Synchronization

/// Many seeds on several threads, each with worlds of its own.
package struct Campaign: Sendable {
  /// The first seed.
  package var first: UInt64
  /// How many.
  package var count: Int
  /// The fault between core and world, if one is planted.
  package var planted: PlantedFault?
  /// How many threads work on it.
  package var threads: Int
  /// Whether to stop at the first failure.
  package var stopsAtFailure: Bool

  /// Plans a campaign.
  package init(first: UInt64, count: Int, planted: PlantedFault? = nil, threads: Int, stopsAtFailure: Bool = false) {
    self.first = first
    self.count = count
    self.planted = planted
    self.threads = threads
    self.stopsAtFailure = stopsAtFailure
  }

  /// What came of it.
  package struct Result: Sendable {
    /// How many seeds were played.
    package var played = 0
    /// The seeds that failed, lowest first; at most a hundred are kept.
    package var failures: [SeedRun] = []
    /// How many failed.
    package var failed = 0
    /// The most events of a seed.
    package var longest = 0
    var tally = Tally()
  }

  private struct Progress {
    var next = 0
    var result = Result()
  }

  /// Plays all seeds.
  ///
  /// - Parameters:
  ///   - onFailure: Told of each seed that failed as soon as it has; on any of the threads.
  ///   - onProgress: Told now and then how many seeds were played; on any of the threads.
  package func run(
    onFailure: @escaping @Sendable (SeedRun) -> Void = { _ in }, onProgress: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> Result {
    let progress = Box(Progress())
    let group = DispatchGroup()
    for _ in 0..<threads {
      group.enter()
      let thread = Thread {
        work(on: progress, onFailure, onProgress)
        group.leave()
      }
      thread.stackSize = 16 << 20
      thread.start()
    }
    group.wait()
    return progress.value.withLock { progress in
      progress.result.failures.sort { $0.seed < $1.seed }
      return progress.result
    }
  }

  private final class Box: Sendable {
    let value: Mutex<Progress>

    init(_ progress: Progress) { value = Mutex(progress) }
  }

  /// Takes seeds by the handful, so that the threads end together.
  private func work(on progress: Box, _ onFailure: (SeedRun) -> Void, _ onProgress: (Int) -> Void) {
    while let seeds = progress.value.withLock({ take(from: &$0) }) {
      var runs: [SeedRun] = []
      for offset in seeds {
        let run = SeedRun.play(first &+ UInt64(offset), planted: planted)
        if !run.hasPassed { onFailure(run) }
        runs.append(run)
      }
      let played = progress.value.withLock { progress in
        for run in runs { progress.result.take(run) }
        return progress.result.played
      }
      onProgress(played)
    }
  }

  private func take(from progress: inout Progress) -> Range<Int>? {
    guard progress.next < count, !stopsAtFailure || progress.result.failed == 0 else { return nil }
    let begin = progress.next
    progress.next = min(count, begin + 20)
    return begin..<progress.next
  }
}

extension Campaign.Result {
  fileprivate mutating func take(_ run: SeedRun) {
    played += 1
    tally.add(run.tally)
    longest = max(longest, run.tally.events)
    guard !run.hasPassed else { return }
    failed += 1
    failures.append(run)
    if failures.count > 100 {
      failures.sort { $0.seed < $1.seed }
      failures.removeLast()
    }
  }

  /// The counts, a line each.
  package var summary: [String] {
    var lines = [
      "events per seed: \(tally.events / max(played, 1)) on average, \(longest) at most",
      "attempts: \(tally.rotations), runs of a rotator: \(tally.incarnations)", "endings:",
    ]
    lines += Self.counted(tally.endings)
    lines.append("transitions of the machine:")
    lines += Self.counted(tally.transitions)
    lines.append("faults:")
    for kind in FaultKind.allCases { lines.append("  \(String(tally.faults[kind.rawValue]).padded(to: 9)) \(kind)") }
    return lines
  }

  private static func counted(_ counts: [String: Int]) -> [String] {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \(String($0.value).padded(to: 9)) \($0.key)" }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
