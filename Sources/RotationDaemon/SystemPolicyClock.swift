import Foundation
import PosixStatus
import RotationCore
import Systemd

/// The machine's own clocks.
struct SystemPolicyClock: PolicyClock {
  private let boot: String
  private let bootedAt: Double
  private let offset: @Sendable () -> TimeInterval
  private let bootOffset: @Sendable () -> TimeInterval
  private let attention: TimeInterval

  /// Only tests of the whole service give a parameter.
  ///
  /// - Parameters:
  ///   - offset: Seconds to add to the wall clock.
  ///   - bootOffset: Seconds to add to CLOCK_BOOTTIME.
  ///   - attention: Within how many seconds a sleeper notices that the offset has changed.
  init(
    offset: @escaping @Sendable () -> TimeInterval = { 0 }, bootOffset: @escaping @Sendable () -> TimeInterval = { 0 },
    attention: TimeInterval = longestSleep
  ) {
    self.offset = offset
    self.bootOffset = bootOffset
    self.attention = attention
    (boot, bootedAt) = Self.boot(BootIdentity.current())
  }

  func now() -> Date { Date(timeIntervalSinceNow: offset()) }

  func bootInstant() -> BootInstant {
    BootInstant(boot: boot, seconds: BootClock.seconds - bootedAt + bootOffset())
  }

  /// Where nobody tells which boot this is, every start of the daemon counts as one, and its time begins then: keys live longer, never shorter.
  private static func boot(_ identity: String?) -> (String, Double) {
    identity.map { ($0, 0) } ?? (UUID().uuidString, BootClock.seconds)
  }

  func monotonicSeconds() -> Double { MonotonicClock.seconds }

  /// At most this many seconds pass until a wall clock that was set, or a machine that was suspended, is noticed.
  static let longestSleep: TimeInterval = 30

  /// Returns early rather than late: a sleeper looks at the clock again.
  func sleep(until instant: Date) async throws {
    let end = MonotonicClock.seconds + min(max(instant.timeIntervalSince(now()), 0.01), Self.longestSleep)
    repeat {
      try await Task.sleep(for: .seconds(min(max(end - MonotonicClock.seconds, 0.01), attention)))
    } while MonotonicClock.seconds < end && now() < instant
  }
}
