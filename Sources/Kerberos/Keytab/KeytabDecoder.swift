import Foundation
import RotationCore
import SecretMemory

/// Reads the keytab file format, version 2, as MIT krb5, Heimdal, Samba and msktutil write it, holes included.
struct KeytabDecoder {
  /// The image stops making sense at this offset.
  struct Damage: Error, Equatable {
    let offset: Int
    let problem: String
  }

  private let image: UnsafeRawBufferPointer
  private var offset = 0

  static func entries(in image: SecretBytes) throws(Damage) -> [KeytabEntry] {
    try image.withUnsafeBytes { (bytes) throws(Damage) in
      var decoder = KeytabDecoder(image: bytes)
      return try decoder.allEntries()
    }
  }

  private init(image: UnsafeRawBufferPointer) { self.image = image }

  private mutating func allEntries() throws(Damage) -> [KeytabEntry] {
    guard image.starts(with: KeytabEncoder.magic) else {
      throw Damage(offset: 0, problem: "it does not begin with 05 02, so it is no keytab of format 2")
    }
    offset = KeytabEncoder.magic.count
    var entries: [KeytabEntry] = []
    while offset < image.count {
      let length = try integer(Int32.self)
      // A zero length ends the table (MIT leaves zeroes behind when it deletes the last entry), a negative one is a deleted entry.
      if length == 0 { break }
      if length > 0 { entries.append(try entry(length: Int(length))) } else { try skip(Int(length.magnitude)) }
    }
    return entries
  }

  private mutating func entry(length: Int) throws(Damage) -> KeytabEntry {
    let end = offset + length
    guard end <= image.count else { throw damage("the entry is \(end - image.count) bytes longer than the file") }
    let componentCount = try integer(UInt16.self)
    let realm = try text()
    var components: [String] = []
    for _ in 0..<componentCount { components.append(try text()) }
    try skip(MemoryLayout<UInt32>.size)  // the name type says nothing that a lookup heeds
    let timestamp = Date(timeIntervalSince1970: TimeInterval(try integer(UInt32.self)))
    let shortVersion = try integer(UInt8.self)
    let encryptionType = Int32(try integer(Int16.self))
    let key = SecretBytes(copying: try counted())
    let version = try wideVersion(before: end) ?? UInt32(shortVersion)
    guard offset <= end else { throw damage("the entry's parts are longer than the entry") }
    offset = end
    return KeytabEntry(
      principal: PrincipalComponents(components).text, realm: Realm(realm), version: KeyVersion(version), timestamp: timestamp,
      key: AccountKey(encryptionType: encryptionType, bytes: key))
  }

  /// The 32-bit kvno behind the key, which counts where it is there and not zero.
  private mutating func wideVersion(before end: Int) throws(Damage) -> UInt32? {
    guard end - offset >= MemoryLayout<UInt32>.size else { return nil }
    let version = try integer(UInt32.self)
    return version == 0 ? nil : version
  }

  private mutating func text() throws(Damage) -> String { String(decoding: try counted(), as: UTF8.self) }

  private mutating func counted() throws(Damage) -> UnsafeRawBufferPointer { try take(Int(try integer(UInt16.self))) }

  private mutating func skip(_ count: Int) throws(Damage) { _ = try take(count) }

  private mutating func integer<Value: FixedWidthInteger>(_: Value.Type) throws(Damage) -> Value {
    Value(bigEndian: try take(MemoryLayout<Value>.size).loadUnaligned(as: Value.self))
  }

  private mutating func take(_ count: Int) throws(Damage) -> UnsafeRawBufferPointer {
    guard count <= image.count - offset else { throw damage("\(count) bytes are wanted, \(image.count - offset) are left") }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: image[offset..<offset + count])
  }

  private func damage(_ problem: String) -> Damage { Damage(offset: offset, problem: problem) }
}
