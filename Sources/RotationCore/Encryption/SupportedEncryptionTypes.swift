/// The value of an account's msDS-SupportedEncryptionTypes (MS-KILE 2.2.7), and what follows from it.
package struct SupportedEncryptionTypes: Sendable, Equatable, CustomStringConvertible {
  /// The bits that name encryption types of tickets, DES among them; the others are flags of the account.
  private static let typeBits: UInt32 = 0x1F

  /// The value; `nil` if the attribute is not set.
  package let bits: UInt32?

  /// Takes the value as it was read.
  package init(_ bits: UInt32?) { self.bits = bits }

  /// The types that a domain controller may issue tickets with. Where the attribute says nothing the domain's default holds, which has had RC4 and
  /// nothing else for tickets, and has AES and nothing else since the hardening of 2026: either may come.
  package var permitted: [EncryptionType] {
    guard let types = bits.map({ $0 & Self.typeBits }), types != 0 else { return EncryptionType.allCases.sorted(by: >) }
    return EncryptionType.allCases.filter { types & $0.directoryBit != 0 }.sorted(by: >)
  }

  /// Whether tickets are issued with these types and no others.
  package func isConfined(to types: [EncryptionType]) -> Bool {
    guard let bits, bits & Self.typeBits != 0 else { return false }
    return bits & Self.typeBits & ~Self.mask(of: types) == 0
  }

  /// The value that permits these types and no others, with the account's flags as they are.
  package func confined(to types: [EncryptionType]) -> UInt32 { (bits ?? 0) & ~Self.typeBits | Self.mask(of: types) }

  private static func mask(of types: [EncryptionType]) -> UInt32 { types.reduce(0) { $0 | $1.directoryBit } }

  /// `24`, or `not set`.
  package var description: String { bits.map(String.init) ?? "not set" }
}

extension ManagedAccount {
  /// The types that a rotation makes keys of: what the account is to come to, and everything that tickets may come with before it has.
  ///
  /// - Parameters:
  ///   - attribute: What the writer has.
  ///   - issued: The types (RFC 3961 numbers) of the tickets that domain controllers have just issued.
  func stagedTypes(under attribute: SupportedEncryptionTypes, issued: Set<Int32>) -> [EncryptionType] {
    Set(encryptionTypes + attribute.permitted + issued.compactMap(EncryptionType.init(rawValue:))).sorted(by: >)
  }
}
