import ActiveDirectory
import ChildProcesses
import Foundation
import Kerberos
import Logging
import RotationCore

/// What the directory tests need of the lab that `with-lab` made.
enum DirectoryLab {
  static let environment = ProcessInfo.processInfo.environment
  static var isRunning: Bool { environment["ASA_LAB_REALM"] != nil }

  static func value(_ name: String) throws -> String {
    guard let value = environment["ASA_LAB_" + name] else { throw Missing(name: name) }
    return value
  }

  static var realm: Realm { get throws { Realm(try value("REALM")) } }

  static func writer(address: String? = nil, timeout: Duration = .seconds(10)) throws -> ActiveDirectoryClient {
    ActiveDirectoryClient(
      realm: try realm, host: try value("DC_HOST"), address: try address ?? value("DC_ADDRESS"),
      credentials: try credentials, timeout: timeout, logger: Logger(label: "lab"))
  }

  private static var credentials: any InitiatorCredentialSource {
    get throws {
      let principal = try value("ROTATOR_PRINCIPAL").prefix { $0 != "@" }
      return try KerberosClient(
        realm: try realm, kdc: try value("DC_ADDRESS"), principal: String(principal), keytab: try value("ROTATOR_KEYTAB"),
        timeout: .seconds(10))
    }
  }

  /// Runs one of the lab's or of Samba's own tools and gives its output.
  @discardableResult
  static func run(_ tool: String, _ arguments: [String], input: String = "") throws -> String {
    let finished = try FinishedCommand(running: [tool] + arguments, input: input)
    guard finished.status == 0 else { throw ToolFailure(tool: tool, status: finished.status, errors: finished.errors) }
    return finished.output
  }

  struct Missing: Error { let name: String }
  struct ToolFailure: Error {
    let tool: String
    let status: Int32
    let errors: String
  }
}

/// An account of one test's own.
struct LabAccount {
  let name: AccountName
  let servicePrincipalName: ServicePrincipalName
  let kind: DirectoryAccount.Kind

  /// What the rotator is allowed to do to it.
  enum Rights {
    case none
    case resetOnly
    case rotator
  }

  init(_ kind: DirectoryAccount.Kind = .computer, rights: Rights = .rotator, userPrincipalName: String? = nil) throws {
    let label = "asa" + UUID().uuidString.prefix(8).lowercased()
    self.kind = kind
    name = try AccountName("\(DirectoryLab.value("DOMAIN"))\\\(label)\(kind == .computer ? "$" : "")")
    servicePrincipalName = try ServicePrincipalName("http/\(label).\(DirectoryLab.realm.dnsName)")
    try make(userPrincipalName: userPrincipalName)
    switch rights {
    case .none: break
    case .resetOnly: try grant(Self.resetPassword(try Self.rotatorIdentifier()))
    case .rotator:
      let rotator = try Self.rotatorIdentifier()
      try grant(Self.resetPassword(rotator) + "(OA;;WP;bf967919-0de6-11d0-a285-00aa003049e2;;\(rotator))")
    }
  }

  /// The ACE that grants Reset Password.
  static func resetPassword(_ trustee: String) -> String { "(OA;;CR;00299570-246d-11d0-a768-00aa006e0529;;\(trustee))" }

  /// Makes the account, also once more after it has been deleted.
  func make(userPrincipalName: String? = nil) throws {
    let kindOption = kind == .user ? ["--user"] : []
    let principalOption = userPrincipalName.map { ["--upn", $0] } ?? []
    let options = kindOption + principalOption + ["--spn", servicePrincipalName.description]
    try DirectoryLab.run("make-account", [name.samAccountName] + options)
  }

  func delete() throws { try DirectoryLab.run("ldbdel", ["-H", Self.database, distinguishedName]) }

  /// Puts ACEs in front of the account's DACL.
  func grant(_ entries: String) throws {
    try DirectoryLab.run(
      "samba-tool", ["dsacl", "set", "-H", Self.database, "--objectdn", distinguishedName, "--sddl", entries])
  }

  /// Changes the object as the directory's owner would, by the lines of an LDIF modify record.
  func change(_ lines: String) throws {
    try DirectoryLab.run("ldbmodify", ["-H", Self.database], input: "dn: \(distinguishedName)\nchangetype: modify\n\(lines)\n")
  }

  /// An attribute's values in LDIF, unfolded: `name: text` or `name:: base64`.
  func line(of attribute: String) throws -> String {
    let output = try DirectoryLab.run("ldbsearch", ["-H", Self.database, "-s", "base", "-b", distinguishedName, attribute])
    let lines = output.replacing("\n ", with: "").split(separator: "\n")
    return lines.first { $0.hasPrefix(attribute + ":") }.map(String.init) ?? ""
  }

  private static var database: String {
    get throws { try DirectoryLab.value("STATE") + "/dc1/private/sam.ldb" }
  }

  static func rotatorIdentifier() throws -> String {
    let output = try DirectoryLab.run("ldbsearch", ["-H", database, "(sAMAccountName=svc-asa-rotator)", "objectSid"])
    let line = output.split(separator: "\n").first { $0.hasPrefix("objectSid: ") }
    return line.map { String($0.dropFirst("objectSid: ".count)) } ?? ""
  }

  var distinguishedName: String {
    get throws {
      let label = name.samAccountName.filter { $0 != "$" }
      let domain = try DirectoryLab.realm.dnsName.split(separator: ".").map { "DC=\($0)" }.joined(separator: ",")
      return "CN=\(label),CN=\(kind == .computer ? "Computers" : "Users"),\(domain)"
    }
  }

  func query(bound: UUID? = nil, name other: AccountName? = nil, spns: [ServicePrincipalName]? = nil) -> AccountQuery {
    AccountQuery(
      name: other ?? name, objectGUID: bound, servicePrincipalNames: spns ?? [servicePrincipalName],
      stampAttribute: "adminDescription")
  }

  /// The query bound to the account's objectGUID.
  func boundQuery(over writer: ActiveDirectoryClient) async throws -> AccountQuery {
    query(bound: try await writer.readAccount(query()).objectGUID)
  }
}
