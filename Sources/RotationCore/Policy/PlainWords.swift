import Foundation

extension Duration {
  /// Without the fraction, as Foundation reckons.
  var wholeSeconds: TimeInterval { TimeInterval(components.seconds) }
}

extension TimeInterval {
  /// A span in the largest unit that leaves no rest; the rest of minutes is dropped once there are two of them.
  var inWords: String {
    let seconds = Int(self)
    if seconds.isMultiple(of: 86_400) { return "\(seconds / 86_400) d" }
    if seconds.isMultiple(of: 3600) { return "\(seconds / 3600) h" }
    return seconds < 120 && !seconds.isMultiple(of: 60) ? "\(seconds) s" : "\(seconds / 60) min"
  }
}

extension Date {
  /// The date and the minute in UTC, such as `2026-10-22 02:11 UTC`.
  var inWords: String {
    String(formatted(Date.ISO8601FormatStyle(dateTimeSeparator: .space)).prefix(16)) + " UTC"
  }
}
