package import ControlProtocol
package import Foundation

/// What `asactl schedule --json` prints.
package struct ScheduleDocument: Encodable, Sendable, Equatable {
  /// The accounts, as configured.
  package var accounts: [AccountScheduleDocument]

  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_ScheduleReply) { accounts = reply.accounts.map(AccountScheduleDocument.init) }
}

/// One account of a ``ScheduleDocument``.
package struct AccountScheduleDocument: Encodable, Sendable, Equatable {
  /// `DOMAIN\name`.
  package var account: String
  /// Why and until when the schedule stands still; `null` if it does not.
  @NullIfAbsent package var pause: PauseDocument?
  /// The next dates.
  package var dates: [ScheduledDateDocument]

  fileprivate init(_ schedule: Asa_Control_V1_AccountSchedule) {
    account = schedule.account.visible
    pause = schedule.hasPause ? PauseDocument(schedule.pause) : nil
    dates = schedule.dates.map(ScheduledDateDocument.init)
  }
}

/// One date of an ``AccountScheduleDocument``.
package struct ScheduledDateDocument: Encodable, Sendable, Equatable {
  /// When a rotation begins.
  @NullIfAbsent package var time: Date?
  /// Why then.
  package var reason: String

  fileprivate init(_ date: Asa_Control_V1_ScheduledDate) {
    time = date.hasTime ? date.time.wholeSecond : nil
    reason = date.reason.visible
  }
}
