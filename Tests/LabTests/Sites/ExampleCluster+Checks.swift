import ChildProcesses
import Configuration
import Foundation
import RotationCore
import Testing

/// What became of a rotation, by MIT's, OpenLDAP's and Samba's own tools.
extension ExampleCluster {
  /// How `asactl rotate` ended, and the document of its end.
  struct Rotation: Sendable {
    let status: Int32
    let ended: JSONValue
    let errors: String

    var outcome: String? { ended["outcome"]?.string }
  }

  func rotate(_ account: AccountConfiguration) async throws -> Rotation {
    let result = try await cluster.asactl("rotate", "--account", "\(account.name)", "--yes", "--json")
    let last = result.output.split(separator: "\n").last.map(String.init) ?? "null"
    return Rotation(
      status: result.status, ended: try JSONDecoder().decode(JSONValue.self, from: Data(last.utf8)), errors: result.errors)
  }

  /// The phase that an account is in.
  func phase(of account: AccountConfiguration) async throws -> String? {
    let accounts = try await cluster.json("status")["accounts"]?.array ?? []
    return accounts.first { $0["account"]?.string == "\(account.name)" }?["phase"]?.string
  }

  /// The kvno, as an administrator of the realm reads it over LDAP.
  func version(of account: AccountConfiguration) async throws -> Int {
    let realm = try realm(of: account)
    let output = try await lab.run(
      "ldapsearch", "-LLL", "-Q", "-Y", "GSSAPI", "-H", "ldap://\(realm.controllerHost)", "-b", realm.base,
      "(sAMAccountName=\(account.name.samAccountName))", "msDS-KeyVersionNumber",
      environment: ["KRB5CCNAME": "FILE:\(try await signedOn("administrator", in: realm))"])
    let line = output.split(separator: "\n").first { $0.hasPrefix("msDS-KeyVersionNumber: ") }
    return try #require(line.flatMap { Int($0.dropFirst("msDS-KeyVersionNumber: ".count)) })
  }

  /// Credentials for each SPN of an account, as a user of its realm gets them now.
  func clientTickets(_ name: String, for account: AccountConfiguration) async throws -> String {
    let cache = try await signedOn("\(name)-\(account.name.samAccountName)", in: realm(of: account))
    for spn in account.servicePrincipalNames {
      try await lab.run("kvno", "\(spn)@\(account.realm)", environment: ["KRB5CCNAME": "FILE:\(cache)"])
    }
    return cache
  }

  private func signedOn(_ name: String, in realm: LabRealm) async throws -> String {
    let cache = "\(cluster.directory)/\(name)-\(realm.name).ccache"
    guard !FileManager.default.fileExists(atPath: cache) else { return cache }
    try await lab.run(
      "kinit", "Administrator@\(realm.name)", input: lab.administratorPassword + "\n",
      environment: ["KRB5CCNAME": "FILE:\(cache)"])
    return cache
  }

  /// Whether `kvno` opens the tickets for all SPNs of an account with a node's keytab.
  func accepts(_ node: String, _ cache: String, for account: AccountConfiguration) async throws -> Bool {
    for spn in account.servicePrincipalNames {
      let result = try await lab.result(
        of: ["kvno", "--cached-only", "-k", keytab(of: node), "\(spn)@\(account.realm)"],
        environment: ["KRB5CCNAME": "FILE:\(cache)"])
      guard result.status == 0, result.output.contains("keytab entry valid") else { return false }
    }
    return true
  }

  /// The AES keys that the realm's domain controller has for an account now, exported by samba-tool.
  func directoryKeys(of account: AccountConfiguration) async throws -> Set<NamelessKey> {
    let path = "\(cluster.directory)/exported-\(UUID().uuidString).keytab"
    try await lab.run(try realm(of: account).prefix + ["export-keytab", account.name.samAccountName, path])
    let version = try await version(of: account)
    return Set(try await keys(in: path).map(NamelessKey.init).filter { $0.version == version })
  }

  /// The AES keys that a node's keytab has for each SPN under one kvno.
  func installedKeys(of node: String, under version: Int) async throws -> [String: Set<NamelessKey>] {
    let keys = try await keys(in: keytab(of: node)).filter { $0.version == version }
    return Dictionary(grouping: keys, by: \.principal).mapValues { Set($0.map(NamelessKey.init)) }
  }

  private func keys(in keytab: String) async throws -> [ShownKey] {
    try await lab.run("klist", "-ekKt", keytab).split(separator: "\n").compactMap(ShownKey.init)
      .filter { $0.encryptionType.hasPrefix("aes") }
  }

  /// Every node of an account has the keys of its present kvno for all its SPNs, as the domain controller has them, and is in service.
  func expectNodesHold(_ account: AccountConfiguration) async throws {
    let expected = try await directoryKeys(of: account)
    let version = try await version(of: account)
    #expect(expected.count == 2)
    for node in nodes(of: account) {
      let installed = try await installedKeys(of: node, under: version)
      for spn in account.servicePrincipalNames { #expect(installed["\(spn)"] == expected, "\(node) \(spn)") }
      try await cluster.waitUntil("\(node) is in service") { cluster.isReady(node) }
    }
  }
}

/// One key as `klist -ekKt` shows it, whatever the name that it stands under.
struct NamelessKey: Hashable, Sendable {
  let version: Int
  let encryptionType: String
  let key: String

  init(_ shown: ShownKey) { (version, encryptionType, key) = (shown.version, shown.encryptionType, shown.key) }
}
