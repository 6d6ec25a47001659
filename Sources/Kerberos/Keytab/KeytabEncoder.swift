import Foundation
import RotationCore
import SecretMemory

/// Lays entries out in the keytab file format, version 2: big-endian records, each with its length in front.
///
/// The image is built in secret memory, because it holds the keys in the clear.
enum KeytabEncoder {
  static let magic: [UInt8] = [5, 2]
  /// KRB5_NT_PRINCIPAL. Lookups ignore the name type, and one for all makes equal entries equal bytes.
  private static let nameType: UInt32 = 1

  static func image(of entries: [KeytabEntry]) -> SecretBytes {
    let records = entries.map(Record.init)
    return SecretBytes(count: records.reduce(magic.count) { $0 + 4 + $1.length }) { destination in
      var writer = BigEndianWriter(destination)
      writer.put(magic)
      for record in records { record.write(to: &writer) }
    }
  }

  private struct Record {
    let head: [UInt8]
    let tail: [UInt8]
    let key: SecretBytes

    init(_ entry: KeytabEntry) {
      let names = PrincipalComponents(parsing: entry.principal).components
      head =
        bigEndian(UInt16(clamping: names.count)) + counted(entry.realm.description) + names.flatMap(counted)
        + bigEndian(nameType) + bigEndian(seconds(of: entry.timestamp)) + [UInt8(truncatingIfNeeded: entry.version.number)]
        + bigEndian(Int16(truncatingIfNeeded: entry.key.encryptionType)) + bigEndian(UInt16(clamping: entry.key.bytes.count))
      key = entry.key.bytes
      tail = bigEndian(entry.version.number)
    }

    var length: Int { head.count + key.count + tail.count }

    func write(to writer: inout BigEndianWriter) {
      writer.put(bigEndian(Int32(clamping: length)))
      writer.put(head)
      key.withUnsafeBytes { writer.put($0) }
      writer.put(tail)
    }
  }

  private static func counted(_ text: String) -> [UInt8] { bigEndian(UInt16(clamping: text.utf8.count)) + Array(text.utf8) }

  private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian, Array.init)
  }

  private static func seconds(of date: Date) -> UInt32 { UInt32(clamping: Int64(date.timeIntervalSince1970.rounded(.down))) }
}

/// Fills a buffer of exactly the right size from its beginning.
private struct BigEndianWriter {
  private var rest: UnsafeMutableRawBufferPointer.SubSequence

  init(_ destination: UnsafeMutableRawBufferPointer) { rest = destination[...] }

  mutating func put(_ bytes: [UInt8]) { bytes.withUnsafeBytes { put($0) } }

  mutating func put(_ bytes: UnsafeRawBufferPointer) {
    UnsafeMutableRawBufferPointer(rebasing: rest.prefix(bytes.count)).copyMemory(from: bytes)
    rest = rest.dropFirst(bytes.count)
  }
}
