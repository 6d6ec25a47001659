/// A key version number (kvno): for Active Directory the metadata version of `unicodePwd` (MS-ADTS 3.1.1.4.5.16).
package struct KeyVersion: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The number.
  package let number: UInt32

  /// Wraps a number.
  package init(_ number: UInt32) { self.number = number }

  /// The version that the next successful password set gives.
  package var next: KeyVersion { KeyVersion(number &+ 1) }

  /// The number in decimal.
  package var description: String { String(number) }

  /// Orders by number.
  package static func < (left: KeyVersion, right: KeyVersion) -> Bool { left.number < right.number }

  /// Encodes as the one number.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(number)
  }

  /// Decodes from the one number.
  package init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(UInt32.self))
  }
}
