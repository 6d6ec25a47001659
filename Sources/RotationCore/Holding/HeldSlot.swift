package import Foundation

/// One slot as the node holds it: the keys of one password and what is known about them.
package struct HeldSlot: Sendable, Equatable {
  /// The rotation whose password gave the keys, or an adopted id.
  package var rotation: RotationID
  /// The kvno that the keys are written under.
  package var version: KeyVersion
  /// Where it stands.
  package var position: SlotPosition
  /// Names the keys.
  package var fingerprint: KeyFingerprint
  /// The keys.
  package var keys: AccountKeys
  /// When the password was set; for an adopted key, the time stamp of its keytab entry.
  package var setAt: Date
  /// The epoch under which the directory took the password; `nil` while staged and for adopted keys.
  package var committedEpoch: Epoch?
  /// Whether a domain controller is known to have issued tickets under the keys.
  package var isProven: Bool
  /// When the keys may be destroyed; `nil` while nothing limits them.
  package var retireAfter: Date?

  /// Makes a slot from its parts.
  package init(
    rotation: RotationID, version: KeyVersion, position: SlotPosition, fingerprint: KeyFingerprint, keys: AccountKeys,
    setAt: Date, committedEpoch: Epoch?, isProven: Bool, retireAfter: Date?
  ) {
    self.rotation = rotation
    self.version = version
    self.position = position
    self.fingerprint = fingerprint
    self.keys = keys
    self.setAt = setAt
    self.committedEpoch = committedEpoch
    self.isProven = isProven
    self.retireAfter = retireAfter
  }

  /// The slot as the rotator is told of it, without its keys.
  package var report: SlotReport {
    SlotReport(
      rotation: rotation, version: version, position: position, fingerprint: fingerprint,
      encryptionTypes: keys.keys.map(\.encryptionType), setAt: setAt, isProven: isProven, retireAfter: retireAfter)
  }
}

extension HeldSlot {
  /// Whether a keytab could not hold both slots: the same kvno, and not the same keys as far as both have one of a type.
  func conflicts(with other: HeldSlot) -> Bool {
    guard version == other.version, fingerprint != other.fingerprint else { return false }
    let shared = keys.keys.compactMap { key in
      other.keys.keys.first { $0.encryptionType == key.encryptionType }.map { $0.bytes == key.bytes }
    }
    return shared.isEmpty || shared.contains(false)
  }
}
