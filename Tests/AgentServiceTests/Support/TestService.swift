import AgentProtocol
import AgentService
import Foundation
import Logging
import RotationCore
import SecretMemory
import X509

/// A service on a loopback port, with its CA and its events.
struct TestService {
  static let node = "cas-1.lab.example"
  static let account = "LAB\\EXCH2016ASA$"

  let service: AgentService
  let authority: TestAuthority
  let port: Int
  let events: EventProbe
  /// What the service was started with; its files are in ``directory``.
  let configuration: AgentServiceConfiguration
  let directory: TestDirectory

  /// Runs a service while `body` runs.
  static func run(
    authority: TestAuthority, records: [NodeRecord] = [], timing: AgentServiceTiming = AgentServiceTiming(),
    connections: Int = 100, logger: Logger = quietLogger, _ body: (TestService) async throws -> Void
  ) async throws {
    let directory = try TestDirectory()
    var configuration = try configuration(in: directory, authority: authority)
    configuration.records = Dictionary(uniqueKeysWithValues: records.map { ($0.node, $0) })
    configuration.timing = timing
    configuration.connections = connections
    let service = try AgentService(configuration, identity: identity, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      let port = try await service.listeningPort
      try await body(
        TestService(
          service: service, authority: authority, port: port, events: EventProbe(service.events),
          configuration: configuration, directory: directory))
      group.cancelAll()
    }
  }

  static func run(_ body: (TestService) async throws -> Void) async throws {
    try await run(authority: TestAuthority(), body)
  }

  /// Reloads the service as its configuration would be after `edit`.
  func reconfigure(_ edit: (inout AgentServiceConfiguration) throws -> Void) async throws {
    var configuration = configuration
    try edit(&configuration)
    await service.apply(
      try service.prepare(
        bindings: configuration.nodes, certificate: configuration.certificate, privateKey: configuration.privateKey,
        certificateAuthority: configuration.certificateAuthority))
  }

  static let identity = StoreIdentity(rotator: .make(), fingerprintSecret: .random(count: 32))

  static var quietLogger: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
  }

  static func configuration(in directory: TestDirectory, authority: TestAuthority) throws -> AgentServiceConfiguration {
    let server = try authority.issue(["rotator.lab.example"], usage: .server)
    let binding = AccountBinding(
      account: try AccountName(account), realm: Realm("LAB.EXAMPLE"),
      servicePrincipalNames: [try ServicePrincipalName("http/mail.lab.example")])
    return AgentServiceConfiguration(
      host: "127.0.0.1", port: 0,
      certificate: try directory.write("server.pem", server.certificatePEM),
      privateKey: try directory.write("server.key", server.keyPEM),
      certificateAuthority: try directory.write("ca.pem", authority.certificatePEM),
      nodes: [try NodeName(node): [binding], try NodeName("cas-2.lab.example"): [binding]], records: [:])
  }
}

/// Takes a service's events one by one.
final class EventProbe {
  private var iterator: AsyncStream<NodeEvent>.Iterator

  init(_ events: AsyncStream<NodeEvent>) { iterator = events.makeAsyncIterator() }

  /// Skips events until one matches.
  func first<Value>(_ match: (NodeEvent) -> Value?) async throws -> Value {
    while let event = await iterator.next() {
      if let value = match(event) { return value }
    }
    throw OperatorFault(.software, "test", "the events ended")
  }

  func attachment() async throws -> NodeAttachment {
    try await first { if case .attached(let attachment) = $0 { attachment } else { nil } }
  }

  func detachment() async throws -> String {
    try await first { if case .detached(_, let reason) = $0 { reason } else { nil } }
  }

  func report() async throws -> NodeReport {
    try await first { if case .reported(_, let report) = $0 { report } else { nil } }
  }

  func refusal() async throws -> (name: String, fault: OperatorFault) {
    try await first { if case .refused(let name, let fault) = $0 { (name, fault) } else { nil } }
  }
}
