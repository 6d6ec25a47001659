/// The name of a Client Access node: a DNS host name, compared without regard to case.
package struct NodeName: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The host name, lower case, without a trailing dot.
  package let description: String

  /// Normalises a host name.
  ///
  /// - Throws: ``OperatorFault`` of kind `.data` unless it is a plain DNS host name (no wildcard, at most 253 characters).
  package init(_ text: String) throws(OperatorFault) {
    var name = text.lowercased()
    if name.hasSuffix(".") { name.removeLast() }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    let permitted = labels.allSatisfy { label in
      (1...63).contains(label.count) && label.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || $0 == "-" }
        && label.first != "-" && label.last != "-"
    }
    guard permitted, name.count <= 253 else {
      throw OperatorFault(.data, "node '\(text)'", "is not a DNS host name", remedy: "write it as cas-1.example.com")
    }
    description = name
  }

  /// Orders alphabetically.
  package static func < (left: NodeName, right: NodeName) -> Bool { left.description < right.description }

  /// Encodes as the one string.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes from the one string.
  package init(from decoder: any Decoder) throws {
    self = try NodeName(decoder.singleValueContainer().decode(String.self))
  }
}
