import Foundation

/// How long a run is and what it has to reach, from the environment that `Tests/Soak/soak` sets; without it, the short form.
struct SoakSettings: Sendable {
  let seconds: Int
  let seed: UInt64

  /// - Parameter short: How long the short form is, in seconds.
  init(short: Int) {
    let environment = ProcessInfo.processInfo.environment
    seconds = environment["ASA_SOAK_SECONDS"].flatMap { Int($0) } ?? short
    seed = environment["ASA_SOAK_SEED"].flatMap { UInt64($0) } ?? 1
  }

  /// The most keys that a configuration allows a node to hold.
  static let slotLimit = 64

  /// Whether this is a run of its own; the short form shares the machine with other tests.
  private var isLong: Bool { seconds >= 120 }

  var presenters: Int { 2 }
  /// Of each presenter, per second. More than is demanded, since a busy machine does not give as much.
  var rate: Int { isLong ? 130 : 60 }
  var browserRate: Int { 4 }

  /// From one rotation to the next that no fault asks for.
  var pause: Duration { .seconds(isLong ? 4 : 2) }

  /// How many rotations there may have been after a part of the time: tickets live for ten hours, so no key retires during a run.
  func roomForRotations(after elapsed: Duration) -> Int {
    Int(Double(Self.slotLimit - 6) * min(1, elapsed / .seconds(seconds))) + 3
  }

  /// 20,000 in two minutes.
  var leastAuthentications: Int { seconds * (isLong ? 167 : 30) }
  /// Six in two minutes, as long as there is room for more.
  var leastRotations: Int { min(max(1, seconds / 20), Self.slotLimit * 2 / 3) }
  var leastKinds: Int { seconds >= 900 ? SoakFault.allCases.count : isLong ? 3 : 1 }
}
