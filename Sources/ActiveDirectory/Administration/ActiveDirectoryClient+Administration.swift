import CLDAP
package import Foundation
package import RotationCore

extension ActiveDirectoryClient: DirectoryAdministering {
  /// How many stamped accounts are listed at most.
  private static let stampedLimit = 1000

  /// What it says of itself and its domain.
  ///
  /// - Throws: ``OperatorFault``, also `.configuration` if it serves another realm.
  package func describeDomain() async throws(OperatorFault) -> AdministeredDomain {
    try await reading { (connection) throws(LDAPFailure) in
      let root = try RootEntry(over: connection)
      let reader = DomainReader(connection: connection, root: root)
      let (netBIOSName, dnsRoot) = try reader.names()
      try reader.checkRealm(is: realm, dnsRoot)
      let controllers = try reader.controllers()
      let itself = root.dnsHostName.comparableHostName
      return AdministeredDomain(
        netBIOSName: netBIOSName.uppercased(), distinguishedName: root.domain, server: root.dnsHostName,
        isReadOnly: controllers.contains { $0.isReadOnly && $0.dnsHostName.comparableHostName == itself },
        pdcEmulator: try reader.pdcEmulator(), controllers: controllers)
    }
  }

  /// Reads an account; `nil` if it has none such (yet).
  package func account(
    _ reference: AccountReference, stampAttribute: String?
  ) async throws(OperatorFault) -> AdministeredAccount? {
    try await reading { (connection) throws(LDAPFailure) in
      try describer(connection, stampAttribute).account(reference)
    }
  }

  /// The accounts of its domain whose attribute of this name begins like a stamp.
  package func accounts(
    stampedIn attribute: String
  ) async throws(OperatorFault) -> BoundedFindings<AdministeredAccount> {
    try await reading { (connection) throws(LDAPFailure) in
      try describer(connection, attribute).stamped(limit: Self.stampedLimit)
    }
  }

  /// Where accounts of a kind go unless somebody says otherwise.
  package func standardContainer(for kind: DirectoryAccount.Kind) async throws(OperatorFault) -> String {
    // GUID_COMPUTERS_CONTAINER_W and GUID_USERS_CONTAINER_W (MS-ADTS 6.1.1.4); domains can have them lead elsewhere.
    let known = kind == .computer ? "aa312825768811d1aded00c04fd8d5cd" : "a9d1ca15768811d1aded00c04fd8d5cd"
    return try await reading { (connection) throws(LDAPFailure) in
      let root = try RootEntry(over: connection)
      let entry = try connection.read("<WKGUID=\(known),\(root.domain)>", ["objectClass"])
      guard let name = entry?.distinguishedName, !name.isEmpty else {
        throw .fault(
          OperatorFault(
            .permission, root.domain, "where new \(kind.rawValue) accounts go cannot be read", remedy: "say it with --ou"))
      }
      return name
    }
  }

  /// The object classes of an object, the most general first; empty if there is no such object.
  package func objectClasses(of distinguishedName: String) async throws(OperatorFault) -> [String] {
    try await reading { (connection) throws(LDAPFailure) in
      do throws(LDAPFailure) {
        return try connection.read(distinguishedName, ["objectClass"])?.texts("objectClass") ?? []
      } catch .refused(let result) where [LDAP_INVALID_DN_SYNTAX, LDAP_NAMING_VIOLATION, LDAP_REFERRAL].contains(result.code) {
        // No distinguished name, or one of another domain.
        return []
      }
    }
  }

  /// The schemaIDGUID of an attribute, by which entries of a DACL name it.
  ///
  /// - Throws: ``OperatorFault``, also `.configuration` if it is not in the schema, or not fit to carry a stamp.
  package func identifier(ofStampAttribute attribute: String) async throws(OperatorFault) -> UUID {
    try await reading { (connection) throws(LDAPFailure) in
      try StampAttribute(named: attribute, over: connection, root: RootEntry(over: connection)).identifier
    }
  }

