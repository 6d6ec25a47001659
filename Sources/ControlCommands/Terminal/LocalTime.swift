package import Foundation

/// How times are shown to people: ISO 8601 in the local time zone, with its offset; and how far away they are.
package struct LocalTime: Sendable {
  /// The time zone of the person.
  package var zone: TimeZone
  /// The present, which distances are counted from.
  package var now: Date

  /// Makes a formatter.
  package init(zone: TimeZone, now: Date) {
    self.zone = zone
    self.now = now
  }

  /// `2026-11-21 03:00:12+01:00`, or `never` where there is no time.
  package func text(_ time: Date?) -> String {
    guard let time else { return "never" }
    return time.formatted(
      Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: zone)
        .year().month().day().time(includingFractionalSeconds: false).timeZone(separator: .colon))
  }

  /// The time and its distance: `2026-11-21 03:00:12+01:00 (in 12 days)`.
  package func textWithDistance(_ time: Date?) -> String {
    guard let time else { return "never" }
    return "\(text(time)) (\(distance(to: time)))"
  }

  /// `in 12 days`, `3 minutes ago` or `now`, in the largest whole unit.
  package func distance(to time: Date) -> String {
    let seconds = time.timeIntervalSince(now).rounded()
    let units: [(name: String, length: Double)] = [("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)]
    guard let unit = units.first(where: { abs(seconds) >= $0.length }) else { return "now" }
    // Bounded, so that a nonsense time from the wire cannot overflow the conversion.
    let count = Int(min(abs(seconds) / unit.length, 1_000_000))
    let amount = count == 1 ? "1 \(unit.name)" : "\(count) \(unit.name)s"
    return seconds < 0 ? "\(amount) ago" : "in \(amount)"
  }
}
