import Foundation
import RotationCore

/// Reads from a global catalog who in the forest holds SPNs.
struct HolderReader {
  let catalog: LDAPConnection

  private static let attributes = ["objectGUID", "sAMAccountName", "servicePrincipalName", "userAccountControl", "pwdLastSet"]

  /// Those that the filter matches, at most `limit`. Objects without an objectGUID do not exist.
  func holders(_ filter: SearchFilter, limit: Int) throws(LDAPFailure) -> BoundedFindings<ServicePrincipalNameHolder> {
    let (entries, isComplete) = try catalog.searchPages("", .subtree, filter, Self.attributes, limit: limit)
    return BoundedFindings(found: entries.compactMap(holder), isComplete: isComplete)
  }

  private func holder(_ entry: LDAPEntry) -> ServicePrincipalNameHolder? {
    guard let identifier = entry.identifier("objectGUID") else { return nil }
    let control = entry.bits("userAccountControl").map(UserAccountControl.init(rawValue:))
    return ServicePrincipalNameHolder(
      objectGUID: identifier, distinguishedName: entry.distinguishedName, samAccountName: entry.text("sAMAccountName"),
      servicePrincipalNames: entry.texts("servicePrincipalName"), isEnabled: control.map { !$0.contains(.disabled) },
      passwordLastSet: entry.number("pwdLastSet").flatMap(DirectoryTime.fileTime))
  }
}
