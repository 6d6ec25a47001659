/// The owner and DACL of a self-relative security descriptor (MS-DTYP 2.4.6).
package struct SecurityDescriptor: Sendable, Equatable {
  /// The object's owner, if the descriptor names one.
  package let owner: SecurityIdentifier?
  /// The entries in their order; `nil` if there is no DACL, which grants everybody everything.
  package let entries: [AccessControlEntry]?

  private static let daclPresent: UInt16 = 0x0004
  private static let selfRelative: UInt16 = 0x8000

  /// Reads the value of nTSecurityDescriptor.
  ///
  /// - Throws: ``MalformedStructure`` if any field lies outside `bytes` or breaks the format.
  package init(bytes: [UInt8]) throws(MalformedStructure) {
    var header = LittleEndianReader(bytes[...])
    let revision = try header.integer(UInt16.self, of: "a security descriptor") & 0xFF
    let control = try header.integer(UInt16.self, of: "a security descriptor")
    guard revision == 1, control & Self.selfRelative != 0 else {
      throw MalformedStructure("a security descriptor is not self-relative of revision 1")
    }
    let ownerOffset = try header.integer(UInt32.self, of: "a security descriptor")
    _ = try header.take(8, of: "a security descriptor")
    let daclOffset = try header.integer(UInt32.self, of: "a security descriptor")
    owner = try Self.owner(in: bytes, at: ownerOffset)
    entries = control & Self.daclPresent == 0 ? nil : try Self.entries(in: bytes, at: daclOffset)
  }

  private static func owner(in bytes: [UInt8], at offset: UInt32) throws(MalformedStructure) -> SecurityIdentifier? {
    guard offset != 0 else { return nil }
    var reader = try LittleEndianReader(bytes[...], at: offset, of: "the owner")
    return try SecurityIdentifier(from: &reader)
  }

  private static func entries(
    in bytes: [UInt8], at offset: UInt32
  ) throws(MalformedStructure) -> [AccessControlEntry]? {
    guard offset != 0 else { return nil }
    var reader = try LittleEndianReader(bytes[...], at: offset, of: "the DACL")
    let revision = try reader.integer(UInt16.self, of: "the DACL") & 0xFF
    guard revision == 2 || revision == 4 else { throw MalformedStructure("the DACL has revision \(revision)") }
    let size = try reader.integer(UInt16.self, of: "the DACL")
    let count = try reader.integer(UInt16.self, of: "the DACL")
    _ = try reader.take(2, of: "the DACL")
    var body = LittleEndianReader(try reader.take(Int(size) - 8, of: "the DACL"))
    var entries: [AccessControlEntry] = []
    for _ in 0..<count {
      if let entry = try AccessControlEntry(from: &body) { entries.append(entry) }
    }
    return entries
  }
}
