import Foundation
import Synchronization
import Testing

/// Daemons that are killed for good on the real lab: long, and run on demand by `Tests/Crash/crash`.
enum RealCrashes {
  /// A wish from the environment: a number, or anything.
  static func wish(_ name: String) -> String? { ProcessInfo.processInfo.environment["ASA_CRASH_\(name)"] }

  /// How many clusters are worked at side by side.
  static let siteCount = 3

  /// Hands out numbers for sites: accounts of one lab need names of their own.
  static let siteNumbers = Mutex(0)

  static func nextSite() -> Int {
    siteNumbers.withLock { number in
      number += 1
      return number
    }
  }
}

/// Where a long run tells how far it has come, and what it came to.
struct CrashReport: Sendable {
  private let total: Int
  private let started = ContinuousClock.now
  private let progress: String?
  private let isTerminal: Bool

  init(total: Int) {
    self.total = total
    progress = RealCrashes.wish("PROGRESS")
    isTerminal = RealCrashes.wish("TERMINAL") == "1"
  }

  /// One line that is rewritten on a terminal, and else one per call.
  func show(_ done: Int, failed: Int, last: String) {
    let seconds = Int((ContinuousClock.now - started) / .seconds(1))
    let width = 24
    let filled = total == 0 ? width : min(width, done * width / total)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    let line = "[\(bar)] \(done) of \(total), \(failed) failed, \(seconds) s: \(last)"
    append(isTerminal ? "\r\u{1B}[2K\(line.prefix(150))" : line + "\n", to: progress)
  }

  /// The result, for whoever started the run.
  func end(_ lines: [String]) {
    if isTerminal { append("\n", to: progress) }
    append(lines.joined(separator: "\n") + "\n", to: RealCrashes.wish("REPORT"))
  }

  private func append(_ text: String, to path: String?) {
    guard let path, let file = FileHandle(forWritingAtPath: path) else { return }
    _ = try? file.seekToEnd()
    try? file.write(contentsOf: Data(text.utf8))
    try? file.close()
  }
}
