import Foundation
import RotationCore

extension RotationPolicy {
  /// The keys of `policy`.
  enum Key: String, SectionKey {
    case every, window, freeze, jitter, retry, overdueAfter, onDrift
    case require, previous, ticketLifetime, clockSkew, stagingDeadline, proofDeadline, slotLimit, absentGrace

    static var unavailable: [String: String] {
      ["pause": "use asactl pause"]
    }
  }

  static func read(_ section: Section<Key>) -> RotationPolicy? {
    guard let every = section.required(.every, .duration(.minutes(1), .days(730))) else {
      // The other keys still deserve their faults.
      _ = RotationPolicy(every: .zero).scheduled(by: section).overridden(by: section)
      return nil
    }
    let policy = RotationPolicy(every: every).scheduled(by: section).overridden(by: section)
    if policy.jitter > every / 2 {
      section.faults.report(
        section.line(of: .jitter), "jitter: is longer than half of 'every'", remedy: "shorten it, or lengthen 'every'")
    }
    return policy
  }

  /// Reports freezes that leave an account without any rotation for years. No clock is asked: the same file is always judged alike.
  func check(_ section: Section<Key>, of account: AccountName) {
    let schedule = RotationSchedule(policy: self, account: account)
    guard let first = freezes.first(where: { schedule.obstacle(at: $0.span.lowerBound)?.until == .distantFuture }) else {
      return
    }
    section.faults.report(
      section.line(of: .freeze), "freeze: from '\(first)' on no rotation could begin for two years",
      remedy: "leave days between the freezes, or use asactl pause")
  }

  private func scheduled(by section: Section<Key>) -> RotationPolicy {
    var policy = self
    policy.windows = section.oneOrMore(.window, .window) ?? windows
    policy.freezes = section.oneOrMore(.freeze, .freeze) ?? freezes
    policy.jitter = section.optional(.jitter, .duration(.seconds(0), .days(1))) ?? jitter
    policy.retry = section.section(.retry, of: RetryPolicy.Key.self).map(RetryPolicy.read) ?? retry
    policy.overdueAfter = section.optional(.overdueAfter, .duration(.minutes(1), .days(90))) ?? overdueAfter
    policy.onDrift = section.optional(.onDrift, .driftResponse) ?? onDrift
    return policy
  }

  private func overridden(by section: Section<Key>) -> RotationPolicy {
    var policy = self
    let deadline = ScalarForm.duration(.seconds(1), .hours(1))
    policy.require = section.optional(.require, .requirement) ?? require
    policy.previous = section.optional(.previous, .retention) ?? previous
    policy.ticketLifetime = section.optional(.ticketLifetime, .duration(.minutes(1), .days(70))) ?? ticketLifetime
    policy.clockSkew = section.optional(.clockSkew, deadline) ?? clockSkew
    policy.stagingDeadline = section.optional(.stagingDeadline, deadline) ?? stagingDeadline
    policy.proofDeadline = section.optional(.proofDeadline, deadline) ?? proofDeadline
    policy.slotLimit = section.optional(.slotLimit, .integer(2...64)) ?? slotLimit
    policy.absentGrace = section.optional(.absentGrace, .duration(.seconds(0), .hours(1))) ?? absentGrace
    return policy
  }
}

extension RetryPolicy {
  /// The keys of `retry`.
  enum Key: String, SectionKey {
    case initial, maximum
  }

  static func read(_ section: Section<Key>) -> RetryPolicy {
    var retry = RetryPolicy()
    retry.initial = section.optional(.initial, .duration(.seconds(10), .days(1))) ?? retry.initial
    retry.maximum = section.optional(.maximum, .duration(.seconds(10), .days(7))) ?? retry.maximum
    if retry.maximum < retry.initial {
      section.faults.report(
        section.line(of: section.has(.maximum) ? .maximum : .initial),
        "retry: 'maximum' (6h unless it is given) is shorter than 'initial' (15m unless it is given)", remedy: "give both")
    }
    return retry
  }
}

extension ScalarForm where Value == RotationPolicy.Requirement {
  fileprivate static let requirement = ScalarForm("all or a number of nodes") { text in
    if text == "all" { return .all }
    return Int(text).flatMap { $0 > 0 ? .atLeast($0) : nil }
  }
}

extension ScalarForm where Value == RotationPolicy.PreviousRetention {
  fileprivate static let retention = ScalarForm("ticket-lifetime or keep") { RotationPolicy.PreviousRetention(rawValue: $0) }
}

extension ScalarForm where Value == RotationPolicy.DriftResponse {
  fileprivate static let driftResponse = ScalarForm("report or rotate") { RotationPolicy.DriftResponse(rawValue: $0) }
}

extension ScalarForm where Value == MaintenanceWindow {
  fileprivate static let window = ScalarForm.value("a window such as Sun 02:00-05:00 Europe/Copenhagen") {
    text throws(OperatorFault) in try MaintenanceWindow(text)
  }
}

extension ScalarForm where Value == FreezePeriod {
  fileprivate static let freeze = ScalarForm.value("days such as 2026-12-18 to 2027-01-04 Europe/Copenhagen") {
    text throws(OperatorFault) in try FreezePeriod(text)
  }
}
