import Foundation

/// The DACL of an object as the bytes that it is made of, for putting single entries in and taking them out. Every other entry, also of a kind
/// that is not known here, stays as it is, byte for byte and in its order.
package struct AccessControlList: Sendable, Equatable {
  /// One entry: its type and flags (MS-DTYP 2.4.4.1), and all of its bytes.
  private struct Entry: Sendable, Equatable {
    let bytes: [UInt8]

    var isInherited: Bool { bytes[1] & 0x10 != 0 }
  }

  // SE_DACL_PRESENT, SE_DACL_AUTO_INHERIT_REQ, SE_DACL_AUTO_INHERITED, SE_DACL_PROTECTED and SE_SELF_RELATIVE (MS-DTYP 2.4.6).
  private static let present: UInt16 = 0x0004
  private static let kept: UInt16 = 0x1504
  private static let selfRelative: UInt16 = 0x8000
  // ACL_REVISION_DS, the least for an entry with an object type (MS-DTYP 2.4.5).
  private static let objectRevision: UInt8 = 4
  private static let headerLength = 20

  private let control: UInt16
  private var revision: UInt8
  private var entries: [Entry]

  /// Reads the DACL of a self-relative security descriptor.
  ///
  /// - Throws: ``MalformedStructure``, also if it has no DACL: everybody may do everything then, and an entry would take that away.
  package init(descriptor bytes: [UInt8]) throws(MalformedStructure) {
    // Everything that leads outside is refused there.
    guard try SecurityDescriptor(bytes: bytes).entries != nil else { throw MalformedStructure("the object has no DACL") }
    var header = LittleEndianReader(bytes[2...])
    control = try header.integer(of: "a security descriptor")
    let offset = try LittleEndianReader(bytes[...], at: 16, of: "a security descriptor").leading(UInt32.self)
    var list = try LittleEndianReader(bytes[...], at: offset, of: "the DACL")
    revision = UInt8(truncatingIfNeeded: try list.integer(UInt16.self, of: "the DACL"))
    let size = try list.integer(UInt16.self, of: "the DACL")
    let count = try list.integer(UInt16.self, of: "the DACL")
    _ = try list.take(2, of: "the DACL")
    var body = LittleEndianReader(try list.take(Int(size) - 8, of: "the DACL"))
    entries = []
    for _ in 0..<count { entries.append(Entry(bytes: try body.entry())) }
  }

  /// A self-relative descriptor with this DACL and no other part, to be written with SD_FLAGS for the DACL alone.
  ///
  /// - Throws: ``MalformedStructure`` if the entries are more than a DACL can hold.
  package func descriptor() throws(MalformedStructure) -> [UInt8] {
    let body = entries.flatMap(\.bytes)
    guard let size = UInt16(exactly: 8 + body.count) else { throw MalformedStructure("the DACL is full") }
    let header =
      [1, 0] + (control & Self.kept | Self.present | Self.selfRelative).littleEndianBytes + [UInt8](repeating: 0, count: 12)
      + UInt32(Self.headerLength).littleEndianBytes
    return header + [revision, 0] + size.littleEndianBytes + UInt16(entries.count).littleEndianBytes + [0, 0] + body
  }

  /// Puts an entry that allows behind the explicit ones and before the inherited ones: the canonical order, in which refusals come first
  /// (MS-DTYP 2.4.5).
  package mutating func allow(_ right: AccessCheck.Right, to trustee: SecurityIdentifier) {
    revision = max(revision, Self.objectRevision)
    let place = entries.firstIndex { $0.isInherited } ?? entries.endIndex
    entries.insert(Entry(bytes: Self.allowing(right, trustee)), at: place)
  }

  /// Takes out the explicit entries that allow a trustee this right and nothing else, but for reading the same attribute.
  package mutating func remove(_ right: AccessCheck.Right, from trustee: SecurityIdentifier) {
    entries.removeAll { entry in
      var reader = LittleEndianReader(entry.bytes[...])
      guard !entry.isInherited, let allowed = try? AccessControlEntry(from: &reader) else { return false }
      return allowed.effect == .allow && allowed.trustee == trustee && allowed.objectType == right.objectType
        && allowed.mask & ~(right.exactMask | Self.readProperty) == 0 && allowed.mask & right.exactMask != 0
    }
  }

  private static let readProperty: UInt32 = 0x10

  /// ACCESS_ALLOWED_OBJECT_ACE (MS-DTYP 2.4.4.3) for the object itself and not for what is below it.
  private static func allowing(_ right: AccessCheck.Right, _ trustee: SecurityIdentifier) -> [UInt8] {
    let objectTypePresent: UInt32 = right.objectType == nil ? 0 : 1
    let body =
      right.exactMask.littleEndianBytes + objectTypePresent.littleEndianBytes + (right.objectType?.directoryBytes ?? [])
      + trustee.bytes
    return [0x05, 0] + UInt16(4 + body.count).littleEndianBytes + body
  }
}

extension FixedWidthInteger {
  fileprivate var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}

extension LittleEndianReader {
  /// Takes a whole entry, whose size stands in its header.
  fileprivate mutating func entry() throws(MalformedStructure) -> [UInt8] {
    let header = try take(4, of: "an ACE")
    let bytes = Array(header)
    let size = Int(bytes[2]) | Int(bytes[3]) << 8
    return bytes + Array(try take(size - 4, of: "an ACE"))
  }

  /// The number at the front.
  fileprivate func leading<Number: FixedWidthInteger & UnsignedInteger>(
    _ type: Number.Type
  ) throws(MalformedStructure) -> Number {
    var reader = self
    return try reader.integer(type, of: "a security descriptor")
  }
}
