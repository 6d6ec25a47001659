package import AgentProtocol
package import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
package import Logging
import NIOCore
package import RotationCore

/// The rotator's side of the agent protocol: a gRPC server over mutual TLS, and the fleet of agents that have dialled in.
package final class AgentService: NodeFleet {
  /// Everything that nodes do, in order, for one consumer. Ends when the service stops.
  package let events: AsyncStream<NodeEvent>

  private let nodes: AttachedNodes
  private let credentials: CredentialsInForce
  private let watch: CertificateWatch
  private let transport: HTTP2ServerTransport.Posix
  private let server: GRPCServer<HTTP2ServerTransport.Posix>
  private let address: String

  /// Checks the certificate files and prepares the server; nothing listens before ``run()``.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` naming the option and the file.
  package init(_ configuration: AgentServiceConfiguration, identity: StoreIdentity, logger: Logger) throws(OperatorFault) {
    try Self.requireFew(configuration.nodes.count)
    let credentials = CredentialsInForce(try ServerCredentials(configuration.files, now: Date()))
    let nodes = AttachedNodes(configuration, credentials: credentials, identity: identity, logger: logger)
    self.nodes = nodes
    self.credentials = credentials
    watch = CertificateWatch(credentials, nodes: nodes, interval: configuration.timing.certificateFiles, logger: logger)
    address = "agents.listen \(configuration.host):\(configuration.port)"
    transport = try HTTP2ServerTransport.Posix(configuration, credentials: credentials) { nodes.refused(name: $0, $1) }
    server = GRPCServer(transport: transport, services: [AgentLink(nodes: nodes, timing: configuration.timing)])
    events = AsyncStream { await nodes.events.next() }
  }

  /// Binds the address and serves agents until the task is cancelled; every stream has ended when it returns. Once only.
  ///
  /// - Throws: ``OperatorFault`` of kind `.unavailable` if the address is in use, `.permission` or `.configuration` if it cannot be
  ///   bound for another reason.
  package func run() async throws(OperatorFault) {
    defer { nodes.events.close() }
    // Ends with this scope.
    async let _: Void = watch.run()
    do {
      try await server.serve()
    } catch {
      guard Task.isCancelled else { throw Self.bindFault(error, address: address) }
    }
  }

  /// Accepts no more connections and asks agents to leave; returns a moment later, when those accepted just before have been taken up.
  ///
  /// To be awaited before ``run()`` is cancelled. A connection that comes in while the server is being cancelled would end the process
  /// (apple/swift-nio#2637), and a node that hangs holds that open for seconds, in which every other one dials again.
  package func stopListening() async {
    server.beginGracefulShutdown()
    try? await Task.sleep(for: Self.takeUp)
  }

  private static let takeUp: Duration = .milliseconds(200)

  /// The TCP port that the service listens on. Waits until ``run()`` has bound it.
  ///
  /// - Throws: ``OperatorFault`` of kind `.unavailable` if the address could not be bound, or the service has stopped.
  package var listeningPort: Int {
    get async throws(OperatorFault) {
      let bound = try? await transport.listeningAddress
      guard let port = bound?.ipv4?.port ?? bound?.ipv6?.port else {
        throw OperatorFault(.unavailable, address, "is not listened on")
      }
      return port
    }
  }

  /// Sends an order; the answer arrives as ``NodeEvent/reported(_:_:)``. While the stream is busy the newest order of an account
  /// replaces the one that waits. A node that is not attached gets nothing.
  package func send(_ order: SlotOrder, to node: NodeName) async {
    nodes.session(of: node)?.send(.order(order))
  }

  /// Hands an AP-REQ to a node, which accepts it with its *installed* keytab; as a trial it takes no note of it.
  package func prove(
    _ request: [UInt8], for servicePrincipalName: ServicePrincipalName, of account: AccountName, on node: NodeName,
    isTrial: Bool, timeout: Duration
  ) async -> ProofAnswer {
    guard let session = nodes.session(of: node) else {
      return Self.failure(node, "is not attached", remedy: "start its agent, and look at the agent's journal")
    }
    let proof = AcceptanceProof(
      id: session.proofs.makeID(), account: account, servicePrincipalName: servicePrincipalName, request: request,
      isTrial: isTrial)
    let unanswered = OperatorFault(
      .unavailable, "node \(node)", "did not answer within \(timeout)", remedy: "look at the agent's journal")
    return await withTaskGroup(of: ProofAnswer?.self) { group in
      group.addTask { await session.proofs.answer(to: proof.id, unanswered: unanswered) { session.send(.proof(proof)) } }
      group.addTask {
        try? await Task.sleep(for: timeout)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next().flatMap { $0 } ?? ProofAnswer(outcome: .failure(unanswered), rotation: nil)
    }
  }

  /// Tells a node that its consumers may load the keys that they lack.
  package func grantConsumerTurn(to node: NodeName, drains: Bool) async {
    nodes.session(of: node)?.send(.consumerTurn(drains: drains))
  }

  /// Tells a node that a rotation goes on without it.
  package func leaveBehind(_ node: NodeName, account: AccountName) async {
    nodes.session(of: node)?.send(.leftBehind(account))
  }

  /// Has a node destroy every key of these accounts.
  package func decommission(_ node: NodeName, accounts: [AccountName]) async {
    nodes.session(of: node)?.send(.decommission(accounts))
  }

  /// Has a node destroy every key of these accounts and go on without them, until an order brings some again.
  package func removeKeys(of accounts: [AccountName], from node: NodeName) async {
    nodes.session(of: node)?.send(.removeKeys(accounts))
  }

  /// Cuts the node's live stream and refuses every certificate of that name issued up to now. The caller makes it durable: a
  /// ``NodeRecord`` with `revokedAt` set and no `installation`.
  package func revoke(_ node: NodeName, at instant: Date) async { nodes.revoke(node, at: instant) }

  /// When the first certificate of the rotator's own chain expires.
  package var certificateNotAfter: Date { credentials.notAfter }

  private static func requireFew(_ nodes: Int) throws(OperatorFault) {
    guard nodes <= AgentServiceConfiguration.maximumNodes else {
      throw OperatorFault(
        .configuration, "arrays", "name \(nodes) nodes, more than \(AgentServiceConfiguration.maximumNodes)",
        remedy: "run another rotator for some of the accounts")
    }
  }

  private static func failure(_ node: NodeName, _ problem: String, remedy: String) -> ProofAnswer {
    ProofAnswer(outcome: .failure(OperatorFault(.unavailable, "node \(node)", problem, remedy: remedy)), rotation: nil)
  }

  private static func bindFault(_ error: any Error, address: String) -> OperatorFault {
    guard let cause = (error as? RuntimeError)?.cause as? IOError else {
      return OperatorFault(.system, address, "cannot be served: \(error)")
    }
    switch cause.errnoCode {
    case EADDRINUSE:
      return OperatorFault(
        .unavailable, address, "is in use by another process", remedy: "find it with `ss -ltnp`, or change agents.listen")
    case EACCES, EPERM:
      return OperatorFault(.permission, address, "may not be bound by this user", remedy: "use a port above 1023")
    case EADDRNOTAVAIL:
      // It may come up later: a virtual address, DHCP, duplicate address detection.
      return OperatorFault(
        .unavailable, address, "is no address of this host now", remedy: "wait for it, or change agents.listen")
    default:
      return OperatorFault(
        .configuration, address, "cannot be bound: \(String(cString: strerror(cause.errnoCode)))",
        remedy: "set agents.listen to an address of this host")
    }
  }
}

extension AgentService {
  /// Reads and checks everything that ``apply(_:)`` will put into force. Changes nothing.
  ///
  /// - Parameters:
  ///   - bindings: The configured nodes and the accounts that each holds.
  ///   - certificate: The path of the rotator's certificate chain (PEM, leaf first).
  ///   - privateKey: The path of its private key (PEM, readable by its owner alone).
  ///   - certificateAuthority: The path of the CA certificates that node certificates chain to (PEM).
  /// - Throws: ``OperatorFault`` of kind `.configuration` naming the option and the file.
  package func prepare(
    bindings: [NodeName: [AccountBinding]], certificate: String, privateKey: String, certificateAuthority: String
  ) throws(OperatorFault) -> PreparedAgentConfiguration {
    try Self.requireFew(bindings.count)
    let files = CertificateFiles(
      certificate: certificate, privateKey: privateKey, certificateAuthority: certificateAuthority)
    return PreparedAgentConfiguration(bindings: bindings, credentials: try ServerCredentials(files, now: Date()))
  }

  /// Puts a prepared configuration into force; it cannot fail. Certificates count for connections made from now on. Streams of nodes
  /// that are configured no longer end and are refused from then on, those of nodes with other accounts end so that the agent dials in
  /// again, and under other authorities those end whose certificate does not chain to them. All others live on.
  package func apply(_ prepared: PreparedAgentConfiguration) async {
    let hasOtherAuthorities = credentials.replace(prepared.credentials)
    nodes.rebind(prepared.bindings)
    if hasOtherAuthorities { await nodes.reverify() }
  }
}
