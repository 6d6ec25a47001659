/// The Kerberos encryption types that the rotator derives keys for (RFC 3962, RFC 4757).
///
/// The raw value is the assigned number (RFC 3961 registry).
package enum EncryptionType: Int32, Sendable, Codable, CaseIterable, Comparable {
  /// aes128-cts-hmac-sha1-96.
  case aes128 = 17
  /// aes256-cts-hmac-sha1-96.
  case aes256 = 18
  /// rc4-hmac. Its key is the unsalted password hash. It is staged while domain controllers may issue tickets with it, and is what an account is to
  /// come to only where the configuration names it.
  case rc4 = 23

  /// What an account is to come to unless its configuration says otherwise.
  package static let standard: [EncryptionType] = [.aes256, .aes128]

  /// The name that MIT tools and the configuration use.
  package var name: String {
    switch self {
    case .aes128: "aes128-cts-hmac-sha1-96"
    case .aes256: "aes256-cts-hmac-sha1-96"
    case .rc4: "arcfour-hmac"
    }
  }

  /// Finds the type by ``name``, or by the registry's name for RC4.
  package init?(name: String) {
    if name == "rc4-hmac" {
      self = .rc4
      return
    }
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// The name of any number, one of these types or not.
  package static func displayName(_ number: Int32) -> String {
    EncryptionType(rawValue: number)?.name ?? "encryption type \(number)"
  }

  /// Its bit in msDS-SupportedEncryptionTypes (MS-KILE 2.2.7).
  package var directoryBit: UInt32 {
    switch self {
    case .rc4: 0x4
    case .aes128: 0x8
    case .aes256: 0x10
    }
  }

  /// Whether its keys are made with the account's salt.
  package var isSalted: Bool { self != .rc4 }

  /// Orders by strength, weakest first.
  package static func < (left: EncryptionType, right: EncryptionType) -> Bool { left.directoryBit < right.directoryBit }
}
