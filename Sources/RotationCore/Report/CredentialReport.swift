package import Foundation

/// One key that exists, as the rotator's own store has it.
package struct CredentialReport: Sendable, Equatable {
  /// Where it stands.
  package var position: SlotPosition
  /// The rotation that made it.
  package var rotation: RotationID
  /// The kvno.
  package var version: KeyVersion
  /// The encryption types (RFC 3961 numbers).
  package var encryptionTypes: [Int32]
  /// When the password was set, or planned to be.
  package var setAt: Date
  /// Whether the directory is known to have issued tickets under it.
  package var isProven: Bool
  /// When it may be destroyed; `nil` while nothing limits it.
  package var retireAfter: Date?
}

extension SlotLedger {
  /// The keys that exist, newest first.
  package func credentials(_ policy: RotationPolicy) -> [CredentialReport] {
    holding.compactMap { slot in
      position(of: slot.rotation).map { position in
        CredentialReport(
          position: position, rotation: slot.rotation, version: slot.version, encryptionTypes: slot.encryptionTypes,
          setAt: slot.setAt, isProven: slot.state == .live, retireAfter: retireAfter(slot, policy: policy))
      }
    }
  }
}
