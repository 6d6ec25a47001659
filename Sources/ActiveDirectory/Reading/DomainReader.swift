import Foundation
import RotationCore

/// Reads what concerns the domain and its controllers rather than one account.
struct DomainReader {
  let connection: LDAPConnection
  let root: RootEntry

  private static let serverTrustAccount: UInt32 = 0x2000

  /// Describes the server at the other end.
  func server() throws(LDAPFailure) -> DirectoryServer {
    let settings = try connection.read(root.serviceName, ["objectGUID", "invocationId"])
    let head = try connection.read(root.domain, ["fSMORoleOwner"])
    let roleOwner = head?.text("fSMORoleOwner")?.lowercased()
    return DirectoryServer(
      dnsHostName: root.dnsHostName,
      serviceIdentity: settings?.identifier("objectGUID")?.uuidString.lowercased() ?? root.serviceName,
      invocationID: settings?.identifier("invocationId")?.uuidString.lowercased() ?? "",
      isPDCEmulator: roleOwner == root.serviceName.lowercased(), domainControllerCount: try writableControllerCount(),
      clockOffset: root.clockOffset, securityStrength: connection.securityStrength)
  }

  /// Refuses a server that is not the one that a query is pinned to: a name, or an address, may lead to another controller than it did.
  func checkIdentity(is pinned: String?) throws(LDAPFailure) {
    guard let pinned else { return }
    let settings = try connection.read(root.serviceName, ["objectGUID", "invocationId"])
    let identity = DirectoryServer.identity(
      service: settings?.identifier("objectGUID")?.uuidString.lowercased() ?? root.serviceName,
      invocation: settings?.identifier("invocationId")?.uuidString.lowercased() ?? "")
    guard identity == pinned else {
      throw .fault(
        OperatorFault(
          .configuration, root.dnsHostName,
          "is not the domain controller that this rotation began on (\(pinned)), but \(identity)",
          remedy: "name that one under directories.controllers again; if it is gone for good: 'asactl dc forget'"))
    }
  }

  /// Refuses a server of another domain than the one that the configuration speaks of.
  func checkDomain(is realm: Realm, named name: String) throws(LDAPFailure) {
    let filter = SearchFilter.all(
      .equal("objectClass", "crossRef"), .equal("nCName", root.domain), .present("nETBIOSName"))
    let partitions = "CN=Partitions,\(root.configuration)"
    let partition = try connection.search(partitions, .oneLevel, filter, ["nETBIOSName", "dnsRoot"]).first
    guard let netBIOSName = partition?.text("nETBIOSName"), let dnsRoot = partition?.text("dnsRoot") else {
      throw .fault(OperatorFault(.permission, partitions, "the names of \(root.domain) cannot be read"))
    }
    guard netBIOSName.uppercased() == name else {
      throw .fault(
        OperatorFault(
          .noInput, "domain '\(name)'", "is not what \(root.dnsHostName) serves: its domain is '\(netBIOSName)'",
          remedy: "write the account as \(netBIOSName)\\NAME, or name a controller of \(name)"))
    }
    guard Realm(dnsRoot) == realm else {
      throw .fault(
        OperatorFault(
          .configuration, "realm \(realm)", "is not what \(root.dnsHostName) serves: its domain is \(dnsRoot)",
          remedy: "name a controller of \(realm)"))
    }
  }

  /// Read-only controllers do not carry this flag (MS-ADTS 2.2.16).
  private func writableControllerCount() throws(LDAPFailure) -> Int {
    let filter = SearchFilter.all(
      .equal("objectCategory", "computer"), .bits("userAccountControl", Self.serverTrustAccount))
    return try connection.search(root.domain, .subtree, filter, ["objectGUID"]).count
  }
}
