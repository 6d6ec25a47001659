import AgentProtocol
import AgentService
import Configuration
import Foundation
import Logging
import NodeAgent
import RotationCore
import RotationTestSupport
import SecretMemory
import X509

/// The rotator's service on a loopback port, and its events one by one.
final class Rotator {
  let service: AgentService
  let port: Int
  private var events: AsyncStream<NodeEvent>.Iterator

  private init(_ service: AgentService, port: Int) {
    self.service = service
    self.port = port
    events = service.events.makeAsyncIterator()
  }

  /// Runs a service for `cas-1.lab.example` while `body` runs.
  static func run(authority: TestAuthority, _ body: (Rotator) async throws -> Void) async throws {
    let directory = try TestDirectory()
    let server = try authority.issue(["rotator.lab.example"], for: [.serverAuth])
    let binding = AccountBinding(
      account: try Samples.account, realm: Samples.realm, servicePrincipalNames: [try Samples.mail])
    let configuration = AgentServiceConfiguration(
      host: "127.0.0.1", port: 0, certificate: try directory.write("server.pem", server.certificate),
      privateKey: try directory.write("server.key", server.key),
      certificateAuthority: try directory.write("ca.pem", authority.pem),
      nodes: [try NodeName("cas-1.lab.example"): [binding]], records: [:])
    let service = try AgentService(
      configuration, identity: StoreIdentity(rotator: .make(), fingerprintSecret: Samples.secret),
      logger: TestNode.quietLogger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      try await body(Rotator(service, port: try await service.listeningPort))
      group.cancelAll()
    }
  }

  /// A node that is configured for this rotator.
  func node(from authority: TestAuthority, name: String = "cas-1.lab.example") throws -> TestNode {
    var node = try TestNode()
    node.configuration.rotators[0].port = port
    try node.equip(from: authority, names: [name])
    return node
  }

  /// Keeps a node linked while `body` runs.
  func whileLinked(_ node: TestNode, _ body: () async throws -> Void) async throws {
    let dialler = try await Self.dialler(node)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { _ = await dialler.dial { _ in } }
      try await body()
      group.cancelAll()
    }
  }

  /// Dials once; for links that end by themselves.
  func dial(_ node: TestNode) async throws -> LinkEnd { try await Self.dialler(node).dial { _ in } }

  /// Dials another port once.
  static func dial(_ node: TestNode, port: Int) async throws -> LinkEnd {
    var node = node
    node.configuration.rotators[0].port = port
    return try await dialler(node).dial { _ in }
  }

  private static func dialler(_ node: TestNode) async throws -> RotatorDialler {
    let directory = try node.state()
    let keeper = SlotKeeper(node.configuration, directory: directory, journal: TestNode.quietJournal)
    try await keeper.start()
    return RotatorDialler(
      node.configuration, to: node.configuration.rotators[0], installation: directory.installation, keeper: keeper)
  }

  /// Skips events until one matches.
  func first<Value>(_ match: (NodeEvent) -> Value?) async throws -> Value {
    while let event = await events.next() {
      if let value = match(event) { return value }
    }
    throw OperatorFault(.software, "test", "the events ended")
  }

  func attachment() async throws -> NodeAttachment {
    try await first { if case .attached(let attachment) = $0 { attachment } else { nil } }
  }

  func report() async throws -> NodeReport {
    try await first { if case .reported(_, let report) = $0 { report } else { nil } }
  }
}
