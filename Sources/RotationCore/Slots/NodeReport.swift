package import Foundation

/// One slot as a node holds it.
package struct SlotReport: Sendable, Equatable, Codable {
  /// The rotation whose password gave the keys, or an adopted id.
  package var rotation: RotationID
  /// The kvno that the keys are written under.
  package var version: KeyVersion
  /// Where it stands on that node.
  package var position: SlotPosition
  /// Names the keys.
  package var fingerprint: KeyFingerprint
  /// The encryption types held (RFC 3961 numbers).
  package var encryptionTypes: [Int32]
  /// When the password was set; for an adopted key, the time stamp of its keytab entry.
  package var setAt: Date
  /// Whether a ticket from a domain controller has opened with the key in the installed keytab.
  package var isProven: Bool
  /// When the key may be destroyed.
  package var retireAfter: Date?

  /// Makes a report from its parts.
  package init(
    rotation: RotationID, version: KeyVersion, position: SlotPosition, fingerprint: KeyFingerprint, encryptionTypes: [Int32],
    setAt: Date, isProven: Bool, retireAfter: Date?
  ) {
    self.rotation = rotation
    self.version = version
    self.position = position
    self.fingerprint = fingerprint
    self.encryptionTypes = encryptionTypes
    self.setAt = setAt
    self.isProven = isProven
    self.retireAfter = retireAfter
  }
}

/// A checksum made with a key that the node read back from its *installed* keytab (RFC 3961 section 3, own key usage).
package struct KeyChecksum: Sendable, Equatable {
  /// The key usage number: from the range that RFC 4120 section 7.5.1 leaves to applications.
  package static let keyUsage: Int32 = 1571

  /// The rotation whose key made it.
  package var rotation: RotationID
  /// The encryption type of that key.
  package var encryptionType: Int32
  /// The checksum, of the encryption type's mandatory checksum type.
  package var bytes: [UInt8]

  /// Makes a checksum from its parts.
  package init(rotation: RotationID, encryptionType: Int32, bytes: [UInt8]) {
    self.rotation = rotation
    self.encryptionType = encryptionType
    self.bytes = bytes
  }

  /// The bytes that the checksum covers: nonce, node, rotation and fingerprint, each with its length in front.
  package static func message(
    nonce: [UInt8], node: NodeName, rotation: RotationID, fingerprint: KeyFingerprint
  ) -> [UInt8] {
    [nonce, Array(node.description.utf8), Array(rotation.description.utf8), Array(fingerprint.description.utf8)]
      .flatMap { field in withUnsafeBytes(of: UInt32(field.count).bigEndian, Array.init) + field }
  }
}

/// Why a node would not, or could not, carry out an order.
package struct OrderRefusal: Sendable, Equatable, Codable {
  /// The reasons that the rotator branches on.
  package enum Reason: String, Sendable, Codable, CaseIterable {
    /// The order's (epoch, version) is lower than one already applied.
    case stale
    /// The same (epoch, version) came with other contents.
    case conflictingOrder
    /// The epoch is bound to another rotation.
    case epochBoundElsewhere
    /// The node holds the kvno under another key.
    case versionHeldByAnotherKey
    /// The order would drop the newest proven slot without a newer committed one.
    case wouldDropProvenSlot
    /// A slot to keep is not held, and the order brought no keys for it.
    case unknownSlot
    /// More slots than the node's limit.
    case tooManySlots
    /// A keytab could not be written, or holds foreign principals.
    case keytab
    /// The node's own file does not name the account.
    case accountNotConfigured
    /// Anything else.
    case other
  }

  /// The class.
  package var reason: Reason
  /// One sentence naming the thing and the place.
  package var message: String
  /// The epoch of the refused order.
  package var epoch: Epoch
  /// The version of the refused order.
  package var version: UInt64

  /// Makes a refusal from its parts.
  package init(_ reason: Reason, _ message: String, epoch: Epoch, version: UInt64) {
    self.reason = reason
    self.message = message
    self.epoch = epoch
    self.version = version
  }
}

/// One keytab of a node.
package struct KeytabReport: Sendable, Equatable, Codable {
  /// Its path on the node.
  package var path: String
  /// What is wrong with it; `nil` if it is as ordered.
  package var fault: String?

  /// Makes a report from its parts.
  package init(path: String, fault: String?) {
    self.path = path
    self.fault = fault
  }
}

/// What one node holds for one account, sent at attach and after every order.
package struct NodeReport: Sendable, Equatable {
  /// The account.
  package var account: AccountName
  /// The epoch of the last order applied; ``Epoch/zero`` before the first.
  package var epoch: Epoch
  /// The version of the last order applied.
  package var version: UInt64
  /// Why the last order was refused, if it was.
  package var refusal: OrderRefusal?
  /// The slots, newest first.
  package var slots: [SlotReport]
  /// Checksums for the order that this report answers, with its nonce.
  package var checksums: [KeyChecksum]
  /// The nonce of the order that this report answers; empty in an unasked report.
  package var nonce: [UInt8]
  /// The keytabs that hold the account's keys.
  package var keytabs: [KeytabReport]
  /// What somebody else had changed of them and the agent has put right, since a rotator was last told.
  package var drift: [KeytabDrift]
  /// The programs that cache the account's keys.
  package var consumers: [ConsumerReport]

  /// Makes a report from its parts.
  package init(
    account: AccountName, epoch: Epoch, version: UInt64, refusal: OrderRefusal?, slots: [SlotReport], checksums: [KeyChecksum],
    nonce: [UInt8], keytabs: [KeytabReport], drift: [KeytabDrift] = [], consumers: [ConsumerReport] = []
  ) {
    self.account = account
    self.epoch = epoch
    self.version = version
    self.refusal = refusal
    self.slots = slots
    self.checksums = checksums
    self.nonce = nonce
    self.keytabs = keytabs
    self.drift = drift
    self.consumers = consumers
  }
}
