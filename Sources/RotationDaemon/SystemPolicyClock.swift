import Foundation
import PosixStatus
import RotationCore

/// The machine's own clocks.
struct SystemPolicyClock: PolicyClock {
  private let boot: String
  private let offset: @Sendable () -> TimeInterval

  /// - Parameter offset: Seconds to add to the wall clock; only tests of the whole service add any.
  init(offset: @escaping @Sendable () -> TimeInterval = { 0 }) {
    self.offset = offset
    let identifier = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    // Where /proc/sys is hidden, every start of the daemon counts as a new boot: keys live longer, never shorter.
    boot = identifier.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? UUID().uuidString
  }

  func now() -> Date { Date(timeIntervalSinceNow: offset()) }

  func bootInstant() -> BootInstant {
    BootInstant(boot: boot, seconds: BootClock.seconds)
  }

  func monotonicSeconds() -> Double { MonotonicClock.seconds }

  /// Sleeps in pieces, so that a wall clock that is set, or a machine that was suspended, is noticed.
  func sleep(until instant: Date) async throws {
    let remaining = instant.timeIntervalSince(now())
    try await Task.sleep(for: .seconds(min(max(remaining, 0.01), 30)))
  }
}
