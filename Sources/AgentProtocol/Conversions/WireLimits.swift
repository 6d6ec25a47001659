/// Bounds on what a peer may send. A message within gRPC's size limit but outside these is refused as malformed.
package enum WireLimits {
  /// Slots in one order or report: those that a keytab came with (Adoption.limit), and those of rotations (slotLimit).
  package static let slots = 256
  /// SPNs of one account.
  package static let servicePrincipalNames = 256
  /// Keys of one slot.
  package static let keysPerSlot = 8
  /// Bytes of one key.
  package static let keyBytes = 64
  /// Encryption types that a slot report names; an adopted keytab may hold more types than a rotation derives.
  package static let encryptionTypes = 32
  /// Rotations that one order destroys.
  package static let drops = 256
  /// Checksums in one report.
  package static let checksums = 256
  /// Bytes of one checksum.
  package static let checksumBytes = 64
  /// Keytabs in one report.
  package static let keytabs = 64
  /// Consumers in one report.
  package static let consumers = 64
  /// Seconds that a node may say a turn of its consumers takes.
  package static let turnSeconds = 3600
  /// Domain controllers of one account.
  package static let controllers = 64
  /// Accounts that one node holds.
  package static let accounts = 256
  /// UTF-8 bytes of one string.
  package static let textBytes = 1024
  /// Bytes of the nonce of an order.
  package static let nonceBytes = 64
  /// Bytes of the nonce of a challenge.
  package static let challengeBytes = 32
  /// Bytes of an AP-REQ or AP-REP; tickets with a large PAC stay below the 65535 bytes that Windows allows (MaxTokenSize).
  package static let ticketBytes = 65_535
  /// Bytes of a signature; RSA with 8192-bit keys needs 1024.
  package static let signatureBytes = 1024
}
