import AgentProtocol
import GRPCCore
import RotationCore
import Synchronization

extension AttachedNodes {
  /// Other nodes and accounts are configured: cuts the streams of nodes that are not, for good, and those of nodes whose accounts
  /// have changed, which dial in again and are welcomed to the new ones.
  func rebind(_ bindings: [NodeName: [AccountBinding]]) {
    let cuts = state.withLock { state -> [(AgentSession, LinkRefusal)] in
      let former = state.bindings
      state.bindings = bindings
      let gone = state.registry.nodesWereConfigured(Set(bindings.keys))
      let changed = bindings.filter { node, accounts in former[node].map { !$0.bindSame(as: accounts) } ?? false }
      return gone.compactMap { node, stream in cut(stream, of: node, NodeRegistry.notConfigured(node), &state) }
        + changed.keys.compactMap { node in
          state.registry.streamWasCut(of: node).flatMap { cut($0, of: node, Self.rebound(node), &state) }
        }
    }
    for (session, refusal) in cuts { session.cut(refusal) }
  }

  /// Other authorities count: cuts the streams whose certificates do not chain to them.
  func reverify() async {
    let trust = credentials.trust
    for session in state.withLock({ Array($0.sessions.values) }) {
      do throws(LinkRefusal) {
        _ = try await NodeChainVerifier.validatedChain(of: session.certificate.chain, under: trust.authorities)
      } catch {
        distrust(session, error)
      }
    }
  }

  private func distrust(_ session: AgentSession, _ refusal: LinkRefusal) {
    state.withLock { state in
      guard state.registry.isLive(session.id, of: session.node) else { return }
      _ = state.registry.streamWasCut(of: session.node)
      _ = cut(session.id, of: session.node, refusal, &state)
    }
    session.cut(refusal)
  }

  /// Takes the stream out of the books and says so; the caller ends it once the lock is open.
  private func cut(
    _ stream: NodeRegistry.StreamID, of node: NodeName, _ refusal: LinkRefusal, _ state: inout State
  ) -> (AgentSession, LinkRefusal)? {
    publish(.detached(node, reason: refusal.fault.description))
    return state.sessions.removeValue(forKey: stream).map { ($0, refusal) }
  }

  private static func rebound(_ node: NodeName) -> LinkRefusal {
    LinkRefusal(
      .aborted,
      OperatorFault(
        .unavailable, "stream of node \(node)", "ended because the rotator's configuration gives the node other accounts",
        remedy: "the agent dials in again by itself"))
  }
}

extension [AccountBinding] {
  /// Whether a node that was welcomed to these accounts would be told nothing new; their order says nothing.
  fileprivate func bindSame(as other: [AccountBinding]) -> Bool {
    count == other.count && allSatisfy(other.contains)
  }
}
