import Foundation
import RotationCore

/// Reads what concerns the domain and its controllers rather than one account.
struct DomainReader {
  let connection: LDAPConnection
  let root: RootEntry

  /// Describes the server at the other end.
  func server() throws(LDAPFailure) -> DirectoryServer {
    let settings = try connection.read(root.serviceName, ["objectGUID", "invocationId"])
    return DirectoryServer(
      dnsHostName: root.dnsHostName,
      serviceIdentity: settings?.identifier("objectGUID")?.uuidString.lowercased() ?? root.serviceName,
      invocationID: settings?.identifier("invocationId")?.uuidString.lowercased() ?? "",
      isPDCEmulator: try isPDCEmulator(), clockOffset: root.clockOffset,
      securityStrength: connection.securityStrength)
  }

  /// Whether it is the one that the domain names as the holder of the role (MS-ADTS 6.1.5.3).
  func isPDCEmulator() throws(LDAPFailure) -> Bool {
    let head = try connection.read(root.domain, ["fSMORoleOwner"])
    return head?.text("fSMORoleOwner")?.lowercased() == root.serviceName.lowercased()
  }

  /// The DNS name of the holder of the PDC emulator role; `nil` where it cannot be read.
  func pdcEmulator() throws(LDAPFailure) -> String? {
    let settings = try connection.read(root.domain, ["fSMORoleOwner"])?.text("fSMORoleOwner")
    // The role's owner is the settings object, which stands below the object of the server.
    guard let server = settings?.split(separator: ",", maxSplits: 1).last else { return nil }
    return try connection.read(String(server), ["dNSHostName"])?.text("dNSHostName")
  }

  /// Which controller it is, and which life of it (``DirectoryServer/identity``).
  func identity() throws(LDAPFailure) -> String {
    let settings = try connection.read(root.serviceName, ["objectGUID", "invocationId"])
    return DirectoryServer.identity(
      service: settings?.identifier("objectGUID")?.uuidString.lowercased() ?? root.serviceName,
      invocation: settings?.identifier("invocationId")?.uuidString.lowercased() ?? "")
  }

  /// Refuses a server that is not the one that a query is pinned to: a name, or an address, may lead to another controller than it did.
  func checkIdentity(is pinned: String?) throws(LDAPFailure) {
    guard let pinned else { return }
    let identity = try identity()
    guard identity == pinned else {
      throw .fault(
        OperatorFault(
          .configuration, root.dnsHostName,
          "is not the domain controller that this rotation began on (\(pinned)), but \(identity)",
          remedy: "name that one under directories.controllers again; if it is gone for good: 'asactl dc forget'"))
    }
  }

  /// The two names of the domain (MS-ADTS 6.1.1.2.1.1).
  func names() throws(LDAPFailure) -> (netBIOSName: String, dnsRoot: String) {
    let filter = SearchFilter.all(
      .equal("objectClass", "crossRef"), .equal("nCName", root.domain), .present("nETBIOSName"))
    let partitions = "CN=Partitions,\(root.configuration)"
    let partition = try connection.search(partitions, .oneLevel, filter, ["nETBIOSName", "dnsRoot"]).first
    guard let netBIOSName = partition?.text("nETBIOSName"), let dnsRoot = partition?.text("dnsRoot") else {
      throw .fault(OperatorFault(.permission, partitions, "the names of \(root.domain) cannot be read"))
    }
    return (netBIOSName, dnsRoot)
  }

  /// Refuses a server of another domain than the one that the configuration speaks of.
  func checkDomain(is realm: Realm, named name: String) throws(LDAPFailure) {
    let (netBIOSName, dnsRoot) = try names()
    guard netBIOSName.uppercased() == name else {
      throw .fault(
        OperatorFault(
          .noInput, "domain '\(name)'", "is not what \(root.dnsHostName) serves: its domain is '\(netBIOSName)'",
          remedy: "write the account as \(netBIOSName)\\NAME, or name a controller of \(name)"))
    }
    try checkRealm(is: realm, dnsRoot)
  }

  /// Refuses a server of another realm.
  func checkRealm(is realm: Realm, _ dnsRoot: String) throws(LDAPFailure) {
    guard Realm(dnsRoot) == realm else {
      throw .fault(
        OperatorFault(
          .configuration, "realm \(realm)", "is not what \(root.dnsHostName) serves: its domain is \(dnsRoot)",
          remedy: "name a controller of \(realm)"))
    }
  }

  /// The controllers of this domain: those whose settings object stands below a server object of some site (MS-ADTS 6.1.1.2.2.1.2.1.1).
  func controllers() throws(LDAPFailure) -> [ListedController] {
    let sites = "CN=Sites,\(root.configuration)"
    let attributes = ["objectClass"] + Self.replicatedContexts
    let settings = try connection.search(sites, .subtree, .equal("objectClass", "nTDSDSA"), attributes)
    let servers = try connection.search(sites, .subtree, .equal("objectClass", "server"), ["dNSHostName"])
    let names = Dictionary(
      servers.compactMap { server in server.text("dNSHostName").map { (server.distinguishedName.lowercased(), $0) } },
      uniquingKeysWith: { first, _ in first })
    return settings.filter(serves).compactMap { entry in
      let server = entry.distinguishedName.lowercased().split(separator: ",", maxSplits: 1).last.map(String.init)
      return server.flatMap { names[$0] }.map {
        ListedController(dnsHostName: $0, isReadOnly: isReadOnly(entry))
      }
    }
  }

  private static let replicatedContexts = ["msDS-HasDomainNCs", "hasMasterNCs", "msDS-hasFullReplicaNCs"]

  /// A forest has controllers of other domains, too.
  private func serves(_ settings: LDAPEntry) -> Bool {
    Self.replicatedContexts.contains { holdsDomain(settings, as: $0) }
  }

  /// Active Directory has a class of its own for them; Samba only lists the domain among what is held in full and not as master.
  private func isReadOnly(_ settings: LDAPEntry) -> Bool {
    settings.texts("objectClass").contains("nTDSDSARO")
      || holdsDomain(settings, as: "msDS-hasFullReplicaNCs") && !holdsDomain(settings, as: "hasMasterNCs")
  }

  private func holdsDomain(_ settings: LDAPEntry, as attribute: String) -> Bool {
    settings.texts(attribute).contains { $0.lowercased() == root.domain.lowercased() }
  }
}
