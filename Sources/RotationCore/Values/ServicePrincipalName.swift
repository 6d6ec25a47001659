/// The name that tickets of an account are asked for under, without its realm: an SPN, `http/mail.lab.example`, or the account's own name.
///
/// Active Directory compares SPNs without regard to case; keytab entries are compared exactly, which is why
/// ``keytabSpellings`` exists.
package struct ServicePrincipalName: Sendable, Codable {
  /// The service class with its case as configured, for example `http`; `nil` for an account's own name.
  private let service: String?
  /// The host with its case as configured, or the sAMAccountName.
  package let host: String

  /// Parses `service/host`.
  ///
  /// - Throws: ``OperatorFault`` of kind `.data` for anything else, among them names with a realm or a port.
  package init(_ text: String) throws(OperatorFault) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
      text.allSatisfy({ ("!"..."~").contains($0) && $0 != "@" && $0 != "\\" && $0 != ":" })
    else {
      throw OperatorFault(
        .data, "SPN '\(text)'", "is not of the form service/host",
        remedy: "write it as http/mail.example.com, without a realm or a port")
    }
    service = String(parts[0])
    host = String(parts[1])
  }

  /// An account's own name: a domain controller finds accounts by their sAMAccountName, too, and so issues tickets while no SPN is registered.
  package init(ownNameOf account: AccountName) {
    service = nil
    host = account.samAccountName
  }

  /// Whether it is an account's own name and no SPN.
  package var isOwnName: Bool { service == nil }

  /// The spellings to write into a keytab. Browsers ask for `HTTP/` while SPNs are mostly registered as `http/`, and
  /// MIT's acceptor compares exactly; so both are written for that class.
  package var keytabSpellings: [String] {
    guard service?.lowercased() == "http" else { return [description] }
    var spellings = [description]
    for variant in ["HTTP/\(host)", "http/\(host)"] where !spellings.contains(variant) { spellings.append(variant) }
    return spellings
  }

  /// Encodes as the one string.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes from the one string.
  package init(from decoder: any Decoder) throws {
    self = try ServicePrincipalName(decoder.singleValueContainer().decode(String.self))
  }
}

extension ServicePrincipalName: Hashable {
  /// Compares as Active Directory does, without regard to case.
  package static func == (left: ServicePrincipalName, right: ServicePrincipalName) -> Bool {
    left.description.lowercased() == right.description.lowercased()
  }

  /// Hashes as ``==(_:_:)`` compares.
  package func hash(into hasher: inout Hasher) { hasher.combine(description.lowercased()) }
}

extension ServicePrincipalName: CustomStringConvertible {
  /// `service/host`, or the account's own name.
  package var description: String { service.map { "\($0)/\(host)" } ?? host }
}
