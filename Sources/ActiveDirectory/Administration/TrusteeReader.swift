import Foundation
import RotationCore

/// Finds out who somebody is, by name or by SID, and what groups they are in.
struct TrusteeReader {
  /// A principal, with the SIDs that a controller would take it for.
  struct Found {
    let trustee: DirectoryTrustee
    let identifier: SecurityIdentifier
    let token: Set<SecurityIdentifier>
  }

  let connection: LDAPConnection
  let root: RootEntry
  let realm: Realm

  /// Finds a principal of the domain: `name`, `DOMAIN\name` or `name@REALM`.
  func find(_ principal: String) throws(LDAPFailure) -> Found {
    let domain = DomainReader(connection: connection, root: root)
    let netBIOSName = try domain.names().netBIOSName
    let names = try candidates(principal, netBIOSName)
    let filter = SearchFilter.any(names.map { SearchFilter.equal($0.attribute, $0.value) })
    let found = try connection.search(root.domain, .subtree, filter, ["objectGUID"]).compactMap { $0.identifier("objectGUID") }
    guard let identifier = found.first else { throw .fault(absence(of: principal)) }
    guard found.count == 1 else { throw .fault(ambiguity(of: principal)) }
    return try describe(identifier, netBIOSName)
  }

  /// The name of whoever has this SID: `DOMAIN\name` or a well-known one; the SID itself where nothing tells.
  func name(of identifier: SecurityIdentifier) -> String {
    if let name = WellKnownTrustee.name(of: identifier) { return name }
    let entry = try? connection.read("<SID=\(identifier)>", ["sAMAccountName", "cn"])
    guard let entry, let name = entry.text("sAMAccountName") ?? entry.text("cn") else { return identifier.description }
    return name
  }

  private func candidates(
    _ principal: String, _ netBIOSName: String
  ) throws(LDAPFailure) -> [(attribute: String, value: String)] {
    if principal.contains("\\") {
      let parts = principal.split(separator: "\\", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts[0].uppercased() == netBIOSName.uppercased() else { throw .fault(foreign(principal, netBIOSName)) }
      return [("sAMAccountName", parts[1])]
    }
    let parts = principal.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      return [("sAMAccountName", principal), ("userPrincipalName", "\(principal)@\(realm.dnsName)")]
    }
    let sameRealm = Realm(parts[1]) == realm ? [("sAMAccountName", parts[0])] : []
    return sameRealm + [("userPrincipalName", principal)]
  }

  // tokenGroups is computed for one object at a time (MS-ADTS 3.1.1.4.5.19).
  private func describe(_ object: UUID, _ netBIOSName: String) throws(LDAPFailure) -> Found {
    let attributes = ["objectSid", "sAMAccountName", "tokenGroups"]
    let answer = try connection.read(object.distinguishedName, attributes)
    let entry = answer ?? LDAPEntry(distinguishedName: "", values: [:])
    do {
      let bytes = try entry.required("objectSid", entry.bytes("objectSid"))
      let identifier = try SecurityIdentifier(bytes: bytes)
      let groups = try entry.all("tokenGroups").map(SecurityIdentifier.init(bytes:))
      let name = try entry.required("sAMAccountName", entry.text("sAMAccountName"))
      return Found(
        trustee: DirectoryTrustee(
          name: "\(netBIOSName)\\\(name)", distinguishedName: entry.distinguishedName,
          securityIdentifier: identifier.description),
        identifier: identifier, token: Set(groups).union([identifier]))
    } catch let failure as LDAPFailure {
      throw failure
    } catch {
      throw .fault(OperatorFault(.protocol, entry.distinguishedName, "holds a malformed SID: \(error)"))
    }
  }

  private func absence(of principal: String) -> OperatorFault {
    OperatorFault(
      .noInput, "principal '\(principal)'", "\(connection.host) has no such account in its domain",
      remedy: "write it as name, DOMAIN\\name or name@\(realm)")
  }

  private func ambiguity(of principal: String) -> OperatorFault {
    OperatorFault(
      .data, "principal '\(principal)'", "is the sAMAccountName of one account and the userPrincipalName of another",
      remedy: "write it as DOMAIN\\name")
  }

  private func foreign(_ principal: String, _ netBIOSName: String) -> OperatorFault {
    OperatorFault(
      .noInput, "principal '\(principal)'", "is not of the domain \(netBIOSName) that \(connection.host) serves",
      remedy: "name an account of \(netBIOSName)")
  }
}
