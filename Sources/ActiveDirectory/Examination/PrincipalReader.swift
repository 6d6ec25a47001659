import Foundation
import RotationCore

/// Reads accounts with all that an examination judges.
struct PrincipalReader {
  let connection: LDAPConnection
  let describer: AccountDescriber

  // tokenGroups and the others are computed for one object at a time (MS-ADTS 3.1.1.4.5.19).
  private static let attributes = ["tokenGroups", "lockoutTime", "msDS-UserPasswordExpiryTimeComputed"]

  /// Reads an account; `nil` if there is none.
  func principal(_ reference: AccountReference) throws(LDAPFailure) -> ExaminedPrincipal? {
    guard let account = try describer.account(reference) else { return nil }
    let entry = try connection.read(account.objectGUID.distinguishedName, Self.attributes)
    let time = { (attribute: String) in entry?.number(attribute).flatMap(DirectoryTime.fileTime) }
    // Everybody is in some group.
    let groups = Set((entry?.all("tokenGroups") ?? []).compactMap { try? SecurityIdentifier(bytes: $0) })
    return ExaminedPrincipal(
      account: account, passwordExpires: time("msDS-UserPasswordExpiryTimeComputed"),
      lockedSince: time("lockoutTime"),
      administrativeGroups: groups.isEmpty ? nil : AdministrativeGroup.names(among: groups))
  }
}
