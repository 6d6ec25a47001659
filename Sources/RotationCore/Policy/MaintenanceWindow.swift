package import Foundation

/// A recurring span of local time in which scheduled rotations may begin, such as `Sun 02:00-05:00 Europe/Copenhagen`.
///
/// The days are `Mon`, `Mon-Fri`, `Sat,Sun` or `daily`. An end at or before the start is one of the next day, and the day names the one on which
/// the window opens; an end of 24:00 is midnight.
///
/// A window opens once on each of its days, also on those on which clocks are changed:
/// - A local time that occurs twice means its first occurrence.
/// - A start that is skipped means the instant at which the clocks are put forward.
/// - An end that is skipped is put off by as much as is skipped, and so is one that would leave nothing of the window: `02:00-03:00` becomes the
///   hour after the clocks were put forward from 02:00 to 03:00.
package struct MaintenanceWindow: Sendable, Hashable, CustomStringConvertible {
  /// As it was written.
  package let description: String

  private let days: WeekdaySet
  private let opening: LocalTimeOfDay
  private let closing: LocalTimeOfDay
  private let zone: TimeZone

  /// Reads a window.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` that says what was expected.
  package init(_ text: String) throws(OperatorFault) {
    let words = text.split(whereSeparator: \.isWhitespace)
    description = words.joined(separator: " ")
    let subject = "window '\(text)'"
    guard words.count == 3 else {
      let lacksZone = words.count == 2 && words[1].contains(":")
      throw OperatorFault(
        .configuration, subject, lacksZone ? "names no time zone" : "is not of the form DAYS HH:MM-HH:MM ZONE",
        remedy: "write it as Sun 02:00-05:00 Europe/Copenhagen")
    }
    days = try WeekdaySet(words[0], of: subject)
    (opening, closing) = try Self.times(words[1], of: subject)
    zone = try TimeZone(name: String(words[2]), of: subject)
  }

  private static func times(
    _ text: Substring, of subject: String
  ) throws(OperatorFault) -> (opening: LocalTimeOfDay, closing: LocalTimeOfDay) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let opening = LocalTimeOfDay(parts[0]), let closing = LocalTimeOfDay(parts[1]) else {
      throw OperatorFault(
        .configuration, subject, "has '\(text)' where times of the form HH:MM-HH:MM stand",
        remedy: "write them as 02:00-05:00")
    }
    guard opening.minutes < 1440 else {
      throw OperatorFault(.configuration, subject, "opens at 24:00", remedy: "write 00:00 with the day after")
    }
    return (opening, closing)
  }

  /// The opening that an instant lies in, from its first second up to and without its end; `nil` if the window is shut then.
  package func span(at instant: Date) -> Range<Date>? {
    let today = zone.day(at: instant)
    for day in today - 1...today where days.contains(day: day) {
      let span = span(openingOn: day)
      if span.contains(instant) { return span }
    }
    return nil
  }

  /// When the window opens next, later than an instant.
  package func nextOpening(after instant: Date) -> Date {
    let today = zone.day(at: instant)
    for day in today...today + 8 where days.contains(day: day) {
      let opening = opening(on: day)
      if opening > instant { return opening }
    }
    // Not reached: each day of the week was among those.
    return .distantFuture
  }

  /// When the window opened last, at an instant or before it.
  package func lastOpening(notAfter instant: Date) -> Date {
    let today = zone.day(at: instant)
    for day in (today - 8...today).reversed() where days.contains(day: day) {
      let opening = opening(on: day)
      if opening <= instant { return opening }
    }
    // Not reached: each day of the week was among those.
    return .distantPast
  }

  private func opening(on day: Int) -> Date {
    zone.instant(day: day, minutes: opening.minutes, skipped: .transition)
  }

  private func span(openingOn day: Int) -> Range<Date> {
    let start = opening(on: day)
    let minutes = closing.minutes > opening.minutes ? closing.minutes : closing.minutes + 1440
    let end = zone.instant(day: day, minutes: minutes, skipped: .shifted)
    guard end <= start else { return start..<end }
    // The start was skipped and the end is the very time that the clocks were put forward to.
    return start..<start.addingTimeInterval(zone.skippedSeconds(at: start))
  }
}

extension MaintenanceWindow: Codable {
  /// Encodes as its text.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes from its text.
  ///
  /// - Throws: ``OperatorFault`` for a text that is no window.
  package init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }
}
