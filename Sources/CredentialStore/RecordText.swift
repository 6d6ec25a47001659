import Foundation

/// Records are stored as JSON text, so that an administrator can read them with `sqlite3` and a new field needs no migration.
enum RecordText {
  /// The text of a record, with its keys in order.
  static func encode(_ record: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(record), as: UTF8.self)
  }

  /// The record of a text.
  static func decode<Record: Decodable>(_ type: Record.Type, from text: String) throws -> Record {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}
