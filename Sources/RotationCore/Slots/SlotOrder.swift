package import Foundation

/// The position of a slot in a node's ordered list, newest first.
package enum SlotPosition: String, Sendable, Codable, CaseIterable {
  /// Staged: its password is not in the directory yet.
  case next
  /// The key that domain controllers issue tickets under.
  case latest
  /// The key before Latest; tickets under it may be alive.
  case previous
  /// Older still; kept until no ticket under it can be alive.
  case retiring
}

/// One slot as the rotator wants it on a node.
package struct OrderedSlot: Sendable, Equatable {
  /// The rotation whose password gave the keys.
  package var rotation: RotationID
  /// The kvno to write the keys under.
  package var version: KeyVersion
  /// Where it stands.
  package var position: SlotPosition
  /// Names the keys.
  package var fingerprint: KeyFingerprint
  /// The keys, or `nil` for "keep what you hold under this fingerprint" (adopted keys never leave their node).
  package var keys: AccountKeys?
  /// When the password was set, or planned to be.
  package var setAt: Date
  /// The epoch under which the directory took the password; `nil` while staged and for adopted keys.
  package var committedEpoch: Epoch?
  /// When the key may be destroyed, on the domain controllers' clock; `nil` while nothing limits it.
  package var retireAfter: Date?

  /// Makes a slot from its parts.
  package init(
    rotation: RotationID, version: KeyVersion, position: SlotPosition, fingerprint: KeyFingerprint, keys: AccountKeys?,
    setAt: Date, committedEpoch: Epoch?, retireAfter: Date?
  ) {
    self.rotation = rotation
    self.version = version
    self.position = position
    self.fingerprint = fingerprint
    self.keys = keys
    self.setAt = setAt
    self.committedEpoch = committedEpoch
    self.retireAfter = retireAfter
  }
}

/// The declarative order: what one node shall hold for one account. The same order again is a no-op; a slot that it neither lists nor
/// drops becomes Retiring on the node, it is never just dropped.
package struct SlotOrder: Sendable, Equatable {
  /// The account.
  package var account: AccountName
  /// Its realm.
  package var realm: Realm
  /// The claim under which the order is given.
  package var epoch: Epoch
  /// The rotation that this epoch is bound to.
  package var rotation: RotationID
  /// Counts orders within the epoch, from 1.
  package var version: UInt64
  /// The SPNs to project into keytabs, unless the node's own file names a subset.
  package var servicePrincipalNames: [ServicePrincipalName]
  /// The slots, newest first.
  package var slots: [OrderedSlot]
  /// The rotations whose slots are to be destroyed.
  package var drop: [RotationID]
  /// Sixteen random bytes that the key checksums of the answer cover.
  package var nonce: [UInt8]

  /// Makes an order from its parts.
  package init(
    account: AccountName, realm: Realm, epoch: Epoch, rotation: RotationID, version: UInt64,
    servicePrincipalNames: [ServicePrincipalName], slots: [OrderedSlot], drop: [RotationID], nonce: [UInt8]
  ) {
    self.account = account
    self.realm = realm
    self.epoch = epoch
    self.rotation = rotation
    self.version = version
    self.servicePrincipalNames = servicePrincipalNames
    self.slots = slots
    self.drop = drop
    self.nonce = nonce
  }
}
