import ControlCommands
import Foundation
import RotationCore
import Testing

@Suite("A moment as people write it")
struct MomentTextTests {
  private func moment(_ text: String, in zone: String = "Europe/Copenhagen") throws -> String {
    let zone = try #require(TimeZone(identifier: zone))
    return try MomentText(text, option: "--until").date(now: Sample.now, zone: zone).formatted(.iso8601)
  }

  @Test(
    "ISO 8601, local time and spans are read",
    arguments: [
      ("2026-12-01T06:00:00Z", "2026-12-01T06:00:00Z"), ("2026-12-01T06:00:00.5+01:00", "2026-12-01T05:00:00Z"),
      ("2026-12-01 06:00:00-0530", "2026-12-01T11:30:00Z"), ("2026-12-01 06:00", "2026-12-01T05:00:00Z"),
      ("2027-07-01T06:00:30", "2027-07-01T04:00:30Z"), ("2028-02-29 12:00", "2028-02-29T11:00:00Z"),
      ("3d", "2026-11-24T16:00:00Z"), ("+3d", "2026-11-24T16:00:00Z"), ("90m", "2026-11-21T17:30:00Z"),
      ("2w", "2026-12-05T16:00:00Z"), ("12h", "2026-11-22T04:00:00Z"), ("30s", "2026-11-21T16:00:30Z"),
    ])
  func reads(_ text: String, _ date: String) throws {
    #expect(try moment(text) == date)
  }

  @Test(
    "The hours around a change of the clocks are read, in both zones and both ways",
    arguments: [
      ("2027-03-28 01:59", "Europe/Copenhagen", "2027-03-28T00:59:00Z"),
      ("2027-03-28 03:00", "Europe/Copenhagen", "2027-03-28T01:00:00Z"),
      ("2027-10-31 01:59", "Europe/Copenhagen", "2027-10-30T23:59:00Z"),
      ("2027-10-31 03:00", "Europe/Copenhagen", "2027-10-31T02:00:00Z"),
      ("2027-03-14 03:00", "America/New_York", "2027-03-14T07:00:00Z"),
      ("2027-11-07 02:00", "America/New_York", "2027-11-07T07:00:00Z"),
    ])
  func readsAroundChange(_ text: String, _ zone: String, _ date: String) throws {
    #expect(try moment(text, in: zone) == date)
  }

  @Test(
    "A local time that does not exist or is there twice is refused, and is unambiguous with an offset",
    arguments: [
      ("2027-03-28 02:30", "Europe/Copenhagen", "does not exist"), ("2027-10-31 02:30", "Europe/Copenhagen", "is there twice"),
      ("2027-03-14 02:00", "America/New_York", "does not exist"), ("2027-11-07 01:59", "America/New_York", "is there twice"),
    ])
  func refusesAmbiguous(_ text: String, _ zone: String, _ problem: String) throws {
    let fault = try #require(throws: OperatorFault.self) { try moment(text, in: zone) }
    #expect(fault.kind == .usage)
    #expect(fault.problem.hasPrefix(problem))
    #expect(throws: Never.self) { try moment(text + "Z", in: zone) }
  }

  @Test(
    "Anything else is refused with the forms that are wanted",
    arguments: [
      "", "tomorrow", "3", "-3d", "3y", "3 d", "999999d", "2026-12-01", "2026-02-30 12:00", "2027-02-29 12:00",
      "2026-12-01 24:00",
      "2026-12-01 12:60", "2026-13-01 12:00", "2026-12-01T06:00:00+15:00", "2026-12-01T06:00:00+1:00", "１d",
    ])
  func refuses(_ text: String) throws {
    let fault = try #require(throws: OperatorFault.self) { try moment(text) }
    #expect(fault.kind == .usage)
    #expect(fault.remedy.contains("2026-12-01T06:00:00Z"))
  }
}