  private func describer(
    _ connection: LDAPConnection, _ stampAttribute: String?
  ) throws(LDAPFailure) -> AccountDescriber {
    AccountDescriber(
      connection: connection, root: try RootEntry(over: connection), realm: realm, stampAttribute: stampAttribute)
  }
}

// MARK: - The whole forest

extension ActiveDirectoryClient {
  /// Far more than one SPN can have.
  private static let duplicateLimit = 1000

  /// The objects of the whole forest that hold any of these SPNs, compared without regard to case, by its global catalog.
  ///
  /// - Throws: ``OperatorFault``, also `.unavailable` if it is no global catalog.
  package func forestHolders(of names: [String]) async throws(OperatorFault) -> [ServicePrincipalNameHolder] {
    guard !names.isEmpty else { return [] }
    let filter = SearchFilter.any(names.map { SearchFilter.equal("servicePrincipalName", $0) })
    return try await catalog { (catalog) throws(LDAPFailure) in
      try HolderReader(catalog: catalog).holders(filter, limit: Self.duplicateLimit).found
    }
  }

  /// The objects of the whole forest that hold an SPN like `pattern`, in which `*` stands for anything and every other character for itself.
  ///
  /// - Throws: As ``forestHolders(of:)``.
  package func forestHolders(
    matching pattern: String, limit: Int
  ) async throws(OperatorFault) -> BoundedFindings<ServicePrincipalNameHolder> {
    try await catalog { (catalog) throws(LDAPFailure) in
      try HolderReader(catalog: catalog).holders(.like("servicePrincipalName", pattern), limit: limit)
    }
  }

  /// The distinguished names of the forest's objects that have this sAMAccountName.
  ///
  /// - Throws: As ``forestHolders(of:)``.
  package func namesakes(of samAccountName: String) async throws(OperatorFault) -> [String] {
    try await catalog { (catalog) throws(LDAPFailure) in
      try catalog.search("", .subtree, .equal("sAMAccountName", samAccountName), ["objectGUID"]).map(\.distinguishedName)
    }
  }

  private func catalog<Answer>(
    _ body: (LDAPConnection) throws(LDAPFailure) -> Answer
  ) async throws(OperatorFault) -> Answer {
    let root = try await reading { (connection) throws(LDAPFailure) in try RootEntry(over: connection) }
    guard root.isGlobalCatalog else {
      throw OperatorFault(
        .unavailable, "domain controller \(host)", "is no global catalog", remedy: "name one that is with --dc")
    }
    let opened = try await bound(port: Self.globalCatalogPort)
    do { return try body(opened) } catch { throw error.fault(from: host) }
  }
}

// MARK: - Writing

extension ActiveDirectoryClient {
  /// Makes an account, its password in the same request.
  ///
  /// - Returns: Its objectGUID.
  /// - Throws: ``OperatorFault``, also `.cannotCreate` if the name is taken.
  package func create(_ account: NewAccount) async throws(OperatorFault) -> UUID {
    guard let password = DirectoryPassword.encode(account.password) else {
      throw OperatorFault(.software, "the password of \(account.samAccountName)", "is not ASCII")
    }
    let secret = SecretReplacement(attribute: "unicodePwd", value: password)
    let (name, attributes) = (account.distinguishedName, Self.attributes(of: account))
    try await write(name) { $0.add(name, attributes, and: secret) }
    let made = try await reading { (connection) throws(LDAPFailure) in
      try connection.read(name, ["objectGUID"])?.identifier("objectGUID")
    }
    guard let made else {
      throw OperatorFault(.protocol, name, "\(host) says that it made the object, and does not show it")
    }
    return made
  }

  /// Registers SPNs on an object: all of them or none.
  ///
  /// - Throws: ``OperatorFault``, also `.cannotCreate` if the domain controller knows another object that holds one.
  package func addServicePrincipalNames(_ names: [String], to object: UUID) async throws(OperatorFault) {
    let change = AttributeChange(operation: .add, attribute: Self.nameAttribute, values: names.map { Array($0.utf8) })
    try await write("SPNs \(names.joined(separator: ", "))", addsNames: true) {
      $0.modify(object.distinguishedName, [change])
    }
  }

