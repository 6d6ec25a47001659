import Foundation
import RotationCore
import Testing

@Suite("Freeze periods")
struct FreezePeriodTests {
  @Test(
    "A freeze lasts from the start of its first local day to the end of its last",
    arguments: [
      ("2026-12-18 to 2027-01-04 Europe/Copenhagen", "2026-12-17 23:00 - 2027-01-04 23:00"),
      ("2026-12-24 America/New_York", "2026-12-24 05:00 - 2026-12-25 05:00"),
      ("2026-03-29 Europe/Copenhagen", "2026-03-28 23:00 - 2026-03-29 22:00"),
      ("2026-10-25 Europe/Copenhagen", "2026-10-24 22:00 - 2026-10-25 23:00"),
      ("2027-03-14 to 2027-11-07 America/New_York", "2027-03-14 05:00 - 2027-11-08 05:00"),
      ("2028-02-29 UTC", "2028-02-29 00:00 - 2028-03-01 00:00"),
      ("2028-02-28 to 2028-02-29 UTC", "2028-02-28 00:00 - 2028-03-01 00:00"),
      ("2026-04-24 Africa/Cairo", "2026-04-23 22:00 - 2026-04-24 21:00"),
      ("2027-01-01 to 2028-01-01 UTC", "2027-01-01 00:00 - 2028-01-02 00:00"),
    ])
  func span(text: String, span: String) throws {
    #expect(try FreezePeriod(text).span == utcSpan(span))
  }

  @Test(
    "A text that is no freeze is refused with what was expected",
    arguments: [
      ("", "is not of the form DATE to DATE ZONE; write it as 2026-12-18 to 2027-01-04 Europe/Copenhagen"),
      ("Christmas UTC", "names 'Christmas', which is not a date; write dates as 2026-12-18"),
      ("2026-12-24", "names no time zone; write it as 2026-12-18 to 2027-01-04 Europe/Copenhagen"),
      ("2026-12-18 to 2027-01-04", "names no time zone; write it as 2026-12-18 to 2027-01-04 Europe/Copenhagen"),
      (
        "2026-12-18 - 2027-01-04 UTC",
        "is not of the form DATE to DATE ZONE; write it as 2026-12-18 to 2027-01-04 Europe/Copenhagen"
      ),
      ("2027-02-29 UTC", "names '2027-02-29', which is not a date; write dates as 2026-12-18"),
      ("2026-2-3 UTC", "names '2026-2-3', which is not a date; write dates as 2026-12-18"),
      ("18.12.2026 UTC", "names '18.12.2026', which is not a date; write dates as 2026-12-18"),
      ("2027-01-04 to 2026-12-18 UTC", "ends before it begins; write the earlier day first"),
      ("2027-01-01 to 2028-01-02 UTC", "is longer than 366 days; shorten it, or pause the account with asactl pause"),
      (
        "2026-12-24 Europe/Kobenhavn",
        "names 'Europe/Kobenhavn', which is not an IANA time zone; did you mean Europe/Copenhagen?"
      ),
    ])
  func refuses(text: String, problem: String) {
    let fault = #expect(throws: OperatorFault.self) { try FreezePeriod(text) }
    #expect(fault?.description == "freeze '\(text)': \(problem)")
    #expect(fault?.kind == .configuration)
  }

  @Test("A freeze is stored as its text and read again")
  func coding() throws {
    let freeze = try FreezePeriod("2026-12-24 UTC")
    let data = try JSONEncoder().encode([freeze])
    #expect(String(decoding: data, as: UTF8.self) == #"["2026-12-24 UTC"]"#)
    #expect(try JSONDecoder().decode([FreezePeriod].self, from: data) == [freeze])
  }
}
