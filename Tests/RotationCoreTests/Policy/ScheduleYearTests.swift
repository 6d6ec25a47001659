import Foundation
import RotationCore
import Testing

@Suite("A year of schedule")
struct ScheduleYearTests {
  static let base = ProcessInfo.processInfo.environment["ASA_SEED"].flatMap(UInt64.init) ?? 20_260_101
  static let day: TimeInterval = 86_400

  struct Case: CustomTestStringConvertible, Sendable {
    let days: Double
    var windows: [String] = []
    var freezes: [String] = []
    var jitter: TimeInterval = 0
    /// The first nominal date, in UTC.
    let first: String
    let rotations: Int
    /// How long after its nominal date a rotation may begin because of windows and jitter, in seconds.
    let lateness: TimeInterval

    var testDescription: String { "every \(days) d in \(windows), jitter \(jitter) s, from \(first)" }

    func schedule(account: AccountName = Fixture.account) throws -> RotationSchedule {
      try RotationSchedule(
        every: .seconds(days * ScheduleYearTests.day), windows: windows, freezes: freezes, jitter: .seconds(jitter),
        account: account)
    }
  }

  static let cases: [Case] = [
    Case(days: 1, first: "2026-01-02 00:07", rotations: 365, lateness: 0),
    Case(days: 1, jitter: 3600, first: "2026-01-02 00:07", rotations: 365, lateness: 3600),
    Case(
      days: 1, windows: ["daily 02:00-05:00 Europe/Copenhagen"], jitter: 1800, first: "2026-01-02 01:00", rotations: 365,
      lateness: 3600 + 1800),
    Case(
      days: 1, windows: ["daily 23:00-01:00 America/New_York"], jitter: 1800, first: "2026-01-02 04:30", rotations: 365,
      lateness: 1800),
    Case(
      days: 1, windows: ["daily 02:00-03:00 Europe/Copenhagen"], jitter: 7200, first: "2026-06-02 00:00", rotations: 365,
      lateness: 2 * 3600),
    Case(
      days: 7, windows: ["Sun 02:00-05:00 Europe/Copenhagen"], jitter: 3600, first: "2026-01-04 01:00", rotations: 53,
      lateness: 2 * 3600),
    Case(
      days: 7, windows: ["Sat 22:00-02:00 America/New_York", "Wed 02:00-04:00 UTC"], jitter: 1800, first: "2026-01-02 12:00",
      rotations: 52, lateness: 2 * day),
    Case(
      days: 30, windows: ["Sun 02:00-05:00 Europe/Copenhagen"], jitter: 3600, first: "2026-01-06 12:00", rotations: 13,
      lateness: 7 * day),
    Case(days: 30, jitter: day, first: "2026-01-06 12:00", rotations: 13, lateness: day),
    Case(
      days: 0.5, windows: ["daily 02:00-03:00 UTC", "daily 14:00-15:00 UTC"], jitter: 600, first: "2026-01-02 02:00",
      rotations: 730, lateness: 600),
  ]

  @Test(
    "Rotations that succeed keep to their dates: as many as the interval says, in their windows, without drift",
    arguments: cases)
  func keepsTime(_ given: Case) throws {
    let schedule = try given.schedule()
    let first = try utc(given.first)
    var year = SimulatedYear(schedule: schedule, from: first)
    year.run()
    #expect(year.starts.count == given.rotations)
    for (index, start) in year.starts.enumerated() {
      let late = start.timeIntervalSince(first.addingTimeInterval(Double(index) * given.days * Self.day))
      #expect((0...given.lateness + 5).contains(late), "start \(index) at \(start)")
    }
  }

