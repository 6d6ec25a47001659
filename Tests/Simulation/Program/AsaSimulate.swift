import Foundation
import Simulation
import Synchronization

/// Plays the production core in seeded worlds and reports what broke.
@main
struct AsaSimulate {
  static func main() {
    let arguments = Arguments(CommandLine.arguments.dropFirst())
    if let problem = arguments.problem {
      FileHandle.standardError.write(Data("asa-simulate: \(problem)\n\(Arguments.usage)\n".utf8))
      exit(64)
    }
    if let seed = arguments.seed { exit(replay(seed, arguments)) }
    exit(arguments.planted.isEmpty ? campaign(arguments) : plantedFaults(arguments))
  }

  /// One seed with everything that happened in it.
  private static func replay(_ seed: UInt64, _ arguments: Arguments) -> Int32 {
    var run = SeedRun.play(seed, planted: arguments.planted.first, isTraced: true)
    if arguments.isMinimised, !run.hasPassed { run = run.minimised(planted: arguments.planted.first) }
    for line in run.trace { print(line) }
    print(run.verdict)
    return run.hasPassed ? 0 : 1
  }

  private static func campaign(_ arguments: Arguments) -> Int32 {
    let begin = Date()
    let bar = ProgressBar(total: arguments.seeds)
    let shown = Mutex(0)
    let result = Campaign(
      first: arguments.from, count: arguments.seeds, threads: arguments.threads, stopsAtFailure: arguments.stopsAtFailure
    ).run(
      onFailure: { failure in
        shown.withLock { shown in
          shown += 1
          guard shown <= arguments.shown else { return }
          bar.clear()
          print(failure.verdict)
          fflush(nil)
        }
      }, onProgress: bar.show)
    bar.finish()
    if let failure = result.failures.first {
      print("the first of them with as few faults as possible:")
      for line in failure.minimised().trace { print("  \(line)") }
    }
    for line in result.summary { print(line) }
    print("took \(Int(Date().timeIntervalSince(begin))) s")
    print("\(result.played - result.failed) passed, \(result.failed) failed")
    return result.failed == 0 ? 0 : 1
  }

  /// Each planted fault must be found.
  private static func plantedFaults(_ arguments: Arguments) -> Int32 {
    var survivors = 0
    for fault in arguments.planted {
      let result = Campaign(
        first: arguments.from, count: arguments.seeds, planted: fault, threads: arguments.threads, stopsAtFailure: true
      ).run()
      if let found = result.failures.first {
        print("caught   \(fault.rawValue): \(found.verdict)")
      } else {
        survivors += 1
        print("SURVIVED \(fault.rawValue): \(result.played) seeds passed")
      }
    }
    print("\(arguments.planted.count - survivors) of \(arguments.planted.count) planted faults caught")
    return survivors == 0 ? 0 : 1
  }
}

extension SeedRun {
  fileprivate var verdict: String {
    invariant.map { "seed \(seed): \($0.rawValue) \(message)" } ?? "seed \(seed): passed"
  }
}
