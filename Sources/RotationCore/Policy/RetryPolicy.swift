/// The schedule's pauses after failures in a row: the first one doubles up to a cap, each a little longer by jitter.
package struct RetryPolicy: Sendable, Equatable, Codable {
  /// The pause after the first failure; default 15 min.
  package var initial: Duration
  /// The longest pause; default 6 h.
  package var maximum: Duration

  /// Makes a policy.
  package init(initial: Duration = .seconds(900), maximum: Duration = .seconds(21_600)) {
    self.initial = initial
    self.maximum = maximum
  }
}
