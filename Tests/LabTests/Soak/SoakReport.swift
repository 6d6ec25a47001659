import Foundation

/// Where a long run tells how it goes, and what came of it. `Tests/Soak/soak` names the places; without it, nothing is told.
struct SoakReport: Sendable {
  private static let environment = ProcessInfo.processInfo.environment
  private let started = ContinuousClock.now
  /// The descriptor to write to.
  private let progress = environment["ASA_SOAK_PROGRESS"].flatMap { Int32($0) }
  private let isTerminal = environment["ASA_SOAK_TERMINAL"] == "1"

  /// Seconds from one line to the next.
  var interval: Int { isTerminal ? 1 : 5 }

  /// One line, that is rewritten on a terminal.
  func show(_ tally: ServiceTally, rotations: Int, fault: String?) {
    let line =
      "\(seconds) s: \(tally.authentications) authentications, \(tally.refused.count) refused, \(tally.unreachable) unreachable, "
      + "\(rotations) rotations, \(fault ?? "no fault")"
    tell(isTerminal ? "\r\u{1B}[2K\(line.prefix(150))" : "\(line)\n")
  }

  /// A line that stays.
  func note(_ text: String) {
    tell("\(isTerminal ? "\r\u{1B}[2K" : "")\(seconds) s: \(text.trimmingCharacters(in: .whitespacesAndNewlines))\n")
  }

  /// What was wrong, and the result, for whoever started the run.
  func end(_ line: String, shortcomings: [String]) {
    if isTerminal { tell("\n") }
    for shortcoming in shortcomings { tell("\(shortcoming)\n") }
    guard let path = Self.environment["ASA_SOAK_REPORT"] else { return }
    try? "\(line)\n".write(toFile: path, atomically: false, encoding: .utf8)
  }

  private var seconds: Int { Int((ContinuousClock.now - started) / .seconds(1)) }

  private func tell(_ text: String) {
    guard let progress else { return }
    try? FileHandle(fileDescriptor: progress, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
  }
}
