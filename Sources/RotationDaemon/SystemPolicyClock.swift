import Foundation
import PosixStatus
import RotationCore
import Systemd

/// The machine's own clocks.
struct SystemPolicyClock: PolicyClock {
  private let boot: String
  private let bootedAt: Double
  private let offset: @Sendable () -> TimeInterval

  /// - Parameter offset: Seconds to add to the wall clock; only tests of the whole service add any.
  init(offset: @escaping @Sendable () -> TimeInterval = { 0 }) {
    self.offset = offset
    (boot, bootedAt) = Self.boot(BootIdentity.current())
  }

  func now() -> Date { Date(timeIntervalSinceNow: offset()) }

  func bootInstant() -> BootInstant {
    BootInstant(boot: boot, seconds: BootClock.seconds - bootedAt)
  }

  /// Where nobody tells which boot this is, every start of the daemon counts as one, and its time begins then: keys live longer, never shorter.
  private static func boot(_ identity: String?) -> (String, Double) {
    identity.map { ($0, 0) } ?? (UUID().uuidString, BootClock.seconds)
  }

  func monotonicSeconds() -> Double { MonotonicClock.seconds }

  /// Sleeps in pieces, so that a wall clock that is set, or a machine that was suspended, is noticed.
  func sleep(until instant: Date) async throws {
    let remaining = instant.timeIntervalSince(now())
    try await Task.sleep(for: .seconds(min(max(remaining, 0.01), 30)))
  }
}
