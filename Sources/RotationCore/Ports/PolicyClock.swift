package import Foundation

/// A reading of CLOCK_BOOTTIME: it never jumps and counts through suspend, but starts anew with the machine.
package struct BootInstant: Sendable, Equatable, Codable {
  /// Which boot of the machine (the kernel's boot_id).
  package var boot: String
  /// Seconds since that boot.
  package var seconds: TimeInterval

  /// Makes a reading.
  package init(boot: String, seconds: TimeInterval) {
    self.boot = boot
    self.seconds = seconds
  }

  /// Seconds that have certainly passed since `earlier`: after a reboot, only those since the reboot.
  package func secondsCertainlyPassed(since earlier: BootInstant) -> TimeInterval {
    boot == earlier.boot ? seconds - earlier.seconds : seconds
  }
}

/// The clock that policy is reckoned by. Tests drive it; protocol time is never taken from it.
package protocol PolicyClock: Sendable {
  /// The wall clock.
  func now() -> Date

  /// CLOCK_BOOTTIME.
  func bootInstant() -> BootInstant

  /// CLOCK_MONOTONIC in seconds: the time that our own work takes. It stands still while the machine is suspended.
  func monotonicSeconds() -> Double

  /// Returns when the wall clock has reached `instant`, or earlier: the caller looks at the clock again.
  ///
  /// - Throws: `CancellationError`.
  func sleep(until instant: Date) async throws
}
