import Foundation
import RotationCore
import Testing

@Suite("The schedule: intervals, jitter and pauses")
struct ScheduleIntervalTests {
  static let sunday = "Sun 02:00-05:00 Europe/Copenhagen"

  static let base = ProcessInfo.processInfo.environment["ASA_SEED"].flatMap(UInt64.init) ?? 20_260_101

  /// Accounts and nominal dates from a seed that is told with each failure.
  static func samples(_ count: Int) throws -> [(account: AccountName, nominal: Date)] {
    var generator = SeededGenerator(state: base)
    let origin = try utc("2026-01-01 00:00")
    return try (0..<count).map { _ in
      let name = try AccountName("LAB\\A\(UInt32.random(in: 0...UInt32.max, using: &generator))$")
      return (name, origin.addingTimeInterval(Double.random(in: 0...700 * 86_400, using: &generator)))
    }
  }

  @Test("Jitter lies within its bounds, is the same when asked again, and spreads accounts")
  func jitter() throws {
    var delays: [TimeInterval] = []
    for (account, nominal) in try Self.samples(500) {
      let schedule = try RotationSchedule(every: .seconds(30 * 86_400), jitter: .seconds(3600), account: account)
      let delay = schedule.start(for: nominal).date.timeIntervalSince(nominal)
      #expect((0...3600).contains(delay), "ASA_SEED=\(Self.base), \(account), \(nominal)")
      #expect(schedule.start(for: nominal).date == nominal.addingTimeInterval(delay))
      delays.append(delay)
    }
    for quarter in 0..<4 {
      let count = delays.count { Int($0) / 900 == quarter }
      #expect(count > 75, "ASA_SEED=\(Self.base), quarter \(quarter)")
    }
  }

  @Test("Jitter never leaves the window, however little of it is left")
  func jitterInWindow() throws {
    let calendar = try Self.calendar()
    for (account, nominal) in try Self.samples(500) {
      let schedule = try RotationSchedule(
        every: .seconds(30 * 86_400), windows: [Self.sunday, "Wed 04:50-05:00 Europe/Copenhagen"], jitter: .seconds(7200),
        account: account)
      let start = schedule.start(for: nominal)
      let local = calendar.dateComponents([.weekday, .hour, .minute], from: start.date)
      let isInside = local.weekday == 1 ? (2..<5).contains(local.hour ?? 0) : local.weekday == 4 && local.hour == 4
      #expect(isInside, "ASA_SEED=\(Self.base), \(account), \(nominal), \(start)")
      #expect(start.reasons.last?.hasSuffix(" of jitter") == true || start.date.timeIntervalSince(nominal) >= 0)
    }
  }

  @Test("Jitter is spread over what is left of the window between the nominal date and its end")
  func jitterScaled() throws {
    let nominal = try utc("2026-11-22 03:50")
    let delays = try Self.samples(200).map { account, _ in
      try RotationSchedule(every: .seconds(30 * 86_400), windows: [Self.sunday], jitter: .seconds(7200), account: account)
        .start(for: nominal).date.timeIntervalSince(nominal)
    }
    #expect(delays.allSatisfy { (0..<600).contains($0) }, "ASA_SEED=\(Self.base)")
    #expect(delays.contains { $0 < 150 } && delays.contains { $0 > 450 }, "ASA_SEED=\(Self.base)")
  }

  @Test("Jitter ends before a freeze begins")
  func jitterBeforeFreeze() throws {
    let nominal = try utc("2026-12-23 23:50")
    for (account, _) in try Self.samples(100) {
      let schedule = try RotationSchedule(
        every: .seconds(30 * 86_400), freezes: ["2026-12-24 UTC"], jitter: .seconds(86_400), account: account)
      #expect((0..<600).contains(schedule.start(for: nominal).date.timeIntervalSince(nominal)), "ASA_SEED=\(Self.base)")
    }
  }

  @Test("Jitter is told in minutes, and an account whose name differs by case alone has the same")
  func jitterReason() throws {
    let nominal = try utc("2026-11-18 12:00")
    let schedules = try ["LAB\\EXCH2016ASA$", "lab\\exch2016asa$"].map {
      try RotationSchedule(
        every: .seconds(30 * 86_400), windows: [Self.sunday], jitter: .seconds(7200), account: AccountName($0))
    }
    let start = schedules[0].start(for: nominal)
    let minutes = Int(start.date.timeIntervalSince(try utc("2026-11-22 01:00"))) / 60
    #expect(start.reasons.suffix(2) == ["the window \(Self.sunday) opens", "\(minutes) min of jitter"])
    #expect(schedules[1].start(for: nominal) == start)
  }

