import ChildProcesses
import Foundation
import Testing

/// The administrator of the lab's domain, signed on with kinit: `asactl` as he runs it, and the tools that he checks it with.
struct LabAdministrator: Sendable {
  let lab: LabFixture
  let directory: String
  private var environment: [String: String] { ["KRB5CCNAME": "FILE:\(directory)/administrator-ticket"] }

  /// Signs on.
  static func signedOn() async throws -> LabAdministrator {
    let lab = try #require(LabFixture.current)
    let directory = "\(lab.state)/administrator-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let administrator = LabAdministrator(lab: lab, directory: directory)
    try await lab.run(
      "kinit", "Administrator@\(lab.realm)", input: lab.administratorPassword + "\n", environment: administrator.environment)
    return administrator
  }

  /// Runs `asactl` without a configuration, against the first domain controller.
  func asactl(_ arguments: String...) async throws -> LabFixture.CommandResult { try await asactl(arguments) }

  /// The same for words in an array.
  func asactl(_ arguments: [String]) async throws -> LabFixture.CommandResult {
    try await run(arguments + ["--realm", lab.realm, "--dc", "\(lab.controllerHost)=\(lab.controllerAddress)"])
  }

  /// Runs `asactl` with a cluster's configuration and, where the command asks the rotator too, its sockets.
  func asactl(
    for cluster: LabCluster, _ arguments: String..., sockets: Bool = false
  ) async throws -> LabFixture.CommandResult {
    let connection = sockets ? ["--socket-directory", "\(cluster.directory)/run"] : []
    return try await run(arguments + ["--config", "\(cluster.directory)/rotator.yaml"] + connection)
  }

  private func run(_ arguments: [String]) async throws -> LabFixture.CommandResult {
    try await lab.result(of: ["\(LabCluster.programs)/asactl"] + arguments, environment: environment)
  }

  /// What a tool of somebody else prints.
  @discardableResult
  func run(_ command: String..., input: String = "") async throws -> String {
    try await lab.run(command, input: input, environment: environment)
  }

  var domain: String { lab.dnsDomain.split(separator: ".").map { "DC=\($0)" }.joined(separator: ",") }

  /// The database of a domain controller, for Samba's own tools.
  func database(of controller: String = "dc1") -> String { "\(lab.state)/\(controller)/private/sam.ldb" }

  /// An account's attributes as ldapsearch shows them: name to values; empty if there is none.
  func entry(_ name: String, on host: String? = nil, _ attributes: String...) async throws -> [String: [String]] {
    let output = try await lab.run(
      [
        "ldapsearch", "-LLL", "-Q", "-o", "ldif-wrap=no", "-Y", "GSSAPI", "-H", "ldap://\(host ?? lab.controllerHost)", "-b",
        domain, "(sAMAccountName=\(name))",
      ] + attributes, environment: environment)
    var values: [String: [String]] = [:]
    for line in output.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2 { values[parts[0], default: []].append(parts[1]) }
    }
    return values
  }

  /// The SPNs of an account, as `samba-tool spn list` shows them.
  func names(of account: String) async throws -> [String] {
    let output = try await lab.run("samba-tool", "spn", "list", account, "-H", database())
    return output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.contains("/") }.sorted()
  }

  /// The entries of an object's DACL, as `samba-tool dsacl get` shows them, in their order.
  func permissions(of distinguishedName: String) async throws -> [String] {
    let output = try await lab.run("samba-tool", "dsacl", "get", "-H", database(), "--objectdn=\(distinguishedName)")
    let line = output.split(separator: "\n").first { $0.hasPrefix("O:") }.map(String.init) ?? ""
    return line.matches(of: /\([^)]*\)/).map { String($0.output) }
  }

  /// The SID of an account.
  func identifier(of account: String) async throws -> String {
    let output = try await lab.run("ldbsearch", "-H", database(), "(sAMAccountName=\(account))", "objectSid")
    let line = output.split(separator: "\n").first { $0.hasPrefix("objectSid: ") }
    return String(try #require(line, "\(account) has a SID").dropFirst("objectSid: ".count))
  }

  /// Signs the rotator on, and runs a tool of somebody else as it.
  func asRotator(_ command: [String], input: String = "") async throws -> LabFixture.CommandResult {
    let cache = ["KRB5CCNAME": "FILE:\(directory)/rotator-ticket"]
    try await lab.run("kinit", "-k", "-t", lab.rotatorKeytab, lab.rotatorPrincipal, environment: cache)
    return try await lab.result(of: command, input: input, environment: cache)
  }
}
