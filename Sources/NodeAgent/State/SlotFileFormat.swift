import Crypto
import Foundation
import RotationCore
import SecretMemory

/// The layout of the slot file: one header line, a JSON description without keys, and the raw keys in the order in which the
/// description names them. So Foundation's coder, whose buffers cannot be wiped, never sees a key.
///
/// Header: `asa-slots 1 DESCRIPTION-BYTES KEY-BYTES SHA256` where the digest covers everything after the line.
enum SlotFileFormat {
  private static let magic = "asa-slots"
  private static let version = "1"
  private static let headerLimit = 128

  /// Lays the accounts out in one secret allocation.
  static func encode(_ accounts: [NodeSlots], path: String) throws(OperatorFault) -> SecretBytes {
    let description: [UInt8]
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      description = Array(try encoder.encode(accounts.map(DescribedAccount.init)))
    } catch {
      throw OperatorFault(.software, path, "the slots cannot be described: \(error)")
    }
    let keys = accounts.flatMap(\.slots).flatMap(\.keys.keys).map(\.bytes)
    let keyBytes = keys.reduce(0) { $0 + $1.count }
    let body = SecretBytes(count: description.count + keyBytes) { destination in
      destination.copyBytes(from: description)
      var offset = description.count
      for key in keys {
        key.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: destination[offset...]).copyMemory(from: $0) }
        offset += key.count
      }
    }
    let header = Array("\(magic) \(version) \(description.count) \(keyBytes) \(digest(of: body))\n".utf8)
    return SecretBytes(count: header.count + body.count) { destination in
      destination.copyBytes(from: header)
      body.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: destination[header.count...]).copyMemory(from: $0) }
    }
  }

  /// Reads what ``encode(_:path:)`` wrote; anything else is refused by name.
  static func decode(_ contents: SecretBytes, path: String) throws(OperatorFault) -> [NodeSlots] {
    try contents.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(OperatorFault) in
      let header = try Header(bytes, path: path)
      let body = UnsafeRawBufferPointer(rebasing: bytes[header.end...])
      guard body.count == header.descriptionBytes + header.keyBytes, digest(of: body) == header.digest else {
        throw corrupt(path)
      }
      var keys = KeyReader(bytes: UnsafeRawBufferPointer(rebasing: body[header.descriptionBytes...]))
      do {
        let described = try JSONDecoder().decode([DescribedAccount].self, from: Data(body[..<header.descriptionBytes]))
        let accounts = try described.map { try $0.slots(reading: &keys) }
        guard keys.isAtEnd else { throw corrupt(path) }
        return accounts
      } catch {
        throw corrupt(path)
      }
    }
  }

  fileprivate static func corrupt(_ path: String) -> OperatorFault {
    OperatorFault(
      .data, path, "is not a slot file as this agent writes it",
      remedy: "restore it from a backup; or stop the agent and move it away, and the node adopts the keys in its keytabs again")
  }

  private static func digest(of bytes: SecretBytes) -> String { bytes.withUnsafeBytes(digest(of:)) }

  private static func digest(of bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hash.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  /// The first line.
  private struct Header {
    let descriptionBytes: Int
    let keyBytes: Int
    let digest: String
    let end: Int

    init(_ bytes: UnsafeRawBufferPointer, path: String) throws(OperatorFault) {
      guard let newline = bytes.prefix(headerLimit).firstIndex(of: UInt8(ascii: "\n")) else { throw corrupt(path) }
      let fields = String(decoding: bytes[..<newline], as: UTF8.self).split(separator: " ").map(String.init)
      guard fields.count == 5, fields[0] == magic else { throw corrupt(path) }
      guard fields[1] == version else {
        throw OperatorFault(
          .data, path, "is of format \(fields[1]), this agent reads format \(version)", remedy: "run the agent that wrote it")
      }
      guard let descriptionBytes = Int(fields[2]), let keyBytes = Int(fields[3]), descriptionBytes >= 0, keyBytes >= 0,
        descriptionBytes <= bytes.count, keyBytes <= bytes.count
      else { throw corrupt(path) }
      (self.descriptionBytes, self.keyBytes, digest, end) = (descriptionBytes, keyBytes, fields[4], newline + 1)
    }
  }
}

/// Hands out the keys in order, each into a secret of its own.
struct KeyReader {
  /// The file's key part, lent for the duration of the decoding.
  let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether every byte has been handed out.
  var isAtEnd: Bool { offset == bytes.count }

  /// The next `count` bytes.
  mutating func next(_ count: Int) throws(MissingKey) -> SecretBytes {
    guard count >= 0, count <= bytes.count - offset else { throw MissingKey() }
    defer { offset += count }
    return SecretBytes(copying: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)]))
  }

  /// The description promises more keys than there are.
  struct MissingKey: Error {}
}
