import AgentProtocol
import Foundation
import GRPCCore
import RotationCore
import SwiftProtobuf

/// Reads one agent's messages: first its Hello, then what it holds and answers.
struct AgentReader: Sendable {
  let session: AgentSession
  let nodes: AttachedNodes

  func read(_ messages: RPCAsyncSequence<Asa_Agent_V1_AgentMessage, any Error>) async -> StreamEnd {
    var reports = TokenBucket(capacity: 512, perSecond: 16, now: .now)
    do {
      for try await message in messages { try receive(message, &reports) }
      return Task.isCancelled ? .stopped : .agentLeft
    } catch let refusal as LinkRefusal {
      return .refused(refusal)
    } catch let fault as OperatorFault {
      return .refused(LinkRefusal(.invalidArgument, fault))
    } catch {
      return .lost
    }
  }

  private func receive(_ message: Asa_Agent_V1_AgentMessage, _ reports: inout TokenBucket) throws {
    switch (message.message, session.isAdmitted) {
    case (.hello(let hello), false): try greet(hello)
    case (.report(let report), true): try receive(report, &reports)
    case (.proof(let result), true): session.proofs.resolve(result.id, with: try ProofAnswer(result, from: session.node))
    case (.clock(let reading), true): receive(reading)
    case (_, false): throw breach("sent something else than Hello as its first message")
    case (.hello, true): throw breach("sent a second Hello")
    case (nil, true): throw breach("sent a message of a kind that this rotator does not know")
    }
  }

  private func greet(_ hello: Asa_Agent_V1_Hello) throws(LinkRefusal) {
    let node = session.node
    guard (try? NodeName(hello.node)) == node else {
      throw refusal("says that it is another node", "configure the agent with the node name of its certificate")
    }
    guard let installation = UUID(uuidString: hello.installation)?.uuidString.lowercased() else {
      throw refusal("has an installation id that is not a UUID", "remove the agent's installation file and restart it")
    }
    let message = AttachSignature.message(nonce: session.nonce, node: node, installation: hello.installation)
    guard hello.signature.count <= WireLimits.signatureBytes,
      session.certificate.verifies(Array(hello.signature), over: message)
    else {
      throw refusal(
        "has signed the challenge with another key than its certificate's", "give the agent the key of its certificate")
    }
    try nodes.admit(session, installation: installation, agentVersion: Self.printable(hello.agentVersion))
  }

  private func receive(_ report: Asa_Agent_V1_NodeReport, _ reports: inout TokenBucket) throws {
    let report = try NodeReport(report)
    guard nodes.holds(report.account, session.node) else {
      throw breach("reported on \(report.account), which it does not hold")
    }
    guard reports.take(at: .now), nodes.publish(.reported(session.node, report), from: session) else {
      throw LinkRefusal(
        .resourceExhausted,
        OperatorFault(
          .protocol, "node \(session.node)", "sends more reports than anybody asked for", remedy: "restart its agent"))
    }
  }

  private func receive(_ reading: Asa_Agent_V1_ClockReading) {
    let offset = session.clock.offset(of: reading.time.date, answering: reading.id, at: .now, ours: Date())
    // A measurement that does not fit is no loss: another follows.
    if let offset { _ = nodes.publish(.clockMeasured(session.node, offset: offset), from: session) }
  }

  private func breach(_ problem: String) -> LinkRefusal {
    LinkRefusal(
      .invalidArgument,
      OperatorFault(
        .protocol, "node \(session.node)", problem, remedy: "run versions of the rotator and the agent that fit each other"))
  }

  private func refusal(_ problem: String, _ remedy: String) -> LinkRefusal {
    LinkRefusal(.unauthenticated, OperatorFault(.permission, "agent of node \(session.node)", problem, remedy: remedy))
  }

  private static func printable(_ version: String) -> String {
    String(version.filter { $0.isASCII && ($0.isLetter || $0.isNumber || ".-+_".contains($0)) }.prefix(64))
  }
}
