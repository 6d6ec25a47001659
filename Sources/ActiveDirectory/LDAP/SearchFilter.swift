/// A search filter in its text form (RFC 4515), which can only be put together from escaped values.
package struct SearchFilter: Sendable, Equatable {
  /// The text form.
  package let text: String

  /// Matches objects that have the attribute.
  package static func present(_ attribute: String) -> SearchFilter { SearchFilter(text: "(\(attribute)=*)") }

  /// Matches objects that hold this value of the attribute. Every character of `value` is taken literally.
  package static func equal(_ attribute: String, _ value: String) -> SearchFilter {
    SearchFilter(text: "(\(attribute)=\(escape(value)))")
  }

  /// Matches objects that hold this value of a binary attribute.
  package static func equal(_ attribute: String, bytes: [UInt8]) -> SearchFilter {
    let escaped = bytes.map { byte in (byte < 16 ? "\\0" : "\\") + String(byte, radix: 16) }
    return SearchFilter(text: "(\(attribute)=\(escaped.joined()))")
  }

  /// Matches objects that hold a value like this, in which `*` stands for any characters and every other character for itself.
  package static func like(_ attribute: String, _ pattern: String) -> SearchFilter {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: true).map { escape(String($0)) }
    guard !parts.isEmpty else { return .present(attribute) }
    // Two stars side by side would be no filter (RFC 4515 section 3).
    let start = pattern.hasPrefix("*") ? "*" : ""
    let end = pattern.hasSuffix("*") ? "*" : ""
    return SearchFilter(text: "(\(attribute)=\(start)\(parts.joined(separator: "*"))\(end))")
  }

  /// Matches objects that match at least one of these.
  package static func any(_ filters: [SearchFilter]) -> SearchFilter {
    SearchFilter(text: "(|\(filters.map(\.text).joined()))")
  }

  /// Matches objects that have all these bits set in the attribute (LDAP_MATCHING_RULE_BIT_AND, MS-ADTS 3.1.1.3.4.4.1).
  package static func bits(_ attribute: String, _ mask: UInt32) -> SearchFilter {
    SearchFilter(text: "(\(attribute):1.2.840.113556.1.4.803:=\(mask))")
  }

  /// Matches objects that match all of these.
  package static func all(_ filters: SearchFilter...) -> SearchFilter {
    SearchFilter(text: "(&\(filters.map(\.text).joined()))")
  }

  // RFC 4515 section 3 demands it for these five; the rest of a UTF-8 value may stand as it is.
  private static func escape(_ value: String) -> String {
    value.reduce(into: "") { escaped, character in
      switch character {
      case "*": escaped += "\\2a"
      case "(": escaped += "\\28"
      case ")": escaped += "\\29"
      case "\\": escaped += "\\5c"
      case "\0": escaped += "\\00"
      default: escaped.append(character)
      }
    }
  }
}
