/// Decides when a changed sentence is shown: at once, but not twice within a second. Pure, time as an argument.
package struct StatusPacing: Sendable {
  /// Seconds between two sentences.
  package static let pause = 1.0

  private var shown: String?
  private var shownAt = -Double.infinity
  private var waiting: String?

  /// Nothing was shown yet.
  package init() {}

  /// There is a sentence to show.
  ///
  /// - Returns: Seconds until ``due(at:)`` must be asked; `nil` if it is shown already, or will be asked for anyway.
  package mutating func offered(_ sentence: String, at now: Double) -> Double? {
    let isAwaited = waiting != nil
    guard isAwaited || sentence != shown else { return nil }
    waiting = sentence
    return isAwaited ? nil : max(0, shownAt + Self.pause - now)
  }

  /// The sentence to show now, the newest of those offered; `nil` if it is the one that is shown.
  package mutating func due(at now: Double) -> String? {
    defer { waiting = nil }
    guard let waiting, waiting != shown else { return nil }
    shown = waiting
    shownAt = now
    return waiting
  }
}
