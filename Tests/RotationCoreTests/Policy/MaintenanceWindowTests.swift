import Foundation
import RotationCore
import Testing

@Suite("Maintenance windows")
struct MaintenanceWindowTests {
  /// A window, an instant before it opens (UTC) and the span that it then opens for (UTC).
  typealias Opening = (window: String, after: String, span: String)

  static let plain: [Opening] = [
    ("Sun 02:00-05:00 Europe/Copenhagen", "2026-01-01 00:00", "2026-01-04 01:00 - 2026-01-04 04:00"),
    ("sun 02:00-05:00 UTC", "2026-01-01 00:00", "2026-01-04 02:00 - 2026-01-04 05:00"),
    ("Mon-Fri 22:00-24:00 UTC", "2026-01-03 00:00", "2026-01-05 22:00 - 2026-01-06 00:00"),
    ("Mon-Fri 22:00-24:00 UTC", "2026-01-02 20:00", "2026-01-02 22:00 - 2026-01-03 00:00"),
    ("Fri-Mon 12:00-13:00 UTC", "2026-01-05 13:00", "2026-01-09 12:00 - 2026-01-09 13:00"),
    ("Fri-Mon 12:00-13:00 UTC", "2026-01-04 13:00", "2026-01-05 12:00 - 2026-01-05 13:00"),
    ("Sat,Sun 12:00-13:00 UTC", "2026-01-04 13:00", "2026-01-10 12:00 - 2026-01-10 13:00"),
    ("Mon-Tue,Sat 12:00-13:00 UTC", "2026-01-06 13:00", "2026-01-10 12:00 - 2026-01-10 13:00"),
    ("Sat 22:00-02:00 America/New_York", "2026-01-01 00:00", "2026-01-04 03:00 - 2026-01-04 07:00"),
    ("Sun 23:00-01:00 UTC", "2026-01-01 00:00", "2026-01-04 23:00 - 2026-01-05 01:00"),
    ("daily 00:00-00:00 UTC", "2026-01-01 12:00", "2026-01-02 00:00 - 2026-01-03 00:00"),
    ("daily 00:00-24:00 UTC", "2026-01-01 12:00", "2026-01-02 00:00 - 2026-01-03 00:00"),
    ("Sun 12:00-12:00 UTC", "2026-01-01 12:00", "2026-01-04 12:00 - 2026-01-05 12:00"),
    ("Tue 01:00-02:00 Asia/Kathmandu", "2028-02-27 00:00", "2028-02-28 19:15 - 2028-02-28 20:15"),
    ("Tue 02:00-03:00 Europe/Copenhagen", "2028-02-28 12:00", "2028-02-29 01:00 - 2028-02-29 02:00"),
    ("Wed 02:00-03:00 Europe/Copenhagen", "2028-02-28 12:00", "2028-03-01 01:00 - 2028-03-01 02:00"),
    ("Tue 23:00-01:00 Europe/Copenhagen", "2028-02-28 12:00", "2028-02-29 22:00 - 2028-03-01 00:00"),
  ]

  /// Clocks go from 02:00 to 03:00 at 01:00 UTC in Copenhagen, and at 07:00 UTC in New York.
  static let spring: [Opening] = [
    ("Sun 00:30-01:30 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-28 23:30 - 2026-03-29 00:30"),
    ("Sun 01:00-02:00 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-29 00:00 - 2026-03-29 01:00"),
    ("Sun 01:30-02:30 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-29 00:30 - 2026-03-29 01:30"),
    ("Sun 02:00-03:00 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-29 01:00 - 2026-03-29 02:00"),
    ("Sun 02:15-02:45 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-29 01:00 - 2026-03-29 01:45"),
    ("Sun 02:30-03:00 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-29 01:00 - 2026-03-29 02:00"),
    ("Sun 02:30-04:00 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-29 01:00 - 2026-03-29 02:00"),
    ("Sun 01:00-04:00 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-29 00:00 - 2026-03-29 02:00"),
    ("Sun 03:00-05:00 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-29 01:00 - 2026-03-29 03:00"),
    ("Sat 22:00-02:30 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-28 21:00 - 2026-03-29 01:30"),
    ("Sun 02:30-02:30 Europe/Copenhagen", "2026-03-28 12:00", "2026-03-29 01:00 - 2026-03-30 00:30"),
    ("Sun 02:00-05:00 Europe/Copenhagen", "2027-03-27 12:00", "2027-03-28 01:00 - 2027-03-28 03:00"),
    ("Sun 01:30-02:30 Europe/Copenhagen", "2027-03-27 12:00", "2027-03-28 00:30 - 2027-03-28 01:30"),
    ("Sun 00:30-01:30 America/New_York", "2026-03-07 12:00", "2026-03-08 05:30 - 2026-03-08 06:30"),
    ("Sun 01:30-02:30 America/New_York", "2026-03-07 12:00", "2026-03-08 06:30 - 2026-03-08 07:30"),
    ("Sun 02:00-03:00 America/New_York", "2026-03-07 12:00", "2026-03-08 07:00 - 2026-03-08 08:00"),
    ("Sun 02:15-02:45 America/New_York", "2027-03-13 12:00", "2027-03-14 07:00 - 2027-03-14 07:45"),
    ("Sun 01:00-04:00 America/New_York", "2027-03-13 12:00", "2027-03-14 06:00 - 2027-03-14 08:00"),
    ("Sun 03:00-05:00 America/New_York", "2027-03-13 12:00", "2027-03-14 07:00 - 2027-03-14 09:00"),
    ("Sat 23:00-02:30 America/New_York", "2027-03-13 12:00", "2027-03-14 04:00 - 2027-03-14 07:30"),
    ("Fri 00:00-02:00 Africa/Cairo", "2026-04-23 12:00", "2026-04-23 22:00 - 2026-04-23 23:00"),
  ]

