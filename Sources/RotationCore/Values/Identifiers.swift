import Foundation

/// Names one rotation attempt and the plan, the password and the slot that belong to it; slots are identified by it, never by kvno.
///
/// Rotations made here are a lower-case UUID. A key found in a node's own keytab is adopted under `adopted-<kvno>`.
package struct RotationID: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The identifier's text: ASCII letters, digits and `-`, at most 64.
  package let description: String

  /// Takes an identifier that somebody else made; `nil` if it has a character or a length that none of ours has.
  package init?(_ text: String) {
    guard (1...64).contains(text.utf8.count),
      text.utf8.allSatisfy({ byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || byte == UInt8(ascii: "-")
      })
    else { return nil }
    description = text
  }

  private init(verbatim text: String) { description = text }

  /// Makes a fresh identifier.
  package static func make() -> RotationID { RotationID(verbatim: UUID().uuidString.lowercased()) }

  /// The identifier of a key that was found in a node's keytab under this kvno.
  package static func adopted(_ version: KeyVersion) -> RotationID { RotationID(verbatim: "adopted-\(version)") }

  /// Whether the key was found on a node rather than made by a rotation.
  package var isAdopted: Bool { description.hasPrefix("adopted-") }

  /// Encodes as the one string.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes from the one string.
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let id = RotationID(text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a rotation id"))
    }
    self = id
  }
}

/// Names one rotator store: every claim in the directory carries it, so that two rotators can tell each other apart.
package struct RotatorID: Hashable, Sendable, Codable, CustomStringConvertible {
  /// One to sixty-four lower-case letters, digits and `-`.
  package let description: String

  /// Takes an identifier that was stored or read from a stamp; `nil` if it is malformed.
  package init?(_ text: String) {
    guard let id = RotationID(text) else { return nil }
    description = id.description
  }

  /// Makes a fresh identifier.
  package static func make() -> RotatorID { RotatorID(verbatim: UUID().uuidString.lowercased()) }

  private init(verbatim text: String) { description = text }

  /// Encodes as the one string.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes from the one string.
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let id = RotatorID(text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a rotator id"))
    }
    self = id
  }
}
