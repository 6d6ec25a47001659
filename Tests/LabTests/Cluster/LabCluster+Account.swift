import ChildProcesses
import Foundation
import Testing

/// What an administrator does to the account while the rotator looks elsewhere.
extension LabCluster {
  /// The account's name as the configuration has it, without the domain.
  var accountName: String { layout.account.split(separator: "\\").last.map(String.init) ?? "" }

  private var database: String { "\(lab.state)/dc1/private/sam.ldb" }

  /// Changes the account by the lines of an LDIF modify record.
  func changeAccount(named name: String? = nil, _ lines: String...) async throws {
    try await changeAccount(named: name, lines)
  }

  /// The same for lines that are in an array.
  func changeAccount(named name: String?, _ lines: [String]) async throws {
    let object = try await distinguishedName(of: name ?? accountName)
    try await lab.run(
      "ldbmodify", "-H", database, input: "dn: \(object)\nchangetype: modify\n\(lines.joined(separator: "\n"))\n")
  }

  /// Gives the account another sAMAccountName and another CN.
  func renameAccount(to name: String) async throws {
    try await changeAccount("replace: sAMAccountName", "sAMAccountName: \(name)")
    let object = try await distinguishedName(of: name)
    let parent = object.split(separator: ",", maxSplits: 1).last ?? ""
    try await lab.run("ldbrename", "-H", database, object, "CN=\(name.filter { $0 != "$" }),\(parent)")
  }

  /// Sets a password that nobody here knows.
  func setPasswordElsewhere() async throws {
    try await lab.run(
      "samba-tool", "user", "setpassword", accountName, "--newpassword=Some-Body-Else-\(UUID().uuidString)", "-s",
      "\(lab.state)/dc1/etc/smb.conf", "-H", database)
  }

  private func distinguishedName(of name: String) async throws -> String {
    let output = try await lab.run("ldbsearch", "-H", database, "(sAMAccountName=\(name))", "dn")
    let line = output.split(separator: "\n").first { $0.hasPrefix("dn: ") }
    return String(try #require(line, "\(name) is in the directory").dropFirst("dn: ".count))
  }
}

/// One key of one SPN, as `klist -ekKt` shows it.
struct ShownKey: Hashable, Sendable {
  let version: Int
  let principal: String
  let encryptionType: String
  let key: String

  init?(_ line: Substring) {
    guard let entry = KeytabLine(line), let key = line.split(separator: "(0x").last, line.hasSuffix(")") else { return nil }
    (version, principal, encryptionType) = (entry.version, entry.principal, entry.encryptionType)
    self.key = String(key.dropLast())
  }
}

extension LabCluster {
  /// The AES keys that a keytab holds for the account's SPNs under one kvno.
  func serviceKeys(in keytab: String, under version: Int) async throws -> Set<ShownKey> {
    let output = try await lab.run("klist", "-ekKt", keytab)
    return Set(
      output.split(separator: "\n").compactMap(ShownKey.init).filter { key in
        key.version == version && key.encryptionType.hasPrefix("aes")
          && layout.servicePrincipalNames.contains(key.principal)
      })
  }

  /// The same as the domain controller has them now.
  func directoryKeys(of renamed: String? = nil) async throws -> Set<ShownKey> {
    let path = "\(directory)/exported-\(UUID().uuidString).keytab"
    let exported = try await lab.result(
      of: ["export-keytab", renamed ?? accountName, path] + layout.servicePrincipalNames)
    guard exported.status == 0 else { throw LabFixture.CommandFailure(command: ["export-keytab"], result: exported) }
    return try await serviceKeys(in: path, under: try await directoryVersion(of: renamed))
  }
}