  /// Clocks go from 03:00 to 02:00 at 01:00 UTC in Copenhagen, from 02:00 to 01:00 at 06:00 UTC in New York.
  static let autumn: [Opening] = [
    ("Sun 01:00-02:00 Europe/Copenhagen", "2026-10-24 12:00", "2026-10-24 23:00 - 2026-10-25 00:00"),
    ("Sun 01:30-02:30 Europe/Copenhagen", "2026-10-24 12:00", "2026-10-24 23:30 - 2026-10-25 00:30"),
    ("Sun 02:00-03:00 Europe/Copenhagen", "2026-10-24 12:00", "2026-10-25 00:00 - 2026-10-25 02:00"),
    ("Sun 02:15-02:45 Europe/Copenhagen", "2026-10-24 12:00", "2026-10-25 00:15 - 2026-10-25 00:45"),
    ("Sun 02:30-04:00 Europe/Copenhagen", "2026-10-24 12:00", "2026-10-25 00:30 - 2026-10-25 03:00"),
    ("Sun 01:00-04:00 Europe/Copenhagen", "2026-10-24 12:00", "2026-10-24 23:00 - 2026-10-25 03:00"),
    ("Sun 03:00-05:00 Europe/Copenhagen", "2026-10-24 12:00", "2026-10-25 02:00 - 2026-10-25 04:00"),
    ("Sat 22:00-02:30 Europe/Copenhagen", "2026-10-24 12:00", "2026-10-24 20:00 - 2026-10-25 00:30"),
    ("Sun 02:00-05:00 Europe/Copenhagen", "2027-10-30 12:00", "2027-10-31 00:00 - 2027-10-31 04:00"),
    ("Sun 02:15-02:45 Europe/Copenhagen", "2027-10-30 12:00", "2027-10-31 00:15 - 2027-10-31 00:45"),
    ("Sun 00:30-01:30 America/New_York", "2026-10-31 12:00", "2026-11-01 04:30 - 2026-11-01 05:30"),
    ("Sun 01:00-02:00 America/New_York", "2026-10-31 12:00", "2026-11-01 05:00 - 2026-11-01 07:00"),
    ("Sun 01:15-01:45 America/New_York", "2026-10-31 12:00", "2026-11-01 05:15 - 2026-11-01 05:45"),
    ("Sun 00:00-03:00 America/New_York", "2027-11-06 12:00", "2027-11-07 04:00 - 2027-11-07 08:00"),
    ("Sun 01:30-03:00 America/New_York", "2027-11-06 12:00", "2027-11-07 05:30 - 2027-11-07 08:00"),
    ("Sun 02:00-04:00 America/New_York", "2027-11-06 12:00", "2027-11-07 07:00 - 2027-11-07 09:00"),
    ("Sun 01:45-02:30 Australia/Lord_Howe", "2026-04-04 06:00", "2026-04-04 14:45 - 2026-04-04 16:00"),
  ]

  @Test("A window opens and shuts at the instants that its text means", arguments: plain + spring + autumn)
  func opens(_ opening: Opening) throws {
    let window = try MaintenanceWindow(opening.window)
    let span = try utcSpan(opening.span)
    #expect(try window.nextOpening(after: utc(opening.after)) == span.lowerBound)
    #expect(window.span(at: span.lowerBound) == span)
    #expect(window.span(at: span.upperBound.addingTimeInterval(-0.001)) == span)
    #expect(window.span(at: span.upperBound) != span)
    #expect(window.span(at: span.lowerBound.addingTimeInterval(-0.001)) != span)
    #expect(window.lastOpening(notAfter: span.lowerBound) == span.lowerBound)
    #expect(window.lastOpening(notAfter: span.upperBound.addingTimeInterval(-1)) == span.lowerBound)
  }

