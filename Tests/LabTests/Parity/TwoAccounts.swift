import ChildProcesses
import Foundation
import Testing

/// Two accounts under one rotator: the first on two arrays, `mail` and `web`, the second on the array `files`.
struct TwoAccounts: Sendable {
  /// What the cluster's own helpers take for its account.
  let first: LabCluster.Layout
  let second: String
  let secondName: String
  let secondNode: String

  /// - Parameter host: What accounts, nodes and SPNs are named after.
  init(_ host: String) {
    secondName = "\(host.uppercased())B$"
    second = "LAB\\\(secondName)"
    secondNode = "\(host)b-1.lab.example"
    first = LabCluster.Layout(
      account: "LAB\\\(host.uppercased())A$", servicePrincipalNames: ["http/\(host)a.lab.example"],
      nodes: (1...3).map { "\(host)a-\($0).lab.example" } + [secondNode], hasFaultHooks: true)
    secondServicePrincipalName = "http/\(host)b.lab.example"
  }

  let secondServicePrincipalName: String

  /// The nodes of the first account.
  var nodes: [String] { Array(first.nodes.prefix(3)) }

  func with(_ body: (LabCluster) async throws -> Void) async throws {
    try await LabCluster.with(first, prepare: prepare, body)
  }

  private func prepare(_ cluster: LabCluster) async throws {
    try await cluster.prepare(accountOptions: [], keytabs: true)
    try await cluster.lab.run("make-account", secondName, "--spn", secondServicePrincipalName)
    try await cluster.lab.run(
      "make-rotator", "svc-asa-rotator", "--for", secondName, "--keytab", "\(cluster.directory)/rotator.keytab")
    try FileManager.default.removeItem(atPath: cluster.keytab(of: secondNode))
    try await cluster.lab.run(
      "export-keytab", secondName, cluster.keytab(of: secondNode), secondServicePrincipalName)
    try cluster.edit("\(secondNode).yaml") { $0.replacing(first.account, with: second) }
    try cluster.edit("rotator.yaml") { text in
      text.replacing("    arrays: [mail]\n", with: "    arrays: [mail, web]\n")
        .replacing("arrays:\n  - name: mail\n    nodes: [\(first.nodes.joined(separator: ", "))]\n", with: arrays(cluster))
    }
  }

  private func arrays(_ cluster: LabCluster) -> String {
    """
      - name: \(second)
        realm: \(cluster.lab.realm)
        servicePrincipalNames: [\(secondServicePrincipalName)]
        arrays: [files]
        policy: { every: 30d }
    arrays:
      - { name: mail, nodes: [\(nodes[0]), \(nodes[1])] }
      - { name: web, nodes: [\(nodes[2])] }
      - { name: files, nodes: [\(secondNode)] }

    """
  }

  /// The kvnos of both accounts, as an administrator reads them over LDAP.
  func versions(in cluster: LabCluster) async throws -> [Int] {
    [
      try await cluster.ldapEntry(of: cluster.accountName).version, try await cluster.ldapEntry(of: secondName).version,
    ]
  }
}

extension LabCluster {
  /// What the directory says of an account.
  struct AccountEntry: Equatable, Sendable {
    let version: Int
    let attributes: [String: [String]]
  }

  /// An account as an administrator reads it with `ldapsearch`.
  func ldapEntry(of name: String, _ attributes: String...) async throws -> AccountEntry {
    let cache = "\(directory)/administrator.ccache"
    if !FileManager.default.fileExists(atPath: cache) {
      try await lab.run(
        "kinit", "Administrator@\(lab.realm)", input: lab.administratorPassword + "\n",
        environment: ["KRB5CCNAME": "FILE:\(cache)"])
    }
    let base = lab.dnsDomain.split(separator: ".").map { "DC=\($0)" }.joined(separator: ",")
    let output = try await lab.run(
      [
        "ldapsearch", "-LLL", "-Q", "-o", "ldif-wrap=no", "-Y", "GSSAPI", "-H", "ldap://\(lab.controllerHost)", "-b", base,
        "(sAMAccountName=\(name))", "msDS-KeyVersionNumber",
      ] + attributes, environment: ["KRB5CCNAME": "FILE:\(cache)"])
    var values: [String: [String]] = [:]
    for line in output.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      values[String(line[..<colon]), default: []].append(line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    return AccountEntry(
      version: try #require(values["msDS-KeyVersionNumber"]?.first.flatMap { Int($0) }), attributes: values)
  }
}
