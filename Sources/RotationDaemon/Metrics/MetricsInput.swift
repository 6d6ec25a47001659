package import Foundation
package import RotationCore

/// Everything that the metrics file tells, at one instant.
package struct MetricsInput: Sendable {
  /// One account.
  package struct Account: Sendable {
    /// The account.
    package var account: AccountName
    /// How many attempts have ended in each way since the store was made; what is missing counts as none.
    package var rotations: [RotationOutcome: Int] = [:]
    /// When the last rotation succeeded, degraded ones included; `nil`: never.
    package var lastSuccess: Date?
    /// When the next rotation is due, or since when one has been.
    package var due: Date
    /// Whether the schedule is paused.
    package var isPaused = false
    /// How many attempts have failed since the last success.
    package var failuresInARow = 0
    /// The phase of the rotation in progress, or `idle`.
    package var phase = "idle"
    /// Seconds that each phase of the last ended rotation took, in their order. A phase that was entered twice is told as one.
    package var phaseDurations: [(phase: String, seconds: Double)] = []
    /// How many nodes the account's arrays hold, revoked ones not counted.
    package var nodesConfigured = 0
    /// How many of them have a live stream.
    package var nodesAttached = 0
    /// How many of them do not hold what they should.
    package var nodesBehind = 0
    /// How many domain controllers cannot be asked, or do not serve what they should.
    package var controllersBehind = 0
    /// When the keys of the slots were set. Of several in one position the oldest is told.
    package var slots: [(position: SlotPosition, setAt: Date)] = []

    /// An account of which nothing else is known.
    package init(account: AccountName, due: Date) {
      self.account = account
      self.due = due
    }
  }

  /// Now, on the policy clock, which all dates are on.
  package var now: Date
  /// The daemon's version.
  package var version: String
  /// The accounts, in any order.
  package var accounts: [Account] = []
  /// When the rotator's own TLS certificate expires, if it is known.
  package var certificateExpiry: Date?
  /// When the certificates expire that nodes last came with.
  package var nodeCertificateExpiries: [NodeName: Date] = [:]
  /// How many alarms stand, acknowledged ones included; what is missing counts as none.
  package var alarms: [AlarmOutcome: Int] = [:]
  /// Whether the store took the last write.
  package var isStoreWritable = true

  /// A daemon without accounts.
  package init(now: Date, version: String) {
    self.now = now
    self.version = version
  }
}
