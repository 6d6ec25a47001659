/// A Kerberos realm, which for Active Directory is the domain's DNS name in upper case.
package struct Realm: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The realm, upper case.
  package let description: String

  /// Upper-cases a realm name.
  package init(_ name: String) { description = name.uppercased() }

  /// The DNS name of the domain, lower case.
  package var dnsName: String { description.lowercased() }

  /// Encodes as the one string.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes from the one string.
  package init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }
}
