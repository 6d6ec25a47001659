import ChildProcesses
import Configuration
import Foundation
import RotationCore
import Testing

/// One of `config/examples`, run by the built programs against the lab's domain controllers. Of its files only what belongs to one machine is
/// changed: the paths, the port, and in a node's file its name and the account of its array.
struct ExampleCluster: Sendable {
  let cluster: LabCluster
  /// What the example's `rotator.yaml` says.
  let rotator: RotatorConfiguration
  /// What its `agent.yaml` says, for the node that it is written for.
  let agent: AgentConfiguration
  private let example: String

  private init(_ example: String, in cluster: LabCluster) throws {
    self.example = example
    self.cluster = cluster
    rotator = try RotatorConfiguration.load(path: Self.path(of: "rotator.yaml", in: example))
    agent = try AgentConfiguration.load(path: Self.path(of: "agent.yaml", in: example))
  }

  /// Makes the accounts in their realms, the rotator's principals, and all files; runs `body`; ends every process and removes the accounts.
  ///
  /// - Parameter keytabs: Whether the nodes have keytabs of the accounts' present keys.
  static func with(_ example: String, keytabs: Bool = false, _ body: (ExampleCluster) async throws -> Void) async throws {
    let rotator = try RotatorConfiguration.load(path: path(of: "rotator.yaml", in: example))
    let nodes = Set(rotator.arrays.flatMap(\.nodes)).sorted().map(\.description)
    let layout = LabCluster.Layout(account: "", servicePrincipalNames: [], nodes: nodes, hasFaultHooks: true)
    do {
      try await LabCluster.with(
        layout, prepare: { try await ExampleCluster(example, in: $0).prepare(keytabs: keytabs) },
        { try await body(ExampleCluster(example, in: $0)) })
    } catch {
      try? await removeAccounts(of: rotator)
      throw error
    }
    try await removeAccounts(of: rotator)
  }

  var lab: LabFixture { cluster.lab }

  /// The accounts that a node holds.
  func accounts(of node: String) -> [AccountConfiguration] {
    let arrays = rotator.arrays.filter { $0.nodes.map(\.description).contains(node) }.map(\.name)
    return rotator.accounts.filter { !Set($0.arrays).isDisjoint(with: arrays) }
  }

  /// The nodes that hold an account.
  func nodes(of account: AccountConfiguration) -> [String] {
    cluster.layout.nodes.filter { node in accounts(of: node).contains { $0.name == account.name } }
  }

  /// The realm that an account lives in.
  func realm(of account: AccountConfiguration) throws -> LabRealm { try Self.realm(of: account, in: lab) }

  /// The one keytab of a node.
  func keytab(of node: String) -> String { onNode(agent.keytabs[0].path, node) }

  /// Starts everything, and returns when every node has reported.
  func startAll() async throws {
    try await cluster.startRotator()
    for node in cluster.layout.nodes { try await cluster.startAgent(node) }
    try await waitUntilReported()
  }

  /// Waits until every node is attached and has reported on each account that the rotator says it holds.
  func waitUntilReported() async throws {
    try await cluster.waitUntil("every node has reported on each account") {
      let accounts = try await cluster.json("status")["accounts"]?.array ?? []
      return accounts.flatMap { $0["nodes"]?.array ?? [] }.allSatisfy { node in
        node["connection"]?.string == "attached" && node["keytabs"]?.array?.isEmpty == false
      }
    }
  }
}

// MARK: - The files of the example

extension ExampleCluster {
  private static func path(of file: String, in example: String) -> String {
    var root = URL(filePath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.appending(path: "config/examples/\(example)/\(file)").path
  }

  private func text(of file: String) throws -> String {
    try String(contentsOfFile: Self.path(of: file, in: example), encoding: .utf8)
  }

  /// The rotator's paths on this machine.
  private func onRotator(_ text: String) -> String {
    let directory = cluster.directory
    return text.replacing("/etc/asa-rotator/pki/", with: "\(directory)/rotator-pki/")
      .replacing("/etc/asa-rotator/", with: "\(directory)/")
      .replacing("/var/lib/asa-rotator", with: "\(directory)/store")
      .replacing("/run/asa-rotator", with: "\(directory)/run")
  }

  /// A node's paths on this machine.
  private func onNode(_ text: String, _ node: String) -> String {
    let directory = cluster.directory
    return text.replacing("/etc/asa-agent/pki/", with: "\(directory)/\(node)-pki/")
      .replacing("/var/lib/asa-agent", with: "\(directory)/\(node)/state")
      .replacing("/run/asa-agent/in-service", with: "\(directory)/\(node)/ready")
      .replacing("/etc/keytabs/", with: "\(directory)/\(node)/keytabs/")
  }

  private func writeRotatorConfiguration() throws {
    let text = onRotator(try text(of: "rotator.yaml")).replacing(":7749", with: ":\(cluster.port)")
    try cluster.writePrivate(text, to: "\(cluster.directory)/rotator.yaml")
  }

  private func writeAgentConfiguration(_ node: String) throws {
    var text = onNode(try text(of: "agent.yaml"), node).replacing(":7749", with: ":\(cluster.port)")
      .replacing("node: \(agent.node)", with: "node: \(node)")
    for (written, own) in zip(accounts(of: agent.node.description), accounts(of: node)) {
      text = text.replacing(written.name.description, with: own.name.description)
    }
    try cluster.writePrivate(text, to: "\(cluster.directory)/\(node).yaml")
  }
}

// MARK: - What an administrator makes by hand

extension ExampleCluster {
  private func prepare(keytabs: Bool) async throws {
    for account in rotator.accounts { try await make(account) }
    try await lab.run("replication", "force", "dc1", "dc2")
    try await cluster.makeCertificates()
    try cluster.makeStoreKey()
    try writeRotatorConfiguration()
    for node in cluster.layout.nodes {
      try FileManager.default.createDirectory(
        atPath: "\(cluster.directory)/\(node)/keytabs", withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      if keytabs { try await export(to: keytab(of: node), accounts(of: node)) }
      try writeAgentConfiguration(node)
    }
  }

  /// The account with its SPNs, and the principal of its realm with the two rights on it.
  private func make(_ account: AccountConfiguration) async throws {
    let directory = try #require(rotator.directories.first { $0.realm == account.realm })
    let (realm, keytab) = (try realm(of: account), onRotator(directory.keytab))
    let name = account.name.samAccountName
    try await lab.run(realm.prefix + ["make-account", name] + account.servicePrincipalNames.flatMap { ["--spn", "\($0)"] })
    try? FileManager.default.removeItem(atPath: keytab)
    try await lab.run(realm.prefix + ["make-rotator", directory.principal, "--for", name, "--keytab", keytab])
  }

  private func export(to keytab: String, _ accounts: [AccountConfiguration]) async throws {
    for account in accounts {
      try await lab.run(
        try realm(of: account).prefix + ["export-keytab", account.name.samAccountName, keytab]
          + account.servicePrincipalNames.map(\.description))
    }
  }

  private static func realm(of account: AccountConfiguration, in lab: LabFixture) throws -> LabRealm {
    try #require(lab.realms.first { $0.name == account.realm.description })
  }

  /// Takes the accounts away: the next example has accounts of its own for the same names.
  private static func removeAccounts(of rotator: RotatorConfiguration) async throws {
    let lab = try #require(LabFixture.current)
    for account in rotator.accounts {
      let realm = try realm(of: account, in: lab)
      let name = account.name.samAccountName.filter { $0 != "$" }
      try await lab.run("ldbdel", "-H", realm.database, "CN=\(name),CN=Computers,\(realm.base)")
    }
  }
}
