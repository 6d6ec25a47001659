/// The groups whose members rule the domain, or come to it in one step (MS-DTYP 2.4.2.4).
enum AdministrativeGroup {
  private static let ofDomain: [UInt32: String] = [
    512: "Domain Admins", 516: "Domain Controllers", 518: "Schema Admins", 519: "Enterprise Admins",
    520: "Group Policy Creator Owners", 526: "Key Admins", 527: "Enterprise Key Admins",
  ]
  private static let builtIn: [UInt32: String] = [
    544: "Administrators", 548: "Account Operators", 549: "Server Operators", 550: "Print Operators", 551: "Backup Operators",
  ]

  /// The English names of those among the SIDs: groups of a domain first, which built-in ones contain.
  static func names(among token: Set<SecurityIdentifier>) -> [String] {
    let rank = { (identifier: SecurityIdentifier) in
      (identifier.subAuthorities.first == 32 ? 1 : 0, identifier.subAuthorities.last ?? 0)
    }
    return token.sorted { rank($0) < rank($1) }.compactMap(name)
  }

  private static func name(of identifier: SecurityIdentifier) -> String? {
    guard identifier.authority == 5, let last = identifier.subAuthorities.last else { return nil }
    // S-1-5-32 is the built-in domain, S-1-5-21 begins the SID of a real one.
    return switch identifier.subAuthorities.first {
    case 32: builtIn[last]
    case 21: ofDomain[last]
    default: nil
    }
  }
}
