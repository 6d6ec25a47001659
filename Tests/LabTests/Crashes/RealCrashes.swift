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
  /// The descriptor to write to; the file behind it may be somebody else's as well.
  private let progress: Int32?
  private let isTerminal: Bool

  init(total: Int) {
    self.total = total
    progress = RealCrashes.wish("PROGRESS").flatMap { Int32($0) }
    isTerminal = RealCrashes.wish("TERMINAL") == "1"
  }

  /// One line that is rewritten on a terminal, and else one per call.
  func show(_ done: Int, failed: Int, last: String) {
    let seconds = Int((ContinuousClock.now - started) / .seconds(1))
    let width = 24
    let filled = total == 0 ? width : min(width, done * width / total)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    let line = "[\(bar)] \(done) of \(total), \(failed) failed, \(seconds) s: \(last)"
    tell(isTerminal ? "\r\u{1B}[2K\(line.prefix(150))" : line + "\n")
  }

  /// The result, for whoever started the run.
  func end(_ lines: [String]) {
    if isTerminal { tell("\n") }
    guard let path = RealCrashes.wish("REPORT") else { return }
    try? (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: false, encoding: .utf8)
  }

  private func tell(_ text: String) {
    guard let progress else { return }
    try? FileHandle(fileDescriptor: progress, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
  }
}
