/// Decides which of the lines about one thing are said, so that a change is said at once, a state that stays is said hourly, and what
/// changes all the time is said a few times an hour. Pure, time as an argument.
package struct JournalPacing: Sendable {
  /// What to do with a line.
  package enum Verdict: Sendable, Equatable {
    /// Say it, and that so many before it were not.
    case say(unsaid: Int)
    /// It says what was said last, not long ago.
    case known
    /// There is no room for it now; offer it again.
    case later
  }

  /// Lines that may be said at once.
  package static let burst = 6.0
  /// Seconds in which room for one more comes.
  package static let refill = 600.0
  /// Seconds after which a state that stays is said again.
  package static let reminder = 3600.0

  /// When there will be room for as many lines as may be said at once.
  private var fullAt: Double
  private var last: (text: String, at: Double)?
  private var unsaid = 0

  /// Starts with nothing said.
  package init(now: Double) { fullAt = now }

  /// A line is there to be said.
  ///
  /// - Parameters:
  ///   - text: What it says; lines with the same text say the same. `nil` for an event, which is news each time.
  ///   - now: Seconds of a clock that does not jump.
  package mutating func offered(_ text: String?, at now: Double) -> Verdict {
    if let text, let last, last.text == text, now - last.at < Self.reminder { return .known }
    guard fullAt - now <= (Self.burst - 1) * Self.refill else {
      unsaid += 1
      return .later
    }
    fullAt = max(fullAt, now) + Self.refill
    last = text.map { ($0, now) }
    defer { unsaid = 0 }
    return .say(unsaid: unsaid)
  }

  /// A line that had no room is there again: it is not counted twice.
  package mutating func offeredAgain(_ text: String?, at now: Double) -> Verdict {
    unsaid -= 1
    return offered(text, at: now)
  }
}
