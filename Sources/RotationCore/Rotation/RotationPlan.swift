package import Foundation

/// What one rotation has decided to do, durable before anything leaves the rotator. The rotation id names this plan and no other.
package struct RotationPlan: Sendable, Equatable, Codable {
  /// The rotation.
  package var rotation: RotationID
  /// The account.
  package var account: AccountName
  /// Its immutable identity.
  package var objectGUID: UUID
  /// The stamp that the claim expects; `nil`: none yet.
  package var expected: Stamp?
  /// The stamp of the claim.
  package var claim: Stamp
  /// The kvno before.
  package var currentVersion: KeyVersion
  /// The kvno that the directory will most likely give.
  package var plannedVersion: KeyVersion
  /// Names the new keys.
  package var fingerprint: KeyFingerprint
  /// The encryption types of the new keys.
  package var encryptionTypes: [EncryptionType]
  /// The domain controller that every write of this rotation goes to.
  package var writer: DirectoryServer
  /// The nodes that were attached and ready when the plan was made.
  package var participants: [NodeName]
  /// Which nodes must hold the key.
  package var quorum: Quorum
  /// When the plan was made.
  package var plannedAt: Date
  /// How long nodes may take to stage, in seconds.
  package var stagingSeconds: TimeInterval
  /// How long nodes may take to prove acceptance, in seconds.
  package var proofSeconds: TimeInterval
  /// How long the nodes that do not hold the key are given to see the claim and leave service, in seconds; `nil`: none.
  package var absentGraceSeconds: TimeInterval?
  /// The nodes that are not waited for and may be in service all the same: excluded ones, and those that were shut out.
  package var bystanders: [NodeName]?
  /// The rotation whose sealed password is set once more, on a controller that may never have got it; `nil`: a password of its own.
  package var replayed: RotationID?
  /// Whether the directory carries no stamp: then the claim only numbers the orders, and nothing can be fenced.
  package var isStampless: Bool?
  /// The other domain controllers, by DNS name, that issue tickets for the account and get the password by replication; `nil`: there is none.
  package var replicas: [String]?
  /// The claimant whose stamp the claim replaces, where somebody ordered a takeover; `nil`: the stamp is the one that the store knew.
  package var takenFrom: RotatorID?
  /// Why every older key ends with this rotation; `nil`: they end with their tickets.
  package var compromise: Compromise?

  /// Makes a plan from its parts.
  package init(
    rotation: RotationID, account: AccountName, objectGUID: UUID, expected: Stamp?, claim: Stamp, currentVersion: KeyVersion,
    plannedVersion: KeyVersion, fingerprint: KeyFingerprint, encryptionTypes: [EncryptionType], writer: DirectoryServer,
    participants: [NodeName], quorum: Quorum, plannedAt: Date, stagingSeconds: TimeInterval, proofSeconds: TimeInterval,
    replayed: RotationID? = nil, isStampless: Bool = false
  ) {
    self.rotation = rotation
    self.account = account
    self.objectGUID = objectGUID
    self.expected = expected
    self.claim = claim
    self.currentVersion = currentVersion
    self.plannedVersion = plannedVersion
    self.fingerprint = fingerprint
    self.encryptionTypes = encryptionTypes
    self.writer = writer
    self.participants = participants
    self.quorum = quorum
    self.plannedAt = plannedAt
    self.stagingSeconds = stagingSeconds
    self.proofSeconds = proofSeconds
    self.replayed = replayed
    self.isStampless = isStampless ? true : nil
  }

  /// The rotation that the slot and the sealed password belong to.
  package var slot: RotationID { replayed ?? rotation }

  /// The claim, once it says that the password is set although some node does not hold its key.
  package var announced: Stamp {
    Stamp(epoch: claim.epoch, rotation: rotation, state: .leaving, rotator: claim.rotator)
  }

  /// The stamp that the password's own modify writes.
  package var done: Stamp {
    Stamp(epoch: claim.epoch, rotation: rotation, state: .done, rotator: claim.rotator)
  }

  /// The stamp that every abort writes first.
  package var fence: Stamp {
    Stamp(epoch: claim.epoch.next, rotation: rotation, state: .aborted, rotator: claim.rotator)
  }

  /// The configured nodes that were not ready.
  package var absent: [NodeName] { quorum.members.filter { !participants.contains($0) } }

  /// Whether a raw stamp is this rotation's claim, at any epoch.
  package func claimed(_ raw: String?) -> Bool {
    guard let stamp = raw.flatMap(Stamp.init) else { return false }
    return stamp.rotation == rotation && stamp.rotator == claim.rotator && stamp.state.isClaim
  }
}
