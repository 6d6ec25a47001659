/// The Kerberos encryption types that the rotator derives keys for (RFC 3962).
///
/// The raw value is the assigned number. RC4 (23) is left out on purpose: a DC that still issues RC4 tickets for the account is
/// refused in preflight, with the attribute to set.
package enum EncryptionType: Int32, Sendable, Codable, CaseIterable, Comparable {
  /// aes128-cts-hmac-sha1-96.
  case aes128 = 17
  /// aes256-cts-hmac-sha1-96.
  case aes256 = 18

  /// The name that MIT tools and the configuration use.
  package var name: String {
    switch self {
    case .aes128: "aes128-cts-hmac-sha1-96"
    case .aes256: "aes256-cts-hmac-sha1-96"
    }
  }

  /// Finds the type by ``name``.
  package init?(name: String) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// Its bit in msDS-SupportedEncryptionTypes (MS-KILE 2.2.7).
  package var directoryBit: UInt32 {
    switch self {
    case .aes128: 0x8
    case .aes256: 0x10
    }
  }

  /// Orders by strength, weakest first.
  package static func < (left: EncryptionType, right: EncryptionType) -> Bool { left.rawValue < right.rawValue }
}
