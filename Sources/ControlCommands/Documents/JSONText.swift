import Foundation

/// JSON as `--json` writes it: fields sorted, times in ISO 8601 (UTC, whole seconds).
package enum JSONText {
  /// A document over several lines, for one answer.
  ///
  /// - Throws: `EncodingError`.
  package static func document(_ value: some Encodable) throws -> String {
    try text(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  /// One line, for a stream of events.
  ///
  /// - Throws: `EncodingError`.
  package static func line(_ value: some Encodable) throws -> String {
    try text(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func text(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    encoder.dateEncodingStrategy = .iso8601
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
