package import RotationCore

/// Adopted slots.
package enum AdoptionSamples {
  /// A key that a node has found under a kvno.
  package static func slot(_ version: UInt32, keys: AccountKeys = Samples.keys()) -> HeldSlot {
    HeldSlot(
      rotation: .adopted(KeyVersion(version)), version: KeyVersion(version), position: .retiring,
      fingerprint: KeyFingerprint(of: keys, under: Samples.secret), keys: keys, setAt: Samples.start, committedEpoch: nil,
      isProven: false, retireAfter: nil)
  }

  /// How a rotator names an adopted slot in an order.
  package static func order(_ slot: HeldSlot, _ position: SlotPosition) -> OrderedSlot {
    OrderedSlot(
      rotation: slot.rotation, version: slot.version, position: position, fingerprint: slot.fingerprint, keys: nil,
      setAt: slot.setAt, committedEpoch: nil, retireAfter: nil)
  }
}
