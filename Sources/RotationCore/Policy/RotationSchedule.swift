package import Foundation

/// When scheduled rotations of one account begin. Pure: the same policy and dates give the same answers, whatever the machine does.
///
/// The *nominal* due date is when the interval is over. Freezes, windows and jitter only move the start; the next nominal date counts from the
/// nominal one before it, so that starts that come late by a window or by jitter do not drift.
package struct RotationSchedule: Sendable, Equatable {
  /// A date at which a scheduled rotation begins.
  package struct Start: Sendable, Equatable {
    /// When; `.distantFuture` if the policy leaves no instant for it.
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
    /// Until when it may not; `.distantFuture` if the policy leaves no instant for it.
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

  /// The policy's interval in seconds.
  var interval: TimeInterval { policy.every.wholeSeconds }

  // MARK: Starts

  /// When the rotation whose interval ends at `nominal` begins: inside a window, outside of freezes, after its jitter.
  ///
  /// The jitter counts from the nominal date, or from the end of the freeze or the opening of the window that moved it, and is scaled down
  /// where it would not fit into what is left of that opening, the last minute excepted. A rotation that did not succeed in the opening that it was planned for, because the
  /// daemon was down or it failed, begins with the same jitter in the one that is open at `now`, or in the next one. A date at or before
  /// `now` says that it may begin now.
  ///
  /// - Parameters:
  ///   - success: When the rotation before succeeded, for the reasons; `nil` if there was none.
  ///   - now: The wall clock; `nil` for the date that was planned at first.
  package func start(for nominal: Date, after success: Date? = nil, at now: Date? = nil) -> Start {
    let interval = intervalReason(nominal: nominal, after: success)
    let first = admission(from: nominal)
    let planned = jittered(first, nominal: nominal)
    guard let now, planned.date < now else { return Start(date: planned.date, reasons: [interval] + planned.reasons) }
    let later = reopening(at: now)
    guard later.date > planned.date else { return Start(date: planned.date, reasons: [interval] + planned.reasons) }
    let caughtUp = jittered(later, nominal: nominal)
    return Start(date: caughtUp.date, reasons: [interval, "put off from \(planned.date.inWords)"] + caughtUp.reasons)
  }

  /// What forbids a scheduled rotation to begin at an instant; `nil` if nothing does.
  package func obstacle(at instant: Date) -> Obstacle? {
    let admission = admission(from: instant)
    return admission.reasons.last.map { Obstacle(until: admission.date, reason: $0) }
  }

  /// The next starts, the first for `nominal` and not before `now`, as if every rotation succeeded at once. Fewer than asked for if the policy
  /// leaves no instant for more.
  ///
  /// - Parameter success: When the rotation before succeeded, for the reasons; `nil` if there was none.
  package func upcoming(_ count: Int, nominal: Date, at now: Date, after success: Date? = nil) -> [Start] {
    var (starts, nominal, success): ([Start], Date, Date?) = ([], nominal, success)
    while starts.count < count, starts.last?.date != .distantFuture {
      var next = start(for: nominal, after: success, at: now)
      if next.date < now {
        next.reasons.append("put off from \(next.date.inWords)")
        next.date = now
      }
      starts.append(next)
      nominal = self.nominal(afterSuccessAt: next.date, due: nominal)
      success = next.date
    }
    return starts
  }

  private func jittered(_ start: Start, nominal: Date) -> Start {
    guard start.date < .distantFuture else { return start }
    let left = stretch(around: start.date).upperBound.timeIntervalSince(start.date)
    // A start in the last second of a window would be missed, and again at every opening, since its jitter is always the same.
    let room = min(policy.jitter.wholeSeconds, left - min(60, left / 2))
    guard room > 0 else { return start }
    // Whole seconds survive being stored; the fraction of a nominal date may not.
    let second = Int(nominal.timeIntervalSince1970.rounded(.down))
    let delay = (Spread.fraction(of: "jitter", spreadName, "\(second)") * room).rounded(.down)
    guard delay > 0 else { return start }
    return Start(date: start.date.addingTimeInterval(delay), reasons: start.reasons + ["\(delay.inWords) of jitter"])
  }

  /// Names of accounts that differ by case alone are one account.
  private var spreadName: String { "\(account)".lowercased() }

  // MARK: Intervals

  /// The nominal due date after a rotation that succeeded; always later than the success, and by half an interval at least.
  ///
  /// A success that came at most half an interval after its nominal date counts from that date, so that a late start does not put off all
  /// those after it. A later one counts from the opening of the last window, or from itself where there are none.
  ///
  /// - Parameters:
  ///   - success: When it succeeded.
  ///   - nominal: The nominal due date that it fulfilled; `nil` for a manual rotation, which counts from itself.
  package func nominal(afterSuccessAt success: Date, due nominal: Date?) -> Date {
    let every = policy.every.wholeSeconds
    // A success before it was due can only be one during which the clock was set back.
    guard let nominal, success >= nominal else { return success.addingTimeInterval(every) }
    if success.timeIntervalSince(nominal) <= every / 2 { return nominal.addingTimeInterval(every) }
    let anchor = policy.windows.map { $0.lastOpening(notAfter: success) }.max() ?? success
    let intervals = (success.addingTimeInterval(every / 2).timeIntervalSince(anchor) / every).rounded(.up)
    return anchor.addingTimeInterval(max(intervals, 1) * every)
  }

  /// The nominal due date that stands after the wall clock was changed: one further away than an interval, which only a clock that was set back
  /// can bring about, counts from now.
  package func corrected(_ nominal: Date, at now: Date) -> Date {
    min(nominal, now.addingTimeInterval(policy.every.wholeSeconds))
  }

  /// How long the schedule leaves the account alone after the `count`-th failure in a row, counted from 1, in seconds.
  ///
  /// The first pause is ``RetryPolicy/initial``; each failure doubles it up to ``RetryPolicy/maximum``. Up to a fifth of it is added, so that
  /// accounts that failed together do not try again together.
  ///
  /// - Parameter seed: What fixes that addition besides the account and the count, such as the rotation that failed.
  package func pause(afterFailures count: Int, seed: String) -> TimeInterval {
    policy.retry.pause(afterFailures: count, spread: Spread.fraction(of: "pause", spreadName, "\(count)", seed))
  }

  private func intervalReason(nominal: Date, after success: Date?) -> String {
    let every = policy.every.wholeSeconds
    let anchor = nominal.addingTimeInterval(-every)
    guard let success else { return "\(every.inWords) after \(anchor.inWords)" }
    let rotation = "the rotation of \(success.inWords)"
    return anchor.inWords == success.inWords
      ? "\(every.inWords) after \(rotation)" : "\(every.inWords) after \(anchor.inWords), from which \(rotation) counts"
  }
}
