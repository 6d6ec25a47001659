import AgentProtocol
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import RotationCore
import X509

/// The gRPC service: one call of `attach` per stream.
struct AgentLink: Asa_Agent_V1_AgentLink.SimpleServiceProtocol {
  let nodes: AttachedNodes
  let timing: AgentServiceTiming

  func attach(
    request: RPCAsyncSequence<Asa_Agent_V1_AgentMessage, any Error>, response: RPCWriter<Asa_Agent_V1_RotatorMessage>,
    context: ServerContext
  ) async throws {
    let session: AgentSession
    do {
      session = try await openSession(context)
    } catch {
      throw error.rpcError
    }
    let end = await run(session, request, response)
    nodes.sessionEnded(session, reason: end.reason)
    if case .refused(let refusal) = end, !session.isAdmitted {
      nodes.refused(name: session.node.description, refusal.fault)
    }
    try end.get()
  }

  private func openSession(_ context: ServerContext) async throws(LinkRefusal) -> AgentSession {
    // The chain is set by our own verification in this connection's handshake alone: a resumed session has none, and is refused.
    let transport = context.transportSpecific as? HTTP2ServerTransport.Posix.Context
    let chain = transport?.peerCertificateChain.map(Array.init) ?? []
    do {
      return try await nodes.openSession(chain: chain)
    } catch {
      nodes.refused(name: chain.first?.claimedName ?? "no certificate", error.fault)
      throw error
    }
  }

  /// Runs the parts of a stream side by side; the first to end decides how the stream ends.
  private func run(
    _ session: AgentSession, _ request: RPCAsyncSequence<Asa_Agent_V1_AgentMessage, any Error>,
    _ response: RPCWriter<Asa_Agent_V1_RotatorMessage>
  ) async -> StreamEnd {
    await withTaskGroup(of: StreamEnd.self) { group in
      group.addTask { await AgentReader(session: session, nodes: nodes).read(request) }
      group.addTask { await write(session, to: response) }
      group.addTask { await waitForCut(session) }
      group.addTask { await probe(session) }
      group.addTask { await watchCertificate(session) }
      let end = await group.next() ?? .stopped
      group.cancelAll()
      return end
    }
  }

  private func write(_ session: AgentSession, to response: RPCWriter<Asa_Agent_V1_RotatorMessage>) async -> StreamEnd {
    while let item = await session.outbox.next() {
      if case .clockProbe(let id) = item { session.clock.probeLeft(id, at: .now) }
      do {
        try await response.write(item.wire)
      } catch {
        return .lost
      }
    }
    return .stopped
  }

  private func waitForCut(_ session: AgentSession) async -> StreamEnd {
    await session.cut.next().map(StreamEnd.refused) ?? .stopped
  }

  /// Ends a stream that does not answer its challenge in time; measures the clock of one that did, and ends it when no answer comes.
  ///
  /// The transport's own pings do not end a stream: it only says goodbye to a connection that does not answer them, and waits for the
  /// streams on it.
  private func probe(_ session: AgentSession) async -> StreamEnd {
    guard (try? await Task.sleep(for: timing.hello)) != nil else { return .stopped }
    guard session.isAdmitted else {
      return silent(session, .protocol, "did not answer the challenge within \(timing.hello)")
    }
    while (try? await Task.sleep(for: timing.clockProbe)) != nil {
      session.probeClock()
      guard (try? await Task.sleep(for: timing.clockAnswer)) != nil else { return .stopped }
      // Agents answer past whatever else they are doing.
      if session.clock.isAwaited { return silent(session, .unavailable, "has not answered for \(timing.clockAnswer)") }
    }
    return .stopped
  }

  private func silent(_ session: AgentSession, _ kind: OperatorFault.Kind, _ problem: String) -> StreamEnd {
    let fault = OperatorFault(kind, "node \(session.node)", problem, remedy: "look at the agent's journal")
    return .refused(LinkRefusal(.deadlineExceeded, fault))
  }

  private func watchCertificate(_ session: AgentSession) async -> StreamEnd {
    while (try? await Task.sleep(for: timing.certificateCheck)) != nil {
      if let refusal = session.certificate.validity(at: Date()) { return .refused(refusal) }
    }
    return .stopped
  }
}

/// How a stream ended.
enum StreamEnd: Sendable {
  /// The agent closed it.
  case agentLeft
  /// The connection broke.
  case lost
  /// The rotator is stopping.
  case stopped
  /// We ended it.
  case refused(LinkRefusal)

  var reason: String {
    switch self {
    case .agentLeft: "the agent closed its stream"
    case .lost: "the connection was lost"
    case .stopped: "the rotator is stopping"
    case .refused(let refusal): refusal.fault.description
    }
  }

  /// - Throws: The status for the agent, unless it left by itself.
  func get() throws(RPCError) {
    switch self {
    case .agentLeft: return
    case .lost, .stopped: throw RPCError(code: .unavailable, message: reason)
    case .refused(let refusal): throw refusal.rpcError
    }
  }
}
