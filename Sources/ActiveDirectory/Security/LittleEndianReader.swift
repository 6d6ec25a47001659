/// Takes little-endian fields (MS-DTYP) from the front of untrusted bytes; nothing is ever read past their end.
struct LittleEndianReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var remaining: Int { rest.count }

  mutating func take(_ count: Int, of structure: String) throws(MalformedStructure) -> ArraySlice<UInt8> {
    guard count >= 0, count <= rest.count else { throw MalformedStructure("\(structure) is cut short") }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func integer<Number: FixedWidthInteger & UnsignedInteger>(
    _ type: Number.Type = Number.self, of structure: String
  ) throws(MalformedStructure) -> Number {
    let bytes = try take(Number.bitWidth / 8, of: structure)
    return bytes.reversed().reduce(0) { ($0 &<< 8) | Number(truncatingIfNeeded: $1) }
  }
}

extension LittleEndianReader {
  /// Starts at an absolute offset of a self-relative structure.
  init(_ bytes: ArraySlice<UInt8>, at offset: UInt32, of structure: String) throws(MalformedStructure) {
    guard offset <= bytes.count else { throw MalformedStructure("\(structure) lies outside its structure") }
    self.init(bytes.dropFirst(Int(offset)))
  }
}
