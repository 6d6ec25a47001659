import Foundation

/// Where the next death shall come, drawn from one seed: a phase that has seen few deaths is likelier than others.
struct KillLottery: Sendable {
  /// The phases that are counted, in the order in which a rotation comes through them.
  static let phases = [
    "preflight", "planned", "claiming", "staging", "committing", "outcomeUnknown", "fencing", "unstaging", "checking",
    "proving",
  ]

  /// One death.
  struct Draw: Sendable {
    /// The phase that it is aimed at; where it lands is counted.
    var phase: String
    /// The node whose agent dies; `nil` is the rotator.
    var node: Int?
    /// How far into the phase, as a part of what it usually takes.
    var part: Double
  }

  private var randomness: SeededGenerator
  private let nodeCount: Int

  init(seed: UInt64, nodeCount: Int) {
    randomness = SeededGenerator(seed: seed)
    self.nodeCount = nodeCount
  }

  mutating func draw(counts: [String: Int]) -> Draw {
    let fewest = Self.phases.map { counts[$0] ?? 0 }.min() ?? 0
    let rare = Self.phases.filter { (counts[$0] ?? 0) <= fewest + 1 }
    let phase = (Bool.random(using: &randomness) ? rare : Self.phases).randomElement(using: &randomness) ?? "staging"
    // What lasts a moment is met only from inside the process; an agent's death is aimed from outside.
    let isBrief = ["planned", "outcomeUnknown"].contains(phase)
    let isAgent = !isBrief && Double.random(in: 0..<1, using: &randomness) < 0.35
    return Draw(
      phase: phase, node: isAgent ? Int.random(in: 0..<nodeCount, using: &randomness) : nil,
      part: Double.random(in: 0..<1.1, using: &randomness))
  }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// How long each phase takes, learned from a trace.
struct PhaseLengths: Sendable {
  private var microseconds: [String: Double] = [:]

  /// What a phase takes that was never seen.
  private static let unknown = 20_000.0

  func length(of phase: String) -> Double { microseconds[phase] ?? Self.unknown }

  init(_ trace: [TraceLine]) {
    let begins = trace.filter { $0.phase != nil && $0.phase != "retirement" }
    for (line, next) in zip(begins, begins.dropFirst()) where line.phase != "ended" {
      guard let phase = line.phase, phase != next.phase else { continue }
      let length = Double(next.microseconds - line.microseconds)
      microseconds[phase] = max(length, microseconds[phase] ?? 0)
    }
  }
}

/// What the deaths came to, over all sites.
actor KillCount {
  private(set) var byPhase: [String: Int] = [:]
  private(set) var failures: [String] = []
  private var outcomes: [String: Int] = [:]
  private var agents = 0
  private var slowest = 0.0
  private var underWay = 0
  private let total: Int
  private let seed: UInt64
  private var lottery: KillLottery
  private let report: CrashReport

  init(total: Int, seed: UInt64, nodeCount: Int) {
    self.total = total
    self.seed = seed
    lottery = KillLottery(seed: seed, nodeCount: nodeCount)
    report = CrashReport(total: total)
  }

  private var done: Int { byPhase.values.reduce(0, +) }

  /// The next death to try; `nil` when there were enough.
  func next() -> KillLottery.Draw? {
    guard done + underWay < total else { return nil }
    underWay += 1
    return lottery.draw(counts: byPhase)
  }

  func died(in phase: String, node: Int?) {
    byPhase[phase, default: 0] += 1
    underWay = max(0, underWay - 1)
    if node != nil { agents += 1 }
  }

  func took(_ verdict: CrashVerdict, after draw: KillLottery.Draw) {
    slowest = max(slowest, verdict.seconds)
    outcomes[verdict.outcome, default: 0] += 1
    report.show(
      done, failed: failures.count,
      last: "\(who(draw)) in \(draw.phase): \(verdict.outcome) after \(Self.text(verdict.seconds)) s")
  }

  func failed(_ draw: KillLottery.Draw, _ error: any Error) {
    failures.append("\(who(draw)) aimed at \(draw.phase) (seed \(seed)): \(error)")
    report.show(done, failed: failures.count, last: "\(who(draw)) in \(draw.phase): FAILED")
  }

  private static func text(_ seconds: Double) -> String { String(format: "%.1f", seconds) }

  private func who(_ draw: KillLottery.Draw) -> String { draw.node.map { "agent \($0 + 1)" } ?? "rotator" }

  /// Prints the table and the JSON line.
  func end() {
    let phases = KillLottery.phases + byPhase.keys.filter { !KillLottery.phases.contains($0) }.sorted()
    var lines = phases.map { "\($0.padding(toLength: 16, withPad: " ", startingAt: 0)) \(byPhase[$0] ?? 0)" }
    let ended = outcomes.sorted { $0.key < $1.key }
    lines.append("ended: " + ended.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    lines.append("\(done) kills (\(done - agents) of the rotator, \(agents) of agents), \(failures.count) failed, seed \(seed)")
    let members = phases.map { "\"\($0)\":\(byPhase[$0] ?? 0)" }.joined(separator: ",")
    lines.append(
      "{\"seed\":\(seed),\"kills\":\(done),\"rotator\":\(done - agents),\"agents\":\(agents),\"failed\":\(failures.count),"
        + "\"slowestSeconds\":\(Self.text(slowest)),\"phases\":{\(members)}}")
    report.end(lines)
  }
}
