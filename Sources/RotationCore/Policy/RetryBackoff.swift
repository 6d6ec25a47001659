package import Foundation

/// Waits between resends to a silent domain controller: one second, doubling, at most thirty.
package enum RetryBackoff {
  /// The longest wait, in seconds.
  package static let longest: TimeInterval = 30

  /// When to try again after the `attempt`-th failure in a row, counted from 1.
  package static func nextTry(after attempt: Int, at now: Date) -> Date {
    let exponent = Double(min(max(attempt, 1), 6) - 1)
    return now.addingTimeInterval(min(longest, pow(2, exponent)))
  }
}
