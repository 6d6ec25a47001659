package import Foundation

/// Everything about one account that must survive a restart, without its secrets.
package struct AccountRecord: Sendable, Equatable, Codable {
  /// The account.
  package var account: AccountName
  /// The objectGUID that the account was bound to at its first rotation.
  package var objectGUID: UUID?
  /// The stamp that the directory holds as far as this store knows.
  package var knownStamp: Stamp?
  /// The slots.
  package var ledger = SlotLedger()
  /// The rotation in progress.
  package var rotation: RotationMachine?
  /// The attempt whose start is recorded and whose plan is not durable yet; found at a start, it was interrupted in preflight.
  package var openAttempt: RotationID?
  /// What each node last said it holds.
  package var holdings: [NodeName: NodeHolding] = [:]
  /// The policy that the last orders were given under.
  package var policy: RotationPolicy?
  /// When the account was first configured.
  package var firstSeen: Date
  /// When the last rotation succeeded, degraded ones included.
  package var lastSuccess: Date?
  /// When the last attempt ended, and how.
  package var lastEnding: RotationEnding?
  /// When the next rotation is due.
  package var nextDue: Date

  /// A record of an account never seen before: its first rotation is due one interval later.
  package init(account: AccountName, firstSeen: Date, every: Duration) {
    self.account = account
    self.firstSeen = firstSeen
    nextDue = firstSeen.addingTimeInterval(TimeInterval(every.components.seconds))
  }

  /// Reckons the next due date from the newest password of ours. A clock that was ahead when that was set, and is no longer, counts from now.
  package mutating func schedule(every: Duration, at now: Date) {
    let ours = ledger.latest.flatMap { $0.rotation.isAdopted ? nil : $0.setAt }
    let last = [lastSuccess, ours].compactMap(\.self).max() ?? firstSeen
    nextDue = min(last, now).addingTimeInterval(TimeInterval(every.components.seconds))
  }
}

/// What a node last said it holds for one account.
package struct NodeHolding: Sendable, Equatable, Codable {
  /// The slots, newest first.
  package var slots: [SlotReport]
  /// The epoch of the last order that it applied.
  package var epoch: Epoch
  /// The version of the last order that it applied.
  package var version: UInt64
  /// What is wrong with it.
  package var fault: String?
  /// Its keytabs' paths.
  package var keytabs: [String]
  /// The adopted slots that it has held since it last came without any order applied. An order names them by this list, which only a
  /// re-installed node resets, so that the same order is the same each time.
  package var adopted: [SlotReport] = []

  /// Whether it has not applied the ledger's newest order.
  package func isBehind(_ ledger: SlotLedger) -> Bool {
    ledger.epoch > .zero && (epoch, version) < (ledger.epoch, ledger.version)
  }
}
