package import Foundation

/// The two ways in which the directory writes an instant.
package enum DirectoryTime {
  // Seconds from 1601-01-01 to 1970-01-01.
  private static let fileTimeEpoch: Int64 = 11_644_473_600

  /// Reads a FILETIME: 100 ns units since 1601-01-01 UTC (MS-DTYP 2.3.3). Zero, negative and the greatest value mean "never".
  package static func fileTime(_ value: Int64) -> Date? {
    guard value > 0, value != .max else { return nil }
    let (seconds, fraction) = (value / 10_000_000 - fileTimeEpoch, value % 10_000_000)
    return Date(timeIntervalSince1970: TimeInterval(seconds) + TimeInterval(fraction) / 10_000_000)
  }

  /// Reads a GeneralizedTime in UTC, `20260314150926.0Z` (RFC 4517 section 3.3.13 as Active Directory writes it); `nil` if it
  /// is not one.
  package static func generalized(_ text: String) -> Date? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard digits.count == 14, text.last == "Z" else { return nil }
    let fields = [0..<4, 4..<6, 6..<8, 8..<10, 10..<12, 12..<14].compactMap { Int(Array(digits)[$0].map(String.init).joined()) }
    guard fields.count == 6, let utc = TimeZone(secondsFromGMT: 0) else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = utc
    let components = DateComponents(
      calendar: calendar, year: fields[0], month: fields[1], day: fields[2], hour: fields[3], minute: fields[4],
      second: fields[5])
    return components.isValidDate ? components.date : nil
  }
}