  @Test(
    "Failures and outages put rotations off, never outside a window, never twice within half an interval", arguments: 0..<4)
  func survives(offset: UInt64) throws {
    let seed = Self.base &+ offset &* 7919
    for given in Self.cases + [Self.frozen] {
      let schedule = try given.schedule(account: AccountName("LAB\\A\(offset)$"))
      var year = SimulatedYear(schedule: schedule, from: try utc(given.first))
      year.step = 6 * 3600
      year.trouble = SeededGenerator(state: seed)
      year.run()
      let comment = Comment(rawValue: "ASA_SEED=\(Self.base), seed \(seed), \(given.testDescription)")
      let half = given.days * Self.day / 2
      #expect(zip(year.successes, year.starts.dropFirst()).allSatisfy { $1.timeIntervalSince($0) >= half }, comment)
      #expect(year.starts.allSatisfy { schedule.obstacle(at: $0) == nil }, comment)
      #expect(year.failures > 0 || given.days > 1, comment)
      // One in four attempts fails and a tenth of the time is an outage: at least half of the rotations happen all the same.
      #expect((given.rotations / 2 - 1...given.rotations + 1).contains(year.starts.count), comment)
    }
  }

  static let frozen = Case(
    days: 7, windows: ["Sun 02:00-05:00 Europe/Copenhagen"],
    freezes: ["2026-03-29 Europe/Copenhagen", "2026-12-18 to 2027-01-04 Europe/Copenhagen"], jitter: 3600,
    first: "2026-01-04 01:00", rotations: 49, lateness: 0)

  @Test("A year with freezes has no rotation in them and goes on after them")
  func freezes() throws {
    var year = SimulatedYear(schedule: try Self.frozen.schedule(), from: try utc(Self.frozen.first))
    year.run()
    #expect(year.starts.count == Self.frozen.rotations)
    let calm = try [utcSpan("2026-03-28 23:00 - 2026-03-29 22:00"), utcSpan("2026-12-17 23:00 - 2027-01-04 23:00")]
    #expect(!year.starts.contains { start in calm.contains { $0.contains(start) } })
  }
}

/// Lets a schedule run against a clock that is stepped, as the scheduler does.
struct SimulatedYear {
  /// How often it is looked whether it is time, besides the very dates.
  var step: TimeInterval = 3600

  let schedule: RotationSchedule
  let end: Date
  private(set) var now: Date
  private(set) var nominal: Date
  /// What makes attempts fail and the daemon be down; none: all goes well.
  var trouble: SeededGenerator?
  /// When rotations began that succeeded.
  private(set) var starts: [Date] = []
  /// When they succeeded.
  private(set) var successes: [Date] = []
  private(set) var failures = 0
  private var quietUntil = Date.distantPast
  private var failuresInARow = 0

  /// Begins half an interval before the first nominal date and ends 365 days after it.
  init(schedule: RotationSchedule, from first: Date) {
    self.schedule = schedule
    nominal = first
    now = first.addingTimeInterval(TimeInterval(-schedule.policy.every.components.seconds / 2))
    end = first.addingTimeInterval(365 * 86_400)
  }

  mutating func run() {
    while now < end {
      let start = turn()
      // The scheduler looks every 5 s: what is in between is left out.
      now =
        start > now && start < now.addingTimeInterval(step)
        ? start.addingTimeInterval(5) : now.addingTimeInterval(step)
    }
  }

  /// Rotates if it is time, and says when it is time otherwise.
  private mutating func turn() -> Date {
    nominal = schedule.corrected(nominal, at: now)
    let start = max(schedule.start(for: nominal, after: successes.last, at: now).date, quietUntil)
    guard now >= start else { return start }
    if strikes(oneIn: 4) { fail() } else { succeed() }
    return now
  }

  private mutating func succeed() {
    let success = now.addingTimeInterval(120)
    nominal = schedule.nominal(afterSuccessAt: success, due: nominal)
    starts.append(now)
    successes.append(success)
    failuresInARow = 0
    // The daemon is down for up to a week.
    if strikes(oneIn: 40) { now.addTimeInterval(random(upTo: 7 * 86_400)) }
  }

  private mutating func fail() {
    failures += 1
    failuresInARow += 1
    quietUntil = now.addingTimeInterval(schedule.pause(afterFailures: failuresInARow, seed: "\(failures)"))
  }

  private mutating func strikes(oneIn count: Int) -> Bool {
    trouble != nil && random(upTo: Double(count)) < 1
  }

  private mutating func random(upTo limit: Double) -> Double {
    guard var generator = trouble else { return limit }
    defer { trouble = generator }
    return Double.random(in: 0..<limit, using: &generator)
  }
}
