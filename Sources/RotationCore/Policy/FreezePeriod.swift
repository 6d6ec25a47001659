package import Foundation

/// Whole local days, first and last included, in which no scheduled rotation begins, such as `2026-12-18 to 2027-01-04 Europe/Copenhagen`, or
/// one day alone: `2026-12-24 Europe/Copenhagen`. At most 366 days.
package struct FreezePeriod: Sendable, Hashable, CustomStringConvertible {
  /// As it was written.
  package let description: String
  /// From the first second of the first day up to and without that of the day after the last.
  package let span: Range<Date>

  /// Reads a period.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` that says what was expected.
  package init(_ text: String) throws(OperatorFault) {
    let words = text.split(whereSeparator: \.isWhitespace)
    description = words.joined(separator: " ")
    let subject = "freeze '\(text)'"
    let dates = try Self.dates(words, of: subject)
    let zone = try TimeZone(name: String(words[words.count - 1]), of: subject)
    let first = try Self.day(dates.first, of: subject)
    let last = try Self.day(dates.last, of: subject)
    guard first <= last else {
      throw OperatorFault(.configuration, subject, "ends before it begins", remedy: "write the earlier day first")
    }
    guard last - first < 366 else {
      throw OperatorFault(
        .configuration, subject, "is longer than 366 days", remedy: "shorten it, or pause the account with asactl pause")
    }
    span =
      zone.instant(day: first, minutes: 0, skipped: .transition)..<zone.instant(day: last + 1, minutes: 0, skipped: .transition)
  }

  private static func dates(
    _ words: [Substring], of subject: String
  ) throws(OperatorFault) -> (first: Substring, last: Substring) {
    let isDay = { (word: Substring) in word.first?.isNumber ?? false }
    switch words.count {
    case 2 where !isDay(words[1]): return (words[0], words[0])
    case 4 where words[1] == "to": return (words[0], words[2])
    default:
      let lacksZone = words.last.map(isDay) ?? false
      throw OperatorFault(
        .configuration, subject, lacksZone ? "names no time zone" : "is not of the form DATE to DATE ZONE",
        remedy: "write it as 2026-12-18 to 2027-01-04 Europe/Copenhagen")
    }
  }

  /// A date as days since 1970-01-01.
  private static func day(_ text: Substring, of subject: String) throws(OperatorFault) -> Int {
    let style = Date.ISO8601FormatStyle().year().month().day()
    // Reading alone takes what merely begins with a date, and some that are none; writing it again shows which.
    guard let date = try? style.parse(String(text)), style.format(date) == text else {
      throw OperatorFault(
        .configuration, subject, "names '\(text)', which is not a date", remedy: "write dates as 2026-12-18")
    }
    return Int((date.timeIntervalSince1970 / 86_400).rounded(.down))
  }
}

extension FreezePeriod: Codable {
  /// Encodes as its text.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes from its text.
  ///
  /// - Throws: ``OperatorFault`` for a text that is no period.
  package init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }
}