  private static func calendar() throws -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "Europe/Copenhagen"))
    return calendar
  }

  // MARK: The next nominal date

  @Test(
    "The next nominal date counts from the one before it, from the opening, or from the success",
    arguments: [
      // On time, as late as half an interval, and later, without windows.
      ([], "2026-11-22 01:00", "2026-11-22 01:00", "2026-11-29 01:00"),
      ([], "2026-11-22 01:00", "2026-11-25 13:00", "2026-11-29 01:00"),
      ([], "2026-11-22 01:00", "2026-11-25 13:01", "2026-12-02 13:01"),
      ([], "2026-11-22 01:00", "2027-11-25 13:01", "2027-12-02 13:01"),
      // Before it was due: the clock was set back meanwhile.
      ([], "2026-11-22 01:00", "2026-11-20 01:00", "2026-11-27 01:00"),
      // By hand.
      ([], nil, "2026-11-22 01:00", "2026-11-29 01:00"),
      ([sunday], nil, "2026-11-22 03:30", "2026-11-29 03:30"),
      // With a window: late by a little, late by much, and over its end.
      ([sunday], "2026-11-22 01:00", "2026-11-22 03:30", "2026-11-29 01:00"),
      ([sunday], "2026-11-17 01:00", "2026-11-22 03:30", "2026-11-29 01:00"),
      ([sunday], "2026-11-17 01:00", "2026-11-22 06:00", "2026-11-29 01:00"),
      ([sunday, "Wed 04:00-05:00 UTC"], "2026-11-10 01:00", "2026-11-18 04:30", "2026-11-25 04:00"),
      // So late that the opening is nearly an interval ago: not twice within half an interval.
      ([sunday], "2026-11-17 01:00", "2026-11-28 12:00", "2026-12-06 01:00"),
    ] as [([String], String?, String, String)])
  func nominal(windows: [String], due: String?, success: String, next: String) throws {
    let schedule = try RotationSchedule(every: .seconds(7 * 86_400), windows: windows)
    let (success, due) = (try utc(success), try due.map(utc))
    #expect(try schedule.nominal(afterSuccessAt: success, due: due) == utc(next))
  }

  @Test("The next nominal date is half an interval away at least, whatever happened")
  func nominalBounds() throws {
    var generator = SeededGenerator(state: Self.base)
    for (account, due) in try Self.samples(2000) {
      let every = Int.random(in: 60...60 * 86_400, using: &generator)
      let windows = Bool.random(using: &generator) ? [] : [Self.sunday, "Tue,Fri 23:00-04:00 America/New_York"]
      let schedule = try RotationSchedule(every: .seconds(every), windows: windows, account: account)
      let success = due.addingTimeInterval(Double.random(in: -3...3, using: &generator) * Double(every))
      let next = schedule.nominal(afterSuccessAt: success, due: due).timeIntervalSince(success)
      let slack = 0.001
      #expect(
        (Double(every) / 2 - slack...Double(every) * 1.5 + slack).contains(next),
        "ASA_SEED=\(Self.base), every \(every), due \(due), success \(success)")
    }
  }

  // MARK: Clocks that jump

  @Test("A clock that jumps a week ahead brings one rotation, and none is made up for")
  func forwardJump() throws {
    let schedule = try RotationSchedule(every: .seconds(86_400))
    let nominal = try utc("2026-11-22 01:00")
    let now = try utc("2026-11-28 18:00")
    #expect(schedule.start(for: nominal, at: now).date <= now)
    let next = schedule.nominal(afterSuccessAt: now, due: nominal)
    #expect(next == now.addingTimeInterval(86_400))
    // The clock is set right again: the next one is an interval away, not a week and a day.
    let right = try utc("2026-11-21 18:00")
    #expect(schedule.corrected(next, at: right) == right.addingTimeInterval(86_400))
  }

  @Test("A clock that jumps a week back brings no rotation early and puts none off by more than the interval")
  func backwardJump() throws {
    let schedule = try RotationSchedule(every: .seconds(86_400), windows: ["daily 02:00-05:00 UTC"])
    let now = try utc("2026-11-14 12:00")
    let corrected = schedule.corrected(try utc("2026-11-22 02:00"), at: now)
    #expect(corrected == now.addingTimeInterval(86_400))
    #expect(try schedule.start(for: corrected, at: now).date == utc("2026-11-16 02:00"))
    let monthly = try RotationSchedule(every: .seconds(30 * 86_400))
    let nominal = try utc("2026-12-01 00:00")
    #expect(monthly.corrected(nominal, at: now) == nominal)
  }

  // MARK: Pauses

  @Test(
    "Pauses double up to the cap, each longer by a fifth at most",
    arguments: [
      (-1, 900), (0, 900), (1, 900), (2, 1800), (3, 3600), (5, 14_400), (6, 21_600), (7, 21_600), (1_000_000, 21_600),
    ]
      as [(Int, TimeInterval)])
  func pauses(count: Int, base: TimeInterval) throws {
    let schedule = try RotationSchedule(every: .seconds(86_400))
    let pauses = (1...200).map { schedule.pause(afterFailures: count, seed: "\($0)") }
    #expect(pauses.allSatisfy { (base...base * 1.2).contains($0) })
    #expect(pauses.contains { $0 < base * 1.05 } && pauses.contains { $0 > base * 1.15 })
    #expect(schedule.pause(afterFailures: count, seed: "1") == pauses[0])
  }

  @Test("A policy that a store of an earlier version holds is read with the defaults of what is new")
  func earlierPolicy() throws {
    let policy = RotationPolicy(every: .seconds(86_400), require: .atLeast(2), slotLimit: 5)
    let data = try JSONEncoder().encode(policy)
    var fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for name in ["windows", "freezes", "jitter", "retry", "overdueAfter"] { #expect(fields.removeValue(forKey: name) != nil) }
    #expect(try JSONDecoder().decode(RotationPolicy.self, from: JSONSerialization.data(withJSONObject: fields)) == policy)
  }
}
