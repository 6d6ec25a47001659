/// How long to wait before dialling again: exponential with full jitter, so that the nodes of an array do not all come back at once.
package struct ReconnectBackoff<Randomness: RandomNumberGenerator & Sendable>: Sendable {
  /// The ceiling of the first wait.
  package static var base: Duration { .milliseconds(250) }
  /// The ceiling of every later wait.
  package static var cap: Duration { .seconds(15) }

  private var randomness: Randomness
  private var ceiling: Duration

  /// Starts with the first wait.
  package init(randomness: Randomness) {
    self.randomness = randomness
    ceiling = Self.base
  }

  /// The next wait: anything between nothing and the ceiling, which then doubles up to the cap.
  package mutating func next() -> Duration {
    defer { ceiling = min(ceiling * 2, Self.cap) }
    return ceiling * (Double(randomness.next()) / Double(UInt64.max))
  }

  /// Starts over: a rotator has welcomed the agent.
  package mutating func reset() { ceiling = Self.base }
}
