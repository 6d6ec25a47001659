import Foundation

/// The schedule's pauses after failures in a row: the first one doubles up to a cap, each a little longer by jitter.
package struct RetryPolicy: Sendable, Equatable, Codable {
  /// The pause after the first failure; default 15 min.
  package var initial: Duration
  /// The longest pause before jitter; default 6 h.
  package var maximum: Duration

  /// Makes a policy.
  package init(initial: Duration = .seconds(900), maximum: Duration = .seconds(21_600)) {
    self.initial = initial
    self.maximum = maximum
  }

  /// The pause after the `count`-th failure in a row, counted from 1, in seconds.
  ///
  /// - Parameter spread: Where in the jitter it lies: 0 adds nothing to the doubled pause, 1 would add a fifth of it.
  func pause(afterFailures count: Int, spread: Double) -> TimeInterval {
    let doublings = min(max(count, 1), 32) - 1
    return min(maximum.wholeSeconds, initial.wholeSeconds * pow(2, Double(doublings))) * (1 + spread / 5)
  }
}
