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

  /// Refuses a server of another domain than the one that the configuration speaks of.
  func checkDomain(is realm: Realm, named name: String) throws(LDAPFailure) {
    let filter = SearchFilter.all(
      .equal("objectClass", "crossRef"), .equal("nCName", root.domain), .present("nETBIOSName"))
    let found = try connection.search("CN=Partitions,\(root.configuration)", .oneLevel, filter, ["nETBIOSName", "dnsRoot"])
    guard let partition = found.first else { return }
    if let netBIOSName = partition.text("nETBIOSName"), netBIOSName.uppercased() != name {
      throw .fault(
        OperatorFault(
          .noInput, "domain '\(name)'", "is not what \(root.dnsHostName) serves: its domain is '\(netBIOSName)'",
          remedy: "write the account as \(netBIOSName)\\NAME, or name a controller of \(name)"))
    }
    if let dnsRoot = partition.text("dnsRoot"), Realm(dnsRoot) != realm {
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
