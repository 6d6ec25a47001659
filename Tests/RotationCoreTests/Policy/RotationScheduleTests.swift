import Foundation
import RotationCore
import Testing

@Suite("The schedule: starts and obstacles")
struct RotationScheduleTests {
  static let sunday = "Sun 02:00-05:00 Europe/Copenhagen"
  static let christmas = "2026-12-18 to 2027-01-04 Europe/Copenhagen"

  struct Planned: CustomTestStringConvertible, Sendable {
    var windows: [String] = []
    var freezes: [String] = []
    let nominal: String
    let start: String
    var reasons: [String] = []

    var testDescription: String { "\(windows) \(freezes) \(nominal)" }
  }

  static let planned: [Planned] = [
    Planned(nominal: "2026-11-21 02:11", start: "2026-11-21 02:11"),
    Planned(windows: [sunday], nominal: "2026-11-22 01:00", start: "2026-11-22 01:00"),
    Planned(windows: [sunday], nominal: "2026-11-22 03:59", start: "2026-11-22 03:59"),
    Planned(
      windows: [sunday], nominal: "2026-11-22 04:00", start: "2026-11-29 01:00",
      reasons: ["the window Sun 02:00-05:00 Europe/Copenhagen opens"]),
    Planned(
      windows: [sunday], nominal: "2026-11-18 12:00", start: "2026-11-22 01:00",
      reasons: ["the window Sun 02:00-05:00 Europe/Copenhagen opens"]),
    Planned(
      windows: [sunday, "Wed 22:00-02:00 UTC"], nominal: "2026-11-17 12:00", start: "2026-11-18 22:00",
      reasons: ["the window Wed 22:00-02:00 UTC opens"]),
    Planned(windows: [sunday, "Wed 22:00-02:00 UTC"], nominal: "2026-11-19 01:30", start: "2026-11-19 01:30"),
    Planned(
      freezes: [christmas], nominal: "2026-12-18 00:00", start: "2027-01-04 23:00",
      reasons: ["the freeze 2026-12-18 to 2027-01-04 Europe/Copenhagen ends"]),
    Planned(
      windows: [sunday], freezes: [christmas], nominal: "2026-12-19 12:00", start: "2027-01-10 01:00",
      reasons: [
        "the freeze 2026-12-18 to 2027-01-04 Europe/Copenhagen ends", "the window Sun 02:00-05:00 Europe/Copenhagen opens",
      ]),
    Planned(
      windows: [sunday], freezes: [christmas], nominal: "2026-12-17 12:00", start: "2027-01-10 01:00",
      reasons: [
        "the freeze 2026-12-18 to 2027-01-04 Europe/Copenhagen ends", "the window Sun 02:00-05:00 Europe/Copenhagen opens",
      ]),
    Planned(
      windows: ["Sat 22:00-02:00 UTC"], freezes: ["2026-11-21 UTC"], nominal: "2026-11-20 12:00", start: "2026-11-22 00:00",
      reasons: ["the freeze 2026-11-21 UTC ends"]),
    Planned(
      freezes: ["2026-11-22 UTC", "2026-11-21 UTC"], nominal: "2026-11-21 12:00", start: "2026-11-23 00:00",
      reasons: ["the freeze 2026-11-21 UTC ends", "the freeze 2026-11-22 UTC ends"]),
    Planned(
      windows: ["Tue 02:00-05:00 Europe/Copenhagen"], nominal: "2028-02-27 12:00", start: "2028-02-29 01:00",
      reasons: ["the window Tue 02:00-05:00 Europe/Copenhagen opens"]),
    Planned(
      windows: ["Sun 02:00-03:00 Europe/Copenhagen"], nominal: "2026-03-27 12:00", start: "2026-03-29 01:00",
      reasons: ["the window Sun 02:00-03:00 Europe/Copenhagen opens"]),
    Planned(windows: ["Sun 01:00-02:00 America/New_York"], nominal: "2026-11-01 06:30", start: "2026-11-01 06:30"),
  ]

