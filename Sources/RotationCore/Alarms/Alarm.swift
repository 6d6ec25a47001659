package import Foundation

/// One alarm: the record that raised it, and how far telling somebody has come.
package struct Alarm: Sendable, Equatable, Codable {
  /// Whether somebody was told.
  package enum Delivery: Sendable, Equatable, Codable {
    /// No notice has ended yet.
    case pending
    /// The last notice reached its unit and the unit succeeded.
    case delivered
    /// The last notice reached nobody.
    case failed(OperatorFault)
  }

  /// What it is about.
  package let key: AlarmLedger.Key
  /// The newest record that raised it.
  package internal(set) var record: OutcomeRecord
  /// Since when the condition stands.
  package let since: Date
  /// How many notices have ended.
  package internal(set) var notices = 0
  /// Whether the last one reached somebody.
  package internal(set) var delivery = Delivery.pending
  /// When the next one is due; `nil`: at once.
  package internal(set) var nextNotice: WallClockWait?
  /// When somebody acknowledged it.
  package internal(set) var acknowledgedAt: Date?
  /// When the condition ended.
  package internal(set) var endedAt: Date?
  /// How many notices in a row have ended alike, for the pauses between them.
  var alikeInARow = 0

  init(key: AlarmLedger.Key, record: OutcomeRecord, since: Date) {
    self.key = key
    self.record = record
    self.since = since
  }

  func isNoticeDue(at now: Date) -> Bool {
    acknowledgedAt == nil && (endedAt == nil || delivery != .delivered) && (nextNotice?.isOver(at: now) ?? true)
  }

  mutating func noticeEnded(fault: OperatorFault?, at now: Date) {
    let delivery = fault.map(Delivery.failed) ?? .delivered
    alikeInARow = (fault == nil) == (self.delivery == .delivered) && notices > 0 ? alikeInARow + 1 : 1
    notices += 1
    self.delivery = delivery
    let pauses = fault == nil ? Self.pausesAfterDelivery : Self.pausesAfterFailure
    let pause = pauses[min(alikeInARow, pauses.count) - 1]
    nextNotice = WallClockWait(from: now, until: now.addingTimeInterval(pause))
  }

  /// Seconds until a person is told again: an hour, four, then daily.
  static let pausesAfterDelivery: [TimeInterval] = [3600, 4 * 3600, 86_400]
  /// Seconds until a notice that reached nobody is tried again.
  static let pausesAfterFailure: [TimeInterval] = [60, 300, 900, 3600]
}
