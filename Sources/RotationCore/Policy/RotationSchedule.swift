package import Foundation

/// When scheduled rotations of one account begin. Pure: the same policy and dates give the same answers, whatever the machine does.
///
/// The *nominal* due date is when the interval is over. Freezes, windows and jitter only move the start; the next nominal date counts from the
/// nominal one before it, so that starts that come late by a window or by jitter do not drift.
package struct RotationSchedule: Sendable, Equatable {
  /// A date at which a scheduled rotation begins.
  package struct Start: Sendable, Equatable {
    /// When.
    package var date: Date
    /// Why then, in order: the interval, then everything that moved it.
    package var reasons: [String]

    /// Makes a start from its parts.
    package init(date: Date, reasons: [String]) {
      self.date = date
      self.reasons = reasons
    }
  }

  /// Why a scheduled rotation may not begin now.
  package struct Obstacle: Sendable, Equatable {
    /// Until when it may not.
    package var until: Date
    /// The window or the freeze, as a clause: "the window Sun 02:00-05:00 Europe/Copenhagen opens".
    package var reason: String

    /// Makes an obstacle from its parts.
    package init(until: Date, reason: String) {
      self.until = until
      self.reason = reason
    }
  }

  /// When and how the account rotates.
  package var policy: RotationPolicy
  /// The account; its name spreads the jitter.
  package var account: AccountName

  /// Reckons for one account.
  package init(policy: RotationPolicy, account: AccountName) {
    self.policy = policy
    self.account = account
  }

  /// When the rotation whose interval ends at `nominal` begins: after its jitter, inside a window, outside of freezes.
  package func start(for nominal: Date) -> Start {
    Start(date: nominal, reasons: [])
  }

  /// What forbids a scheduled rotation to begin at an instant; `nil` if nothing does.
  package func obstacle(at instant: Date) -> Obstacle? { nil }

  /// The nominal due date after a rotation that succeeded.
  ///
  /// - Parameters:
  ///   - success: When it succeeded.
  ///   - nominal: The nominal due date that it fulfilled; `nil` for a manual rotation, which counts from itself.
  package func nominal(afterSuccessAt success: Date, due nominal: Date?) -> Date {
    success.addingTimeInterval(TimeInterval(policy.every.components.seconds))
  }

  /// The nominal due date that stands after the wall clock was changed: never further away than one interval.
  package func corrected(_ nominal: Date, at now: Date) -> Date {
    min(nominal, now.addingTimeInterval(TimeInterval(policy.every.components.seconds)))
  }

  /// How long the schedule leaves the account alone after the `count`-th failure in a row, counted from 1, in seconds. The jitter in it is fixed
  /// by `seed`.
  package func pause(afterFailures count: Int, seed: String) -> TimeInterval {
    min(6 * 3600, 900 * pow(2, Double(min(count, 6) - 1)))
  }

  /// The next starts, the first for `nominal` and not before `now`, as if every rotation succeeded at once.
  package func upcoming(_ count: Int, nominal: Date, at now: Date) -> [Start] { [] }
}
