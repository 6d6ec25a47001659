import CoreFoundation
import Foundation
import Glibc
import RotationCore

/// The machine's own clocks.
struct SystemPolicyClock: PolicyClock {
  private let boot: String

  init() {
    let identifier = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    // Where /proc/sys is hidden, every start of the daemon counts as a new boot: keys live longer, never shorter.
    boot = identifier.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? UUID().uuidString
  }

  func now() -> Date { Date() }

  func bootInstant() -> BootInstant {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return BootInstant(boot: boot, seconds: TimeInterval(time.tv_sec) + TimeInterval(time.tv_nsec) / 1e9)
  }

  /// Sleeps in pieces, so that a wall clock that is set, or a machine that was suspended, is noticed.
  func sleep(until instant: Date) async throws {
    let remaining = instant.timeIntervalSince(Date())
    try await Task.sleep(for: .seconds(min(max(remaining, 0.01), 30)))
  }
}