  @Test("A start is moved by windows and freezes, and says by which", arguments: planned)
  func start(_ planned: Planned) throws {
    let schedule = try RotationSchedule(every: .seconds(30 * 86_400), windows: planned.windows, freezes: planned.freezes)
    let nominal = try utc(planned.nominal)
    let start = schedule.start(for: nominal)
    #expect(try start.date == utc(planned.start))
    #expect(Array(start.reasons.dropFirst()) == planned.reasons)
    #expect(start.reasons.first?.hasPrefix("30 d after ") == true)
    let obstacle = schedule.obstacle(at: nominal)
    #expect(obstacle == planned.reasons.last.map { .init(until: start.date, reason: $0) })
    #expect(schedule.obstacle(at: start.date) == nil)
  }

  @Test("The interval is told with what it counts from")
  func intervalReason() throws {
    let schedule = try RotationSchedule(every: .seconds(30 * 86_400))
    let nominal = try utc("2026-11-21 02:11")
    func reasons(after success: String?) throws -> [String] {
      schedule.start(for: nominal, after: try success.map(utc)).reasons
    }
    #expect(try reasons(after: nil) == ["30 d after 2026-10-22 02:11 UTC"])
    #expect(try reasons(after: "2026-10-22 02:11") == ["30 d after the rotation of 2026-10-22 02:11 UTC"])
    #expect(
      try reasons(after: "2026-10-22 02:40")
        == ["30 d after 2026-10-22 02:11 UTC, from which the rotation of 2026-10-22 02:40 UTC counts"])
    #expect(
      try RotationSchedule(every: .seconds(5400)).start(for: nominal).reasons == ["90 min after 2026-11-21 00:41 UTC"])
  }

  @Test("Freezes without an end in sight leave no start, and say so")
  func never() throws {
    let schedule = try RotationSchedule(
      every: .seconds(86_400), windows: [Self.sunday],
      freezes: ["2026-01-01 to 2026-12-31 UTC", "2027-01-01 to 2027-12-31 UTC", "2028-01-01 to 2028-12-31 UTC"])
    let instant = try utc("2026-01-01 00:00")
    let reason = "no window opens outside of the freezes for two years"
    #expect(schedule.obstacle(at: instant) == .init(until: .distantFuture, reason: reason))
    #expect(schedule.start(for: instant) == .init(date: .distantFuture, reasons: ["1 d after 2025-12-31 00:00 UTC", reason]))
    #expect(schedule.upcoming(5, nominal: instant, at: instant).count == 1)
    #expect(try schedule.obstacle(at: utc("2027-06-01 00:00"))?.until == utc("2029-01-07 01:00"))
  }

  // MARK: What was missed

  @Test(
    "A start that was missed is caught up in the window that is open, or in the next one",
    arguments: [
      // Still in the window that it was planned for, and the day after.
      ("2026-11-22 03:00", "2026-11-22 01:30", []),
      (
        "2026-11-23 12:00", "2026-11-29 01:00",
        ["put off from 2026-11-22 01:30 UTC", "the window Sun 02:00-05:00 Europe/Copenhagen opens"]
      ),
      // The window opened again some time ago.
      (
        "2026-12-06 03:00", "2026-12-06 01:00",
        ["put off from 2026-11-22 01:30 UTC", "the window Sun 02:00-05:00 Europe/Copenhagen opens"]
      ),
      (
        "2026-12-19 12:00", "2027-01-10 01:00",
        [
          "put off from 2026-11-22 01:30 UTC", "the freeze 2026-12-18 to 2027-01-04 Europe/Copenhagen ends",
          "the window Sun 02:00-05:00 Europe/Copenhagen opens",
        ]
      ),
    ])
  func caughtUp(now: String, start: String, reasons: [String]) throws {
    let schedule = try RotationSchedule(every: .seconds(30 * 86_400), windows: [Self.sunday], freezes: [Self.christmas])
    let found = schedule.start(for: try utc("2026-11-22 01:30"), at: try utc(now))
    #expect(try found.date == utc(start))
    #expect(Array(found.reasons.dropFirst()) == reasons)
  }

  @Test("A start that was missed without any window is due as it was planned")
  func caughtUpAtOnce() throws {
    let schedule = try RotationSchedule(every: .seconds(86_400), jitter: .seconds(3600))
    let nominal = try utc("2026-11-22 01:30")
    #expect(schedule.start(for: nominal, at: nominal.addingTimeInterval(1e7)) == schedule.start(for: nominal))
    let always = try RotationSchedule(every: .seconds(86_400), windows: ["daily 00:00-24:00 UTC"])
    #expect(always.start(for: nominal, at: nominal.addingTimeInterval(1e7)) == always.start(for: nominal))
  }

  @Test("Accounts that were missed together are caught up with the jitter that each of them has")
  func caughtUpSpread() throws {
    let names = try (1...50).map { try AccountName("LAB\\ACCOUNT\($0)$") }
    let starts = try names.map { name in
      try RotationSchedule(every: .seconds(30 * 86_400), windows: [Self.sunday], jitter: .seconds(7200), account: name)
        .start(for: utc("2026-11-22 01:30"), at: utc("2026-11-25 00:00")).date
    }
    #expect(Set(starts).count > 40)
    #expect(try starts.allSatisfy { try (utc("2026-11-29 01:00")..<utc("2026-11-29 03:00")).contains($0) })
  }

  @Test("Windows that follow one another are one, so that a start in the first is not put off in the second")
  func adjoining() throws {
    let schedule = try RotationSchedule(every: .seconds(86_400), windows: ["Sat 22:00-24:00 UTC", "Sun 00:00-04:00 UTC"])
    let nominal = try utc("2026-11-21 23:00")
    #expect(schedule.start(for: nominal, at: try utc("2026-11-22 03:00")).date == nominal)
  }

  // MARK: Upcoming

  @Test("The next starts follow one another, each with its reasons")
  func upcoming() throws {
    let schedule = try RotationSchedule(every: .seconds(30 * 86_400), windows: [Self.sunday], freezes: [Self.christmas])
    let starts = schedule.upcoming(
      3, nominal: try utc("2026-11-21 02:11"), at: try utc("2026-11-01 00:00"), after: try utc("2026-10-22 02:11"))
    let window = "the window Sun 02:00-05:00 Europe/Copenhagen opens"
    #expect(
      try starts == [
        .init(date: utc("2026-11-22 01:00"), reasons: ["30 d after the rotation of 2026-10-22 02:11 UTC", window]),
        .init(
          date: utc("2027-01-10 01:00"),
          reasons: [
            "30 d after 2026-11-21 02:11 UTC, from which the rotation of 2026-11-22 01:00 UTC counts",
            "the freeze 2026-12-18 to 2027-01-04 Europe/Copenhagen ends", window,
          ]),
        // 19 days late is more than half of the interval.
        .init(date: utc("2027-02-14 01:00"), reasons: ["30 d after the rotation of 2027-01-10 01:00 UTC", window]),
      ])
  }

  @Test("A start that has passed comes up at once")
  func upcomingLate() throws {
    let schedule = try RotationSchedule(every: .seconds(86_400))
    let (nominal, now) = (try utc("2026-11-21 02:11"), try utc("2026-11-21 05:00"))
    let starts = schedule.upcoming(2, nominal: nominal, at: now)
    #expect(starts.map(\.date) == [now, nominal.addingTimeInterval(86_400)])
    #expect(starts.first?.reasons == ["1 d after 2026-11-20 02:11 UTC", "put off from 2026-11-21 02:11 UTC"])
  }
}
