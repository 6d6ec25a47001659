/// Which alarms somebody has taken notice of.
package struct AcknowledgeRequest: Sendable {
  /// The account; `nil`: all, and the daemon itself.
  package var account: AccountName?
  /// The outcomes; empty: all.
  package var outcomes: Set<AlarmOutcome>
  /// What that person said to it, for the record; may be empty.
  package var comment: String

  /// Makes a request from its parts.
  package init(account: AccountName?, outcomes: Set<AlarmOutcome>, comment: String) {
    self.account = account
    self.outcomes = outcomes
    self.comment = comment
  }
}
