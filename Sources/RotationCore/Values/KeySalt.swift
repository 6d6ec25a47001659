/// The string-to-key salt that a domain controller uses for the *next* password set of an account.
package enum KeySalt {
  /// Computes the salt from the account's current attributes (MS-KILE 3.1.1.2). After a rename the KDC still announces the old salt
  /// until the next set, which uses the new name; so a key staged ahead of the set needs this, not a probe.
  ///
  /// - A computer account: realm, `host`, the lower-case name without `$`, a dot, the lower-case realm.
  /// - A user account: realm and the sAMAccountName as stored, or, with a userPrincipalName, its part before `@` without `/`.
  package static func forNextSet(of account: DirectoryAccount, realm: Realm) -> String {
    switch account.kind {
    case .computer:
      let name = account.samAccountName.hasSuffix("$") ? String(account.samAccountName.dropLast()) : account.samAccountName
      return "\(realm)host\(name.lowercased()).\(realm.dnsName)"
    case .user:
      guard let principal = account.userPrincipalName else { return "\(realm)\(account.samAccountName)" }
      let name = principal.prefix { $0 != "@" }.filter { $0 != "/" }
      return "\(realm)\(name)"
    }
  }
}
