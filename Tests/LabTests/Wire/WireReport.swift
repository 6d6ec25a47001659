import Foundation

/// What came of every run: a line each, and a table and a line of JSON at the end.
final class WireReport {
  private struct Row {
    var runs = 0
    var outcomes: [String: Int] = [:]
    var failures = 0
  }

  private let seed: UInt64
  private let times: Int
  private var rows: [WireScenario: Row] = [:]
  private(set) var faults: [String] = []
  private var count = 0

  init(seed: UInt64, times: Int) {
    (self.seed, self.times) = (seed, times)
    Self.say("wire: \(times) runs, seed \(seed)")
  }

  func note(_ scenario: WireScenario, _ verdict: WireRun.Verdict, seconds: Double) {
    count += 1
    let outcome = "\(verdict.outcome) +\(verdict.moved)"
    rows[scenario, default: Row()].runs += 1
    rows[scenario, default: Row()].outcomes[outcome, default: 0] += 1
    if !verdict.faults.isEmpty { rows[scenario, default: Row()].failures += 1 }
    let judgement = verdict.faults.isEmpty ? "ok" : "WRONG: \(verdict.faults.joined(separator: "; "))"
    faults += verdict.faults.map { "run \(count) of seed \(seed), \(scenario): \($0)" }
    Self.say(
      "\(count)/\(times) \(scenario): \(outcome), \(seconds.formatted(.number.precision(.fractionLength(1)))) s, \(judgement)")
  }

  func finish() {
    Self.say("\nwrite   runs  outcome (kvno)                      mode")
    for (scenario, row) in rows.sorted(by: { "\($0.key)" < "\($1.key)" }) {
      let outcomes = row.outcomes.sorted { $0.key < $1.key }.map { "\($0.key) x\($0.value)" }.joined(separator: ", ")
      Self.say(
        Self.padded(scenario.write.rawValue, 8) + Self.padded("\(row.runs)", 6) + Self.padded(outcomes, 36)
          + scenario.mode.rawValue + (row.failures > 0 ? "  (\(row.failures) WRONG)" : ""))
    }
    let wrong = rows.values.map(\.failures).reduce(0, +)
    Self.say(
      "{\"test\":\"wire\",\"seed\":\(seed),\"runs\":\(count),\"passed\":\(count - wrong),\"failed\":\(wrong),"
        + "\"modes\":\(rows.count)}")
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
