package import Kerberos
package import RotationCore

/// Which principals of a keytab file belong to one account: its SPNs in any spelling, and its own principal.
package struct AccountPrincipals: Sendable, Equatable {
  /// The account.
  package var account: AccountName
  /// Its realm; `nil` while no rotator has said it, and then any realm counts.
  package var realm: Realm?
  /// Every SPN that it has or had.
  package var servicePrincipalNames: Set<ServicePrincipalName>

  /// Makes the set from its parts.
  package init(account: AccountName, realm: Realm?, servicePrincipalNames: Set<ServicePrincipalName>) {
    self.account = account
    self.realm = realm
    self.servicePrincipalNames = servicePrincipalNames
  }

  /// Whether the entry is one of the account's.
  package func owns(_ entry: KeytabEntry) -> Bool {
    guard realm == nil || realm == entry.realm else { return false }
    // Active Directory compares both kinds of name without regard to case (MS-ADTS 3.1.1.2.2.4).
    if entry.principal.lowercased() == account.samAccountName.lowercased() { return true }
    return servicePrincipalNames.contains { $0.description.lowercased() == entry.principal.lowercased() }
  }
}
