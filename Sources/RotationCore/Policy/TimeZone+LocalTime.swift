import Foundation

/// What a local time means on the day on which clocks skip it.
enum SkippedLocalTime {
  /// The instant at which the clocks are put forward.
  case transition
  /// As far after that instant as the time is into the skipped span.
  case shifted
}

/// Local time is counted in seconds since 1970-01-01 00:00 on the wall, so that days and weekdays are plain division. `Calendar` is left
/// out on purpose: it moves skipped times by rules of its own and is too slow to be asked at every turn of a loop.
extension TimeZone {
  /// Reads the name of a time zone in the IANA database.
  ///
  /// - Parameter subject: What it belongs to, for the fault.
  /// - Throws: ``OperatorFault`` of kind `.configuration` with the nearest name, if there is one.
  init(name: String, of subject: String) throws(OperatorFault) {
    // Foundation also takes "PST" (which is summer time in July), "EST" (which never is) and "GMT+2": none says which rules are meant.
    guard name == "UTC" || name.contains("/"), let zone = TimeZone(identifier: name) else {
      let known = Self.knownTimeZoneIdentifiers
      let meant =
        known.first { $0.lowercased().hasSuffix("/" + name.lowercased()) }
        ?? (name.contains("/") ? NearestMatch.of(name, among: known) : nil)
      throw OperatorFault(
        .configuration, subject, "names '\(name)', which is not an IANA time zone",
        remedy: meant.map { "did you mean \($0)?" } ?? "write a name such as Europe/Copenhagen or UTC")
    }
    self = zone
  }

  /// The local day that an instant lies in, counted from 1970-01-01.
  func day(at instant: Date) -> Int {
    Int(((instant.timeIntervalSince1970 + TimeInterval(secondsFromGMT(for: instant))) / 86_400).rounded(.down))
  }

  /// The instant at which the clocks show a local time. Of two such instants it is the first.
  func instant(day: Int, minutes: Int, skipped: SkippedLocalTime) -> Date {
    let local = Date(timeIntervalSince1970: TimeInterval(day * 86_400 + minutes * 60))
    let offsets = (
      before: secondsFromGMT(for: local.addingTimeInterval(-86_400)),
      after: secondsFromGMT(for: local.addingTimeInterval(86_400))
    )
    let early = local.addingTimeInterval(TimeInterval(-max(offsets.before, offsets.after)))
    let late = local.addingTimeInterval(TimeInterval(-min(offsets.before, offsets.after)))
    if secondsFromGMT(for: early) == max(offsets.before, offsets.after) { return early }
    if secondsFromGMT(for: late) == min(offsets.before, offsets.after) { return late }
    return skipped == .shifted ? late : transition(after: early, notAfter: late)
  }

  /// By how much the clocks are put forward at an instant, in seconds.
  func skippedSeconds(at instant: Date) -> TimeInterval {
    TimeInterval(secondsFromGMT(for: instant) - secondsFromGMT(for: instant.addingTimeInterval(-1)))
  }

  /// The first second with the offset that holds at `end`.
  private func transition(after start: Date, notAfter end: Date) -> Date {
    let offset = secondsFromGMT(for: end)
    var (before, from) = (start, end)
    while from.timeIntervalSince(before) > 1 {
      let middle = before.addingTimeInterval((from.timeIntervalSince(before) / 2).rounded(.down))
      if secondsFromGMT(for: middle) == offset { from = middle } else { before = middle }
    }
    return from
  }
}
