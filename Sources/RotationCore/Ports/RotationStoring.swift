package import Foundation
package import SecretMemory

/// Who this store is.
package struct StoreIdentity: Sendable {
  /// The identity that every stamp of this store carries.
  package var rotator: RotatorID
  /// The secret under which key fingerprints are computed; 32 bytes.
  package var fingerprintSecret: SecretBytes

  /// Pairs an identity with its fingerprint secret.
  package init(rotator: RotatorID, fingerprintSecret: SecretBytes) {
    self.rotator = rotator
    self.fingerprintSecret = fingerprintSecret
  }
}

/// A node that rotations do not wait for, for a time.
package struct NodeExclusion: Sendable, Equatable, Codable {
  /// Until when.
  package var until: Date
  /// Why, for whoever asks later.
  package var reason: String

  /// Makes an exclusion from its parts.
  package init(until: Date, reason: String) {
    self.until = until
    self.reason = reason
  }
}

/// What the store remembers of a node.
package struct NodeRecord: Sendable, Equatable, Codable {
  /// The node.
  package var node: NodeName
  /// The installation that the name is bound to, a UUID that the agent made once.
  package var installation: String?
  /// When it was last seen attached.
  package var lastSeen: Date?
  /// Every certificate issued up to then is refused.
  package var revokedAt: Date?
  /// Until when rotations do not wait for it, by command.
  package var exclusion: NodeExclusion?

  /// Makes a record from its parts.
  package init(node: NodeName, installation: String? = nil, lastSeen: Date? = nil, revokedAt: Date? = nil) {
    self.node = node
    self.installation = installation
    self.lastSeen = lastSeen
    self.revokedAt = revokedAt
  }

  /// Whether rotations do not wait for it now.
  package func isExcluded(at now: Date) -> Bool { exclusion.map { now < $0.until } ?? false }

  /// Whether the node has not attached with a newer certificate since it was revoked.
  package var isRevoked: Bool {
    guard let revokedAt else { return false }
    return (lastSeen ?? .distantPast) <= revokedAt
  }
}

/// What the daemon remembers of itself.
package struct DaemonRecord: Sendable, Equatable, Codable {
  /// When it was started; `nil` after an orderly stop. Found at a start, the run before was killed or crashed.
  package var runningSince: Date?
  /// What CLOCK_BOOTTIME showed when the store was first opened in this boot of this machine.
  var firstStart: BootInstant?
  /// The alarms that stand or are not acknowledged.
  package var alarms = AlarmLedger()

  /// A daemon that has never run.
  package init() {}
}

/// Everything that one step of a machine makes durable, in one transaction.
package struct StoreChange: Sendable {
  /// The account's new state.
  package var account: AccountRecord?
  /// Secrets to seal, before anything leaves the rotator.
  package var seal: [RotationID: RotationSecrets] = [:]
  /// Secrets to destroy, together with the data key that sealed them.
  package var destroy: [RotationID] = []
  /// Records to add to the history.
  package var records: [OutcomeRecord] = []
  /// The daemon's own new state.
  package var daemon: DaemonRecord?

  /// Makes an empty change.
  package init() {}

  /// Whether nothing would be written.
  package var isEmpty: Bool { account == nil && seal.isEmpty && destroy.isEmpty && records.isEmpty && daemon == nil }
}

/// The durable state of the rotator. Secrets are sealed with AES-256-GCM; every commit is on disk when the call returns. A call is made where
/// the caller is: whoever implements it leaves that place only if it has one of its own, as an actor has.
package protocol RotationStoring: Sendable {
  /// The store's identity, made on first use.
  ///
  /// - Throws: ``OperatorFault`` of kind `.inputOutput` or `.data`.
  nonisolated(nonsending) func identity() async throws(OperatorFault) -> StoreIdentity

  /// All accounts known.
  ///
  /// - Throws: ``OperatorFault`` of kind `.inputOutput` or `.data`.
  nonisolated(nonsending) func accounts() async throws(OperatorFault) -> [AccountRecord]

  /// The daemon's own state; an empty one in a new store.
  ///
  /// - Throws: ``OperatorFault`` of kind `.inputOutput` or `.data`.
  nonisolated(nonsending) func daemon() async throws(OperatorFault) -> DaemonRecord

  /// Makes a change durable, whole or not at all.
  ///
  /// - Parameter account: Whose state and secrets the change holds; `nil` if it holds neither.
  /// - Throws: ``OperatorFault`` of kind `.inputOutput`; nothing was changed then.
  nonisolated(nonsending) func commit(_ change: StoreChange, of account: AccountName?) async throws(OperatorFault)

  /// Unseals the secrets of one rotation; `nil` if they were destroyed or never held.
  ///
  /// - Throws: ``OperatorFault`` of kind `.inputOutput`, or `.data` if the seal does not open.
  nonisolated(nonsending) func secrets(
    of rotation: RotationID, account: AccountName
  ) async throws(OperatorFault) -> RotationSecrets?

  /// The newest records of an account, or of all, newest first.
  ///
  /// - Throws: ``OperatorFault`` of kind `.inputOutput`.
  nonisolated(nonsending) func history(of account: AccountName?, limit: Int) async throws(OperatorFault) -> [OutcomeRecord]

  /// All nodes known.
  ///
  /// - Throws: ``OperatorFault`` of kind `.inputOutput`.
  nonisolated(nonsending) func nodes() async throws(OperatorFault) -> [NodeRecord]

  /// Remembers a node.
  ///
  /// - Throws: ``OperatorFault`` of kind `.inputOutput`.
  nonisolated(nonsending) func remember(_ node: NodeRecord) async throws(OperatorFault)
}
