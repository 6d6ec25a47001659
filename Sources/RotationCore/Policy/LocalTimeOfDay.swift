/// A time of day as a clock on the wall shows it, to the minute.
struct LocalTimeOfDay: Sendable, Hashable {
  /// Since midnight, 0 to 1440: 24:00 is the end of the day.
  let minutes: Int

  /// Reads `HH:MM`; `nil` for anything else.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour < 24 || (hour == 24 && minute == 0)
    else { return nil }
    minutes = hour * 60 + minute
  }
}
