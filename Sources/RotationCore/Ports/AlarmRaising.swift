package import Foundation

/// One run of `asa-outcome@OUTCOME.service`: what happened, for whoever is not looking.
package struct AlarmNotice: Sendable, Equatable {
  /// The instance to start.
  package var outcome: AlarmOutcome
  /// The record that it is about.
  package var record: OutcomeRecord
  /// Since when the condition stands.
  package var since: Date
  /// The how-manieth notice of this condition it is, counted from 1.
  package var count: Int

  /// Makes a notice from its parts.
  package init(outcome: AlarmOutcome, record: OutcomeRecord, since: Date, count: Int) {
    self.outcome = outcome
    self.record = record
    self.since = since
    self.count = count
  }
}

/// Where alarms go: a unit that the administrator fills.
package protocol AlarmRaising: Sendable {
  /// Runs the unit of one notice to its end. One at a time; it ends within a bounded time.
  ///
  /// - Throws: ``OperatorFault`` if the unit cannot be started (`.permission`, `.unavailable`) or did not succeed (`.system`).
  func raise(_ notice: AlarmNotice) async throws(OperatorFault)
}
