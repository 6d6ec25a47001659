/// A security identifier (MS-DTYP 2.4.2).
package struct SecurityIdentifier: Hashable, Sendable {
  /// The identifier authority, 48 bits.
  package let authority: UInt64
  /// The sub-authorities, the last of which is the relative identifier.
  package let subAuthorities: [UInt32]

  /// Makes an identifier from its parts.
  package init(authority: UInt64, subAuthorities: [UInt32]) {
    self.authority = authority
    self.subAuthorities = subAuthorities
  }

  /// Reads the binary form (MS-DTYP 2.4.2.2), which must fill `bytes` exactly.
  ///
  /// - Throws: ``MalformedStructure``.
  package init(bytes: [UInt8]) throws(MalformedStructure) {
    var reader = LittleEndianReader(bytes[...])
    try self.init(from: &reader)
    guard reader.remaining == 0 else { throw MalformedStructure("a SID is followed by \(reader.remaining) stray bytes") }
  }

  init(from reader: inout LittleEndianReader) throws(MalformedStructure) {
    let revision = try reader.integer(UInt8.self, of: "a SID")
    guard revision == 1 else { throw MalformedStructure("a SID has revision \(revision)") }
    let count = try reader.integer(UInt8.self, of: "a SID")
    guard count <= 15 else { throw MalformedStructure("a SID has \(count) sub-authorities") }
    authority = try reader.take(6, of: "a SID").reduce(0) { $0 << 8 | UInt64($1) }
    var subAuthorities: [UInt32] = []
    for _ in 0..<count { subAuthorities.append(try reader.integer(of: "a SID")) }
    self.subAuthorities = subAuthorities
  }

  /// The binary form (MS-DTYP 2.4.2.2).
  package var bytes: [UInt8] {
    let high = (0..<6).map { UInt8(truncatingIfNeeded: authority >> (40 - 8 * $0)) }
    let low = subAuthorities.flatMap { part in withUnsafeBytes(of: part.littleEndian) { Array($0) } }
    return [1, UInt8(subAuthorities.count)] + high + low
  }

  /// Everyone (MS-DTYP 2.4.2.4).
  package static let everyone = SecurityIdentifier(authority: 1, subAuthorities: [0])
  /// Authenticated Users (MS-DTYP 2.4.2.4).
  package static let authenticatedUsers = SecurityIdentifier(authority: 5, subAuthorities: [11])
  /// SELF, which stands for the object that the descriptor protects (MS-DTYP 2.4.2.4 PRINCIPAL_SELF).
  package static let principalSelf = SecurityIdentifier(authority: 5, subAuthorities: [10])
  /// OWNER RIGHTS, which stands for the object's owner (MS-DTYP 2.4.2.4).
  package static let ownerRights = SecurityIdentifier(authority: 3, subAuthorities: [4])
}

extension SecurityIdentifier: CustomStringConvertible {
  /// The text form, `S-1-5-21-...`.
  package var description: String { (["S-1", "\(authority)"] + subAuthorities.map(String.init)).joined(separator: "-") }
}
