package import Foundation
package import RotationCore

/// A moment as people write it: ISO 8601, local time, or a span from now.
package struct MomentText {
  private let text: String
  private let option: String

  /// Takes the text of an option, whose name is for the refusal.
  package init(_ text: String, option: String) {
    self.text = text
    self.option = option
  }

  /// The moment that is meant.
  ///
  /// - Throws: `OperatorFault` of kind `.usage` if the text has none of the forms, or names a local time that does not exist or
  ///   exists twice.
  package func date(now: Date, zone: TimeZone) throws(OperatorFault) -> Date {
    if let span = span { return now.addingTimeInterval(span) }
    guard let clock = WrittenClock(text) else { throw fault("is no time") }
    if let offset = clock.offset { return clock.asUTC.addingTimeInterval(-offset) }
    // Two offsets are in force around a change of the clocks; at any other time the two are the same.
    let offsets = Set([-86_400, 86_400].map { zone.secondsFromGMT(for: clock.asUTC.addingTimeInterval($0)) })
    let meant = offsets.map { (offset: $0, date: clock.asUTC.addingTimeInterval(-Double($0))) }
      .filter { zone.secondsFromGMT(for: $0.date) == $0.offset }
    switch meant.count {
    case 1: return meant[0].date
    case 0: throw fault("does not exist in \(zone.identifier), the clocks are put forward then")
    default: throw fault("is there twice in \(zone.identifier), the clocks are put back then")
    }
  }

  /// The moment, if the text is ISO 8601 with an offset; `nil` for every other text.
  package var absolute: Date? {
    WrittenClock(text).flatMap { clock in clock.offset.map { clock.asUTC.addingTimeInterval(-$0) } }
  }

  private var span: TimeInterval? {
    guard let match = text.wholeMatch(of: /\+?([0-9]{1,5})([smhdw])/), let count = Double(match.1) else { return nil }
    let lengths: [Substring: TimeInterval] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    return lengths[match.2].map { count * $0 }
  }

  private func fault(_ problem: String) -> OperatorFault {
    OperatorFault(
      .usage, "\(option) '\(text.visible)'", problem,
      remedy: "write 2026-12-01T06:00:00Z, '2026-12-01 06:00' for local time, or a span such as 3d")
  }
}

/// A date and a time of day as written, with the offset from UTC where one is written too.
private struct WrittenClock {
  /// The moment at which clocks in UTC show this.
  let asUTC: Date
  /// Seconds east of UTC; `nil` for local time.
  let offset: TimeInterval?

  init?(_ text: String) {
    let form =
      /([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?/
    guard let match = text.wholeMatch(of: form) else { return nil }
    let numbers = [match.1, match.2, match.3, match.4, match.5, match.6 ?? "00"].compactMap { Int($0) }
    guard numbers.count == 6, numbers[3] < 24, numbers[4] < 60, numbers[5] < 60 else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = DateComponents(
      calendar: calendar, timeZone: .gmt, year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3],
      minute: numbers[4], second: numbers[5])
    // Without this check the 30th of February would be the 2nd of March.
    guard parts.isValidDate, let date = calendar.date(from: parts) else { return nil }
    asUTC = date
    offset = match.7.flatMap(Self.seconds)
    if match.7 != nil, offset == nil { return nil }
  }

  private static func seconds(_ text: Substring) -> TimeInterval? {
    if text == "Z" { return 0 }
    let digits = text.filter(\.isNumber)
    guard let hours = Int(digits.prefix(2)), let minutes = Int(digits.suffix(2)), hours <= 14, minutes < 60 else { return nil }
    return TimeInterval((hours * 3600 + minutes * 60) * (text.hasPrefix("-") ? -1 : 1))
  }
}