  /// Takes SPNs, as they are spelled there, off an object: all of them or none.
  package func removeServicePrincipalNames(_ names: [String], from object: UUID) async throws(OperatorFault) {
    let change = AttributeChange(operation: .delete, attribute: Self.nameAttribute, values: names.map { Array($0.utf8) })
    let subject = "SPNs \(names.joined(separator: ", "))"
    do throws(OperatorFault) {
      try await write(subject) { $0.modify(object.distinguishedName, [change]) }
    } catch {
      guard error.kind == .protocol else { throw error }
      // Samba refuses to delete a value that another object has, too; it takes the list of those that are to stay.
      let remaining = try await registeredNames(of: object).filter { !names.contains($0) }
      let rest = AttributeChange(operation: .replace, attribute: Self.nameAttribute, values: remaining.map { Array($0.utf8) })
      try await write(subject) { $0.modify(object.distinguishedName, [rest]) }
    }
  }

  /// Disables an account.
  package func disable(_ object: UUID) async throws(OperatorFault) {
    let control = try await reading { (connection) throws(LDAPFailure) in
      let answer = try connection.read(object.distinguishedName, ["userAccountControl"])
      let entry = answer ?? LDAPEntry(distinguishedName: object.distinguishedName, values: [:])
      return UserAccountControl(rawValue: try entry.required("userAccountControl", entry.bits("userAccountControl")))
    }
    let value = String(Int32(bitPattern: control.union(.disabled).rawValue))
    let change = AttributeChange(operation: .replace, attribute: "userAccountControl", value: value)
    try await write(object.distinguishedName) { $0.modify(object.distinguishedName, [change]) }
  }

  /// Deletes an account.
  package func delete(_ object: UUID) async throws(OperatorFault) {
    try await write(object.distinguishedName) { $0.delete(object.distinguishedName) }
  }

  private static let nameAttribute = "servicePrincipalName"

  private static func attributes(of account: NewAccount) -> [AttributeChange] {
    var values = [
      ("objectClass", account.kind.rawValue), ("sAMAccountName", account.samAccountName),
      ("userAccountControl", String(account.control.rawValue)),
      ("msDS-SupportedEncryptionTypes", String(account.supportedEncryptionTypes)),
    ]
    if let description = account.description { values.append(("description", description)) }
    return values.map { AttributeChange(operation: .add, attribute: $0.0, value: $0.1) }
  }

  private func registeredNames(of object: UUID) async throws(OperatorFault) -> [String] {
    try await reading { (connection) throws(LDAPFailure) in
      try connection.read(object.distinguishedName, [Self.nameAttribute])?.texts(Self.nameAttribute) ?? []
    }
  }

  /// A write that dies with a connection that was dead all along would look as if it might have been applied; a read first tells the two
  /// apart.
  private func write(
    _ subject: String, addsNames: Bool = false,
    _ body: (LDAPConnection) -> WriteOutcome
  ) async throws(OperatorFault) {
    let connection = try await reading { (connection) throws(LDAPFailure) in
      _ = try connection.read("", ["currentTime"])
      return connection
    }
    try WriteFault(host: host, subject: subject, addsNames: addsNames).check(body(connection))
  }
}

// MARK: - Rights

extension ActiveDirectoryClient {
  // DACL_SECURITY_INFORMATION.
  private static let accessControlList: UInt8 = 0x04

  /// The rights of a principal of the same domain (`name`, `DOMAIN\name` or `name@REALM`) on an object.
  ///
  /// - Throws: ``OperatorFault``, also `.noInput` if there is no such principal or object.
  package func rights(
    of principal: String, on object: UUID, stampAttribute: String?
  ) async throws(OperatorFault) -> TrusteeRights {
    try await reading { (connection) throws(LDAPFailure) in
      try rightsReader(connection, stampAttribute).rights(of: principal, on: object)
    }
  }

