import RotationCore

/// One run of one seed.
package struct SeedRun: Sendable {
  /// The seed.
  package let seed: UInt64
  /// The invariant that did not hold, if one did not.
  package let invariant: Invariant?
  /// What was wrong, with the time.
  package let message: String
  let strikes: [FaultSchedule.Strike]
  let tally: Tally
  /// What happened, where it was asked for.
  package let trace: [String]

  /// Whether every invariant held.
  package var hasPassed: Bool { invariant == nil }

  /// Plays a seed.
  ///
  /// - Parameters:
  ///   - planted: A fault between the production core and the world.
  ///   - isTraced: Whether to keep what happens.
  package static func play(_ seed: UInt64, planted: PlantedFault? = nil, isTraced: Bool = false) -> SeedRun {
    play(seed, planted: planted, sparing: [], isTraced: isTraced)
  }

  static func play(
    _ seed: UInt64, planted: PlantedFault?, sparing spared: Set<FaultSchedule.Strike>, isTraced: Bool
  ) -> SeedRun {
    let world = World(seed: seed, planted: planted, sparing: spared, isTraced: isTraced)
    world.play()
    world.end()
    let violation = world.violation
    return SeedRun(
      seed: seed, invariant: violation?.invariant, message: violation.map { "at \($0.time) s: \($0.message)" } ?? "",
      strikes: world.faults.strikes, tally: world.tally, trace: world.trace.lines)
  }

  /// The same failure with as few faults as possible: each is left out in turn, and stays out if the same invariant still fails.
  package func minimised(planted: PlantedFault? = nil) -> SeedRun {
    guard let invariant else { return self }
    var (spared, best) = (Set<FaultSchedule.Strike>(), self)
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for strike in best.strikes where !spared.contains(strike) {
        let attempt = Self.play(seed, planted: planted, sparing: spared.union([strike]), isTraced: false)
        guard attempt.invariant == invariant else { continue }
        spared.insert(strike)
        best = attempt
        hasChanged = true
      }
    }
    return Self.play(seed, planted: planted, sparing: spared, isTraced: true)
  }
}
