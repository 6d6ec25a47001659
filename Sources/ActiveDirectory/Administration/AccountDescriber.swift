import Foundation
import RotationCore

/// Reads accounts as somebody who administers them wants to see them.
struct AccountDescriber {
  let connection: LDAPConnection
  let root: RootEntry
  let realm: Realm
  /// The attribute that carries the stamp; `nil` where there is none.
  let stampAttribute: String?

  // OWNER_SECURITY_INFORMATION.
  private static let ownerPart: UInt8 = 0x01
  private static let attributes = [
    "objectGUID", "objectSid", "objectClass", "sAMAccountName", "userPrincipalName", "description", "userAccountControl",
    "msDS-User-Account-Control-Computed", "msDS-KeyVersionNumber", "msDS-SupportedEncryptionTypes", "servicePrincipalName",
    "pwdLastSet", "accountExpires", "whenCreated",
  ]

  /// Reads one account, also who owns it; `nil` if there is none.
  func account(_ reference: AccountReference) throws(LDAPFailure) -> AdministeredAccount? {
    guard let identifier = try identifier(reference) else { return nil }
    let attributes = self.attributes + ["nTSecurityDescriptor"]
    let answer = try connection.read(identifier.distinguishedName, attributes, descriptorParts: Self.ownerPart)
    guard let entry = answer else { return nil }
    var account = try describe(entry)
    account.owner = owner(in: entry)
    return account
  }

  /// The accounts of the domain whose stamp attribute begins like a stamp, without their owners.
  func stamped(limit: Int) throws(LDAPFailure) -> BoundedFindings<AdministeredAccount> {
    guard let stampAttribute else { return BoundedFindings(found: [], isComplete: true) }
    let filter = SearchFilter.all(.present("sAMAccountName"), .like(stampAttribute, "asa1;*"))
    let (entries, isComplete) = try connection.searchPages(root.domain, .subtree, filter, attributes, limit: limit)
    var accounts: [AdministeredAccount] = []
    for entry in entries { accounts.append(try describe(entry)) }
    return BoundedFindings(found: accounts, isComplete: isComplete)
  }

  private var attributes: [String] { Self.attributes + (stampAttribute.map { [$0] } ?? []) }

  private func identifier(_ reference: AccountReference) throws(LDAPFailure) -> UUID? {
    switch reference {
    case .identified(let identifier): return identifier
    case .named(let name):
      let found = try connection.search(root.domain, .subtree, .equal("sAMAccountName", name), ["objectGUID"])
      return found.first?.identifier("objectGUID")
    }
  }

  private func describe(_ entry: LDAPEntry) throws(LDAPFailure) -> AdministeredAccount {
    let control = try entry.required("userAccountControl", entry.bits("userAccountControl"))
    let computed = entry.bits("msDS-User-Account-Control-Computed") ?? 0
    let classes = entry.texts("objectClass")
    return AdministeredAccount(
      objectGUID: try entry.required("objectGUID", entry.identifier("objectGUID")),
      distinguishedName: entry.distinguishedName,
      samAccountName: try entry.required("sAMAccountName", entry.text("sAMAccountName")),
      securityIdentifier: try securityIdentifier(in: entry),
      kind: classes.contains { $0.lowercased() == "computer" } ? .computer : .user, objectClass: classes.last ?? "",
      userPrincipalName: entry.text("userPrincipalName"), description: entry.text("description"),
      control: UserAccountControl(rawValue: control | computed),
      version: entry.bits("msDS-KeyVersionNumber").map(KeyVersion.init),
      passwordLastSet: entry.number("pwdLastSet").flatMap(DirectoryTime.fileTime),
      supportedEncryptionTypes: entry.bits("msDS-SupportedEncryptionTypes"),
      servicePrincipalNames: entry.texts("servicePrincipalName"),
      expires: entry.number("accountExpires").flatMap(DirectoryTime.fileTime),
      createdAt: entry.text("whenCreated").flatMap(DirectoryTime.generalized),
      stamp: stampAttribute.flatMap { entry.text($0) })
  }

  private func securityIdentifier(in entry: LDAPEntry) throws(LDAPFailure) -> String {
    let bytes = try entry.required("objectSid", entry.bytes("objectSid"))
    do { return try SecurityIdentifier(bytes: bytes).description } catch {
      throw .fault(OperatorFault(.protocol, "objectSid of \(entry.distinguishedName)", error.problem))
    }
  }

  private func owner(in entry: LDAPEntry) -> String? {
    let descriptor = entry.bytes("nTSecurityDescriptor").flatMap { try? SecurityDescriptor(bytes: $0) }
    return descriptor?.owner.map { TrusteeReader(connection: connection, root: root, realm: realm).name(of: $0) }
  }
}