  @Test(
    "A window opens exactly once on each of its days, two years long",
    arguments: ["Europe/Copenhagen", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
  func oncePerDay(zone: String) throws {
    for times in ["00:00-00:30", "01:00-02:00", "01:30-02:30", "02:00-03:00", "02:15-02:45", "02:30-02:00", "23:30-00:30"] {
      let window = try MaintenanceWindow("daily \(times) \(zone)")
      let end = try utc("2028-01-01 12:00")
      var odd: [Date] = []
      var (instant, count) = (try utc("2026-01-01 12:00"), 0)
      while case let next = window.nextOpening(after: instant), next < end {
        let isRegular =
          count == 0
          || (22 * 3600...26 * 3600).contains(next.timeIntervalSince(instant))
            && window.lastOpening(notAfter: next.addingTimeInterval(-1)) == instant
        if !isRegular || window.span(at: next)?.isEmpty != false { odd.append(next) }
        (instant, count) = (next, count + 1)
      }
      #expect(count == 730, "\(window)")
      #expect(odd == [], "\(window)")
    }
  }

  static let refused: [(text: String, problem: String)] = [
    ("", "is not of the form DAYS HH:MM-HH:MM ZONE; write it as Sun 02:00-05:00 Europe/Copenhagen"),
    ("always", "is not of the form DAYS HH:MM-HH:MM ZONE; write it as Sun 02:00-05:00 Europe/Copenhagen"),
    ("Sun 02:00-05:00", "names no time zone; write it as Sun 02:00-05:00 Europe/Copenhagen"),
    ("Sun 02:00 - 05:00 UTC", "is not of the form DAYS HH:MM-HH:MM ZONE; write it as Sun 02:00-05:00 Europe/Copenhagen"),
    (
      "Sunday 02:00-05:00 UTC",
      "names 'Sunday', which is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun; write the days as Mon, Mon-Fri, Sat,Sun or daily"
    ),
    (
      "Sat, 02:00-05:00 UTC",
      "names '', which is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun; write the days as Mon, Mon-Fri, Sat,Sun or daily"
    ),
    (
      "Mon-Wed-Fri 02:00-05:00 UTC",
      "names 'Mon-Wed-Fri', which is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun; write the days as Mon, Mon-Fri, Sat,Sun or daily"
    ),
    ("Sun 2-5 UTC", "has '2-5' where times of the form HH:MM-HH:MM stand; write them as 02:00-05:00"),
    ("Sun 2:00-5:00 UTC", "has '2:00-5:00' where times of the form HH:MM-HH:MM stand; write them as 02:00-05:00"),
    ("Sun 02:00-05:60 UTC", "has '02:00-05:60' where times of the form HH:MM-HH:MM stand; write them as 02:00-05:00"),
    ("Sun 02:00-24:01 UTC", "has '02:00-24:01' where times of the form HH:MM-HH:MM stand; write them as 02:00-05:00"),
    ("Sun 02:00 UTC", "has '02:00' where times of the form HH:MM-HH:MM stand; write them as 02:00-05:00"),
    ("Sun 24:00-05:00 UTC", "opens at 24:00; write 00:00 with the day after"),
    (
      "Sun 02:00-05:00 Europe/Copenhagn",
      "names 'Europe/Copenhagn', which is not an IANA time zone; did you mean Europe/Copenhagen?"
    ),
    ("Sun 02:00-05:00 copenhagen", "names 'copenhagen', which is not an IANA time zone; did you mean Europe/Copenhagen?"),
    ("Sun 02:00-05:00 PST", "names 'PST', which is not an IANA time zone; write a name such as Europe/Copenhagen or UTC"),
    ("Sun 02:00-05:00 GMT+2", "names 'GMT+2', which is not an IANA time zone; write a name such as Europe/Copenhagen or UTC"),
    ("Sun 02:00-05:00 +02:00", "names '+02:00', which is not an IANA time zone; write a name such as Europe/Copenhagen or UTC"),
  ]

  @Test("A text that is no window is refused with what was expected", arguments: refused)
  func refuses(text: String, problem: String) {
    let fault = #expect(throws: OperatorFault.self) { try MaintenanceWindow(text) }
    #expect(fault?.description == "window '\(text)': \(problem)")
    #expect(fault?.kind == .configuration)
  }

  @Test("A window is stored as its text and read again")
  func coding() throws {
    let window = try MaintenanceWindow("Sat,Sun  02:00-05:00 Europe/Copenhagen")
    let data = try JSONEncoder().encode([window])
    #expect(String(decoding: data, as: UTF8.self).replacing("\\/", with: "/") == #"["Sat,Sun 02:00-05:00 Europe/Copenhagen"]"#)
    #expect(try JSONDecoder().decode([MaintenanceWindow].self, from: data) == [MaintenanceWindow("\(window)")])
    #expect(throws: OperatorFault.self) { try JSONDecoder().decode([MaintenanceWindow].self, from: Data(#"["Sun"]"#.utf8)) }
  }
}
