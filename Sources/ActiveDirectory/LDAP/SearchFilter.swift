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