  /// Grants rights on an object to a principal, each by an entry of its own, and leaves every other entry as it is.
  ///
  /// - Returns: What it has afterwards.
  /// - Throws: As ``rights(of:on:stampAttribute:)``.
  package func grant(
    _ rights: Set<DelegatedRight>, to principal: String, on object: UUID, stampAttribute: String?
  ) async throws(OperatorFault) -> TrusteeRights {
    try await edit(principal, on: object, stampAttribute) { list, edit in
      for right in edit.inOrder(rights.subtracting(edit.own)) { list.allow(right, to: edit.trustee) }
    }
    return try await self.rights(of: principal, on: object, stampAttribute: stampAttribute)
  }

  /// Takes back what ``grant(_:to:on:stampAttribute:)`` grants, and leaves every other entry as it is.
  ///
  /// - Returns: What it has afterwards.
  /// - Throws: As ``rights(of:on:stampAttribute:)``.
  package func revoke(
    _ rights: Set<DelegatedRight>, from principal: String, on object: UUID, stampAttribute: String?
  ) async throws(OperatorFault) -> TrusteeRights {
    try await edit(principal, on: object, stampAttribute) { list, edit in
      for right in edit.inOrder(rights) { list.remove(right, from: edit.trustee) }
    }
    return try await self.rights(of: principal, on: object, stampAttribute: stampAttribute)
  }

  /// Reads the DACL, has it changed, writes it if it is another then.
  private func edit(
    _ principal: String, on object: UUID, _ stampAttribute: String?,
    _ change: (inout AccessControlList, AccessEdit) -> Void
  ) async throws(OperatorFault) {
    let (list, edit) = try await reading { (connection) throws(LDAPFailure) in
      let reader = try rightsReader(connection, stampAttribute)
      let found = try TrusteeReader(connection: connection, root: reader.root, realm: realm).find(principal)
      let edit = AccessEdit(
        trustee: found.identifier, names: try reader.neededRights(), own: try reader.rights(of: found, on: object).own)
      let bytes = try reader.descriptor(of: object)
      do throws(MalformedStructure) { return (try AccessControlList(descriptor: bytes), edit) } catch {
        throw .fault(Self.uneditable(object, error))
      }
    }
    var changed = list
    change(&changed, edit)
    guard changed != list else { return }
    let descriptor: [UInt8]
    do throws(MalformedStructure) { descriptor = try changed.descriptor() } catch { throw Self.uneditable(object, error) }
    let replacement = AttributeChange(operation: .replace, attribute: "nTSecurityDescriptor", values: [descriptor])
    try await write("the permissions of \(object.distinguishedName)") {
      $0.modify(object.distinguishedName, [replacement], descriptorParts: Self.accessControlList)
    }
  }

  private func rightsReader(
    _ connection: LDAPConnection, _ stampAttribute: String?
  ) throws(LDAPFailure) -> RightsReader {
    RightsReader(connection: connection, root: try RootEntry(over: connection), realm: realm, stampAttribute: stampAttribute)
  }

  private static func uneditable(_ object: UUID, _ error: MalformedStructure) -> OperatorFault {
    OperatorFault(
      .data, "the permissions of \(object.distinguishedName)", "cannot be edited: \(error.problem)",
      remedy: "look at them in the Security tab, or with samba-tool dsacl get")
  }
}

/// Whom a change of a DACL concerns.
private struct AccessEdit {
  let trustee: SecurityIdentifier
  let names: [DelegatedRight: AccessCheck.Right]
  /// What entries for the trustee itself grant already.
  let own: Set<DelegatedRight>

  /// Always in the same order, so that the same order of entries comes of it.
  func inOrder(_ rights: Set<DelegatedRight>) -> [AccessCheck.Right] {
    DelegatedRight.allCases.filter(rights.contains).compactMap { names[$0] }
  }
}
