/// Trustees that have the same SID everywhere and no object under it (MS-DTYP 2.4.2.4).
enum WellKnownTrustee {
  private static let names: [SecurityIdentifier: String] = [
    .everyone: "Everyone", .authenticatedUsers: "Authenticated Users", .principalSelf: "SELF", .ownerRights: "OWNER RIGHTS",
    SecurityIdentifier(authority: 3, subAuthorities: [0]): "CREATOR OWNER",
    SecurityIdentifier(authority: 5, subAuthorities: [7]): "ANONYMOUS LOGON",
    SecurityIdentifier(authority: 5, subAuthorities: [9]): "Enterprise Domain Controllers",
    SecurityIdentifier(authority: 5, subAuthorities: [18]): "SYSTEM",
    SecurityIdentifier(authority: 5, subAuthorities: [19]): "LOCAL SERVICE",
    SecurityIdentifier(authority: 5, subAuthorities: [20]): "NETWORK SERVICE",
  ]

  /// The English name; `nil` if it is none of these.
  static func name(of identifier: SecurityIdentifier) -> String? { names[identifier] }
}
