/// The name of an account as administrators write it: `DOMAIN\sAMAccountName`.
package struct AccountName: Hashable, Sendable, Codable {
  /// The NetBIOS name of the domain, upper case.
  package let domain: String
  /// The sAMAccountName with its case as configured; a computer account's ends in `$`.
  package let samAccountName: String
  /// What names are compared by: Active Directory compares sAMAccountNames without regard to case (MS-ADTS 3.1.1.2.2.4).
  private let folded: String

  /// Parses `DOMAIN\name`.
  ///
  /// - Throws: ``OperatorFault`` of kind `.data` for anything else.
  package init(_ text: String) throws(OperatorFault) {
    let parts = text.split(separator: "\\", omittingEmptySubsequences: false)
    let forbidden: Set<Character> = [
      "/", "@", ":", ";", "|", "=", ",", "+", "*", "?", "<", ">", "\"", "[", "]", "\n", "\0",
    ]
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[1].count <= 256,
      !text.contains(where: forbidden.contains)
    else {
      throw OperatorFault(
        .data, "account '\(text)'", "is not of the form DOMAIN\\name", remedy: "write it as LAB\\EXCH2016ASA$")
    }
    domain = parts[0].uppercased()
    samAccountName = String(parts[1])
    folded = "\(domain)\\\(samAccountName.lowercased())"
  }

  /// Compares without regard to case.
  package static func == (left: AccountName, right: AccountName) -> Bool { left.folded == right.folded }

  /// Hashes as ``==(_:_:)`` compares.
  package func hash(into hasher: inout Hasher) { hasher.combine(folded) }

  /// Encodes as the one string.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes from the one string.
  package init(from decoder: any Decoder) throws {
    self = try AccountName(decoder.singleValueContainer().decode(String.self))
  }
}

extension AccountName: CustomStringConvertible {
  /// `DOMAIN\name`.
  package var description: String { "\(domain)\\\(samAccountName)" }
}
