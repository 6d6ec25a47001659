package import SecretMemory

/// Where everything comes from that nobody may be able to guess. Tests and the simulation give their own, so that a run can be repeated.
package protocol EntropySource: Sendable {
  /// A fresh identifier for an attempt.
  func rotationID() -> RotationID

  /// Sixteen bytes that no order has had before.
  func nonce() -> [UInt8]

  /// A new password, ASCII, with all four character classes of the Active Directory complexity rule.
  func password() -> SecretBytes
}

/// The system's CSPRNG.
package struct SystemEntropy: EntropySource {
  /// Takes nothing; the kernel holds the state.
  package init() {}

  /// A random UUID.
  package func rotationID() -> RotationID { .make() }

  /// Random bytes.
  package func nonce() -> [UInt8] { (0..<16).map { _ in UInt8.random(in: .min ... .max) } }

  /// ``GeneratedPassword``.
  package func password() -> SecretBytes { GeneratedPassword.make() }
}
