/// Allows bursts up to a capacity and a steady rate after that. Pure: time is an argument.
struct TokenBucket: Sendable {
  private let capacity: Double
  private let perSecond: Double
  private var tokens: Double
  private var refilled: ContinuousClock.Instant

  init(capacity: Int, perSecond: Double, now: ContinuousClock.Instant) {
    self.capacity = Double(capacity)
    self.perSecond = perSecond
    tokens = Double(capacity)
    refilled = now
  }

  /// Takes a token; `false` if there is none.
  mutating func take(at now: ContinuousClock.Instant) -> Bool {
    tokens = min(capacity, tokens + (now - refilled) / .seconds(1) * perSecond)
    refilled = now
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }
}
