import Foundation
import RotationCore

/// Finds an account and says what it is and what we may do to it.
struct AccountReader {
  let connection: LDAPConnection
  let query: AccountQuery

  private static let accountDisabled: UInt32 = 0x0002
  // OWNER_SECURITY_INFORMATION and DACL_SECURITY_INFORMATION.
  private static let ownerAndDACL: UInt8 = 0x05
  private static let attributes = [
    "objectGUID", "objectSid", "objectClass", "sAMAccountName", "userPrincipalName", "userAccountControl",
    "msDS-KeyVersionNumber", "msDS-SupportedEncryptionTypes", "servicePrincipalName", "pwdLastSet", "nTSecurityDescriptor",
  ]

  /// Describes the account, all but the holders of its SPNs elsewhere.
  func account(root: RootEntry, server: DirectoryServer) throws(LDAPFailure) -> DirectoryAccount {
    let entry = try find(in: root.domain)
    let check = try accessCheck(of: entry, token: root.token)
    let stampWrite = try stampRight(root: root)
    return DirectoryAccount(
      objectGUID: try entry.required("objectGUID", entry.identifier("objectGUID")),
      distinguishedName: entry.distinguishedName,
      samAccountName: try entry.required("sAMAccountName", entry.text("sAMAccountName")),
      kind: entry.texts("objectClass").contains { $0.lowercased() == "computer" } ? .computer : .user,
      userPrincipalName: entry.text("userPrincipalName"), version: try state(in: entry).version,
      isEnabled: try entry.required("userAccountControl", entry.bits("userAccountControl")) & Self.accountDisabled == 0,
      supportedEncryptionTypes: entry.bits("msDS-SupportedEncryptionTypes"),
      servicePrincipalNames: entry.texts("servicePrincipalName"), stamp: stamp(in: entry),
      passwordLastSet: entry.number("pwdLastSet").flatMap(DirectoryTime.fileTime),
      mayResetPassword: check.grants(.resetPassword), mayWriteStamp: stampWrite.map(check.grants) ?? true,
      mayWriteEncryptionTypes: check.grants(.writeEncryptionTypes),
      conflictingHolders: [:],
      server: server)
  }

  /// Reads stamp and kvno of the object that the query is bound to, or of the one that has its name.
  func state() throws(LDAPFailure) -> AccountState {
    let attributes = stampAttributes + ["msDS-KeyVersionNumber"]
    if let entry = try connection.read(try target(), attributes) { return try state(in: entry) }
    throw .fault(absence)
  }

  /// The name to address the object by; it stays right when the object is moved or renamed.
  func target() throws(LDAPFailure) -> String {
    if let bound = query.objectGUID { return bound.distinguishedName }
    let entry = try find(in: RootEntry(over: connection).domain)
    return try entry.required("objectGUID", entry.identifier("objectGUID")).distinguishedName
  }

  /// Other objects that hold the queried SPNs, as this connection's part of the tree knows them.
  func conflictingHolders(
    under base: String, except account: UUID
  ) throws(LDAPFailure) -> [String: [String]] {
    var holders: [String: [String]] = [:]
    for name in query.servicePrincipalNames {
      let filter = SearchFilter.equal("servicePrincipalName", name.description)
      let others = try connection.search(base, .subtree, filter, ["objectGUID"]).filter {
        $0.identifier("objectGUID") != account
      }
      if !others.isEmpty { holders[name.description] = others.map(\.distinguishedName) }
    }
    return holders
  }

  // By name first: an account of this name that is not the one we know must be noticed, also while the known one lives on
  // elsewhere.
  private func find(in domain: String) throws(LDAPFailure) -> LDAPEntry {
    let attributes = Self.attributes + stampAttributes
    let filter = SearchFilter.equal("sAMAccountName", query.name.samAccountName)
    let found = try connection.search(domain, .subtree, filter, ["objectGUID"]).first?.identifier("objectGUID")
    guard let identifier = query.objectGUID ?? found else { throw .fault(absence) }
    if let found, found != identifier { throw .fault(replacement(found)) }
    let name = identifier.distinguishedName
    guard let entry = try connection.read(name, attributes, descriptorParts: Self.ownerAndDACL) else {
      throw .fault(absence)
    }
    return entry
  }

  private func state(in entry: LDAPEntry) throws(LDAPFailure) -> AccountState {
    let version = try entry.required("msDS-KeyVersionNumber", entry.bits("msDS-KeyVersionNumber"))
    return AccountState(stamp: stamp(in: entry), version: KeyVersion(version))
  }

  private var stampAttributes: [String] { query.stampAttribute.map { [$0] } ?? [] }

  private func stamp(in entry: LDAPEntry) -> String? { query.stampAttribute.flatMap { entry.text($0) } }

  private func stampRight(root: RootEntry) throws(LDAPFailure) -> AccessCheck.Right? {
    guard let name = query.stampAttribute else { return nil }
    let attribute = try StampAttribute(named: name, over: connection, root: root)
    return .writeProperty(attribute.identifier, propertySet: attribute.propertySet)
  }

  private func accessCheck(
    of entry: LDAPEntry, token: Set<SecurityIdentifier>
  ) throws(LDAPFailure) -> AccessCheck {
    let bytes = try entry.required("nTSecurityDescriptor", entry.bytes("nTSecurityDescriptor"))
    do {
      return AccessCheck(
        descriptor: try SecurityDescriptor(bytes: bytes), token: token,
        objectIdentifier: try entry.bytes("objectSid").map(SecurityIdentifier.init(bytes:)))
    } catch {
      throw .fault(OperatorFault(.protocol, "nTSecurityDescriptor of \(query.name)", "\(error)"))
    }
  }

  private var absence: OperatorFault {
    let known = query.objectGUID.map { " with objectGUID \($0.uuidString.lowercased())" } ?? ""
    return OperatorFault(
      .noInput, "account \(query.name)", "\(connection.host) has no such account\(known)",
      remedy: "check its name, and that the rotator's account may read it")
  }

  private func replacement(_ found: UUID) -> OperatorFault {
    let bound = query.objectGUID?.uuidString.lowercased() ?? ""
    return OperatorFault(
      .data, "account \(query.name)",
      "was deleted and created anew, or another took its name: it now has objectGUID \(found.uuidString.lowercased()), and the "
        + "keys belong to \(bound)", remedy: "remove the account from the rotator and add it again")
  }
}
