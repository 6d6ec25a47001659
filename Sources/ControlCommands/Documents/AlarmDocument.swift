package import ControlProtocol
package import Foundation

/// One alarm, in `asactl status` and `asactl ack`.
package struct AlarmDocument: Encodable, Sendable, Equatable {
  /// `failed`, `degraded`, `overdue`, `stalled`, `behind`, `unknown`, `drift` or `store`.
  package var outcome: String
  /// The account; `null` for the daemon itself.
  @NullIfAbsent package var account: String?
  /// The node or the domain controller concerned.
  @NullIfAbsent package var subject: String?
  /// One sentence.
  package var message: String
  /// Since when the condition stands.
  @NullIfAbsent package var since: Date?
  /// How many notices of it were due so far.
  package var notices: UInt32
  /// Whether the last notice reached its unit and the unit succeeded.
  package var delivered: Bool
  /// Why the last notice reached nobody.
  @NullIfAbsent package var deliveryFault: String?
  /// When somebody acknowledged it.
  @NullIfAbsent package var acknowledgedAt: Date?
  /// When the condition ended; `null` while it stands.
  @NullIfAbsent package var resolvedAt: Date?
  /// When the next notice is due.
  @NullIfAbsent package var nextNotice: Date?

  /// Reads the daemon's message.
  package init(_ alarm: Asa_Control_V1_AlarmStatus) {
    outcome = alarm.outcome.visible
    account = alarm.account.visibleOrNil
    subject = alarm.subject.visibleOrNil
    message = alarm.message.visible
    since = alarm.hasSince ? alarm.since.wholeSecond : nil
    notices = alarm.notices
    delivered = alarm.delivered
    deliveryFault = alarm.deliveryFault.visibleOrNil
    acknowledgedAt = alarm.hasAcknowledgedAt ? alarm.acknowledgedAt.wholeSecond : nil
    resolvedAt = alarm.hasResolvedAt ? alarm.resolvedAt.wholeSecond : nil
    nextNotice = alarm.hasNextNotice ? alarm.nextNotice.wholeSecond : nil
  }
}

/// What `asactl ack --json` prints.
package struct AcknowledgedDocument: Encodable, Sendable, Equatable {
  /// The alarms that this acknowledged.
  package var alarms: [AlarmDocument]

  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_AcknowledgeReply) { alarms = reply.alarms.map(AlarmDocument.init) }
}
