import AgentProtocol
import Foundation
import GRPCCore
import Logging
import RotationCore
import Synchronization
import X509

/// The live state of all nodes: the registry's decisions carried out, with every event published in the order in which it became true.
final class AttachedNodes: Sendable {
  struct State {
    var registry: NodeRegistry
    var bindings: [NodeName: [AccountBinding]]
    var sessions: [NodeRegistry.StreamID: AgentSession] = [:]
    var lastStream: NodeRegistry.StreamID = 0
    var strangers: TokenBucket
  }

  /// Everything that happens, for the one consumer.
  let events = Mailbox(NodeEventQueue())
  let state: Mutex<State>
  let credentials: CredentialsInForce
  private let identity: StoreIdentity
  private let logger: Logger

  init(
    _ configuration: AgentServiceConfiguration, credentials: CredentialsInForce, identity: StoreIdentity, logger: Logger
  ) {
    self.credentials = credentials
    self.identity = identity
    self.logger = logger
    let registry = NodeRegistry(nodes: configuration.nodes.keys, records: configuration.records)
    // One refusal a second, after a burst: whoever can reach the port can cause these, and each is recorded.
    state = Mutex(
      State(
        registry: registry, bindings: configuration.nodes, strangers: TokenBucket(capacity: 60, perSecond: 1, now: .now)))
  }

  /// A session for a stream whose certificate names a node that may attach, and chains to an authority that counts now: the connection
  /// may be older than the last change of authorities.
  ///
  /// - Throws: ``LinkRefusal`` if it does not chain, or the node is unknown or its certificate revoked.
  func openSession(chain: [Certificate]) async throws(LinkRefusal) -> AgentSession {
    let certificate = try NodeCertificate(chain: chain, now: Date())
    let trust = credentials.trust
    _ = try await NodeChainVerifier.validatedChain(of: chain, under: trust.authorities)
    let (refusal, id) = state.withLock { state in
      state.lastStream += 1
      return (state.registry.refusal(of: certificate.node, issued: certificate.issued), state.lastStream)
    }
    if let refusal { throw refusal }
    return AgentSession(id: id, certificate: certificate, trustGeneration: trust.generation)
  }

  /// The agent behind `session` proved who it is: lets it in, in the place of its older stream.
  ///
  /// - Throws: ``LinkRefusal`` as the registry decides.
  func admit(_ session: AgentSession, installation: String, agentVersion: String) throws(LinkRefusal) {
    let decision = state.withLock { state -> Result<AgentSession?, LinkRefusal> in
      Result { () throws(LinkRefusal) in
        guard session.trustGeneration == credentials.trust.generation else { throw Self.outdatedTrust(session.node) }
        let replaced = try state.registry.agentProvedItself(
          as: session.node, installation: installation, issued: session.certificate.issued, stream: session.id)
        let old = replaced.flatMap { state.sessions.removeValue(forKey: $0) }
        state.sessions[session.id] = session
        if old != nil { publish(.detached(session.node, reason: Self.replacedReason)) }
        session.admit(with: welcome(to: state.bindings[session.node] ?? []))
        publish(.attached(attachment(of: session, installation: installation, agentVersion: agentVersion)))
        return old
      }
    }
    let replaced = try decision.get()
    logger.notice("\(session.node) attached", metadata: ["node": "\(session.node)", "installation": "\(installation)"])
    replaced?.cut(
      LinkRefusal(.aborted, OperatorFault(.unavailable, "stream of node \(session.node)", Self.replacedReason)))
  }

  /// The session that speaks for the node.
  func session(of node: NodeName) -> AgentSession? {
    state.withLock { state in state.registry.liveStream(of: node).flatMap { state.sessions[$0] } }
  }

  /// Publishes what a node said, unless its stream no longer speaks for it. `false` if too much of that node waits already.
  func publish(_ event: NodeEvent, from session: AgentSession) -> Bool {
    state.withLock { state in
      guard state.registry.isLive(session.id, of: session.node) else { return true }
      return publish(event)
    }
  }

  /// A stream ended, whether or not it had been let in.
  func sessionEnded(_ session: AgentSession, reason: String) {
    session.proofs.end(OperatorFault(.unavailable, "node \(session.node)", reason, remedy: "wait until it has attached again"))
    let wasLive = state.withLock { state in
      state.sessions[session.id] = nil
      guard state.registry.streamEnded(session.id, of: session.node) else { return false }
      return publish(.detached(session.node, reason: reason))
    }
    if wasLive {
      logger.notice("\(session.node) detached: \(reason)", metadata: ["node": "\(session.node)", "reason": "\(reason)"])
    }
  }

  /// A connection was refused. Beyond what anybody could want to read, such events are dropped.
  func refused(name: String, _ fault: OperatorFault) {
    let isRecorded = state.withLock { state in
      state.strangers.take(at: .now) && publish(.refused(name: name, fault))
    }
    logger.log(
      level: isRecorded ? .warning : .debug, "An agent was refused: \(fault)",
      metadata: ["node": "\(name)", "fault": "\(fault)"])
  }

  /// The administrator revoked the node: cuts its stream.
  func revoke(_ node: NodeName, at instant: Date) {
    let session = state.withLock { state -> AgentSession? in
      guard let stream = state.registry.nodeWasRevoked(node, at: instant) else { return nil }
      publish(.detached(node, reason: Self.revokedReason))
      return state.sessions.removeValue(forKey: stream)
    }
    session?.cut(
      LinkRefusal(
        .permissionDenied,
        OperatorFault(
          .permission, "node \(node)", Self.revokedReason, remedy: "issue a new certificate with `asactl pki issue`")))
  }

  /// Whether the node holds the account, by configuration.
  func holds(_ account: AccountName, _ node: NodeName) -> Bool {
    state.withLock { $0.bindings[node]?.contains { $0.account == account } ?? false }
  }

  private static func outdatedTrust(_ node: NodeName) -> LinkRefusal {
    LinkRefusal(
      .aborted, OperatorFault(.unavailable, "stream of node \(node)", "began before agents.certificateAuthority was changed"))
  }

  private static let revokedReason = "was revoked"
  private static let replacedReason = "replaced by a newer stream of the same agent installation"

  @discardableResult
  func publish(_ event: NodeEvent) -> Bool { events.update { $0.add(event) } }

  private func welcome(to accounts: [AccountBinding]) -> AttachWelcome {
    AttachWelcome(rotator: identity.rotator, fingerprintSecret: identity.fingerprintSecret, accounts: accounts)
  }

  private func attachment(of session: AgentSession, installation: String, agentVersion: String) -> NodeAttachment {
    NodeAttachment(
      node: session.node, installation: installation, agentVersion: agentVersion,
      certificateFingerprint: session.certificate.fingerprint, certificateNotAfter: session.certificate.expires, since: Date())
  }
}
