import Foundation
import RotationCore
import Testing

/// Reads `2026-03-29 01:00` as that instant of UTC.
func utc(_ text: String) throws -> Date {
  try Date.ISO8601FormatStyle(dateTimeSeparator: .space).parse(text + ":00Z")
}

/// Reads `2026-03-29 01:00 - 2026-03-29 02:00` as a span of UTC.
func utcSpan(_ text: String) throws -> Range<Date> {
  let ends = text.split(separator: " - ").map(String.init)
  try #require(ends.count == 2)
  return try utc(ends[0])..<utc(ends[1])
}

extension RotationSchedule {
  /// A schedule as a configuration would write it.
  init(
    every: Duration, windows: [String] = [], freezes: [String] = [], jitter: Duration = .zero,
    account: AccountName = Fixture.account
  ) throws {
    var policy = RotationPolicy(every: every)
    policy.windows = try windows.map(MaintenanceWindow.init)
    policy.freezes = try freezes.map(FreezePeriod.init)
    policy.jitter = jitter
    self.init(policy: policy, account: account)
  }
}
