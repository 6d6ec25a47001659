import AgentProtocol
import Foundation
import GRPCCore
import RotationCore
import SwiftProtobuf

/// One stream to the rotator: the opening exchange, then its messages. Orders and proofs are worked off one at a time; clock probes are
/// answered past them.
struct AttachedSession: Sendable {
  let identity: NodeIdentity
  let node: NodeName
  let installation: String
  /// What the configuration calls the rotator.
  let rotator: String
  let keeper: SlotKeeper
  let contact: RotatorContact

  // What a rotator may have outstanding on one stream before it is taken for broken.
  private static let queueLimit = 256
  /// Seconds without any message after which the stream is given up; a rotator of an older version measures the clock every 30 s.
  private static let silenceLimit = 75.0

  private typealias Outbox = AsyncStream<Asa_Agent_V1_AgentMessage>

  /// Opens the stream and serves it until the rotator ends it.
  func run<Transport: ClientTransport>(
    over link: Asa_Agent_V1_AgentLink.Client<Transport>, progress: @escaping @Sendable (LinkProgress) -> Void
  ) async throws {
    let outbox = Outbox.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLimit))
    defer { outbox.continuation.finish() }
    try await link.attach { writer in
      for await message in outbox.stream {
        try await writer.write(message)
        noteAnswer(message)
      }
    } onResponse: { response in
      do {
        try await serve(response.messages, outbox.continuation, progress)
        await ended(progress)
      } catch {
        await ended(progress)
        throw error
      }
    }
  }

  private func noteAnswer(_ message: Asa_Agent_V1_AgentMessage) {
    switch message.message {
    case .report(let report) where !report.nonce.isEmpty: keeper.reached(.answered)
    case .proof: keeper.reached(.proofAnswered)
    default: break
    }
  }

  private func ended(_ progress: @Sendable (LinkProgress) -> Void) async {
    progress(.ended)
    contact.ended(with: rotator)
    await keeper.detached(from: rotator)
  }

  private func serve(
    _ messages: RPCAsyncSequence<Asa_Agent_V1_RotatorMessage, any Error>, _ outbox: Outbox.Continuation,
    _ progress: @Sendable (LinkProgress) -> Void
  ) async throws {
    var incoming = messages.makeAsyncIterator()
    guard case .challenge(let challenge)? = try await incoming.next()?.message else { throw unexpected("a challenge") }
    try post(.hello(try hello(answering: challenge)), to: outbox)
    guard case .welcome(let wire)? = try await incoming.next()?.message else { throw unexpected("a welcome") }
    let reports = try await keeper.welcomed(try AttachWelcome(wire), from: rotator) { report in
      // Full only when the stream is about to be given up; the next welcome brings a report anyway.
      _ = outbox.yield(.with { $0.message = .report(report.wire) })
    }
    contact.heard(of: rotator)
    progress(.welcomed(accounts: reports.count))
    for report in reports { try post(.report(report.wire), to: outbox) }
    try await workOff(messages: &incoming, outbox)
  }

  private func workOff(
    messages: inout RPCAsyncSequence<Asa_Agent_V1_RotatorMessage, any Error>.AsyncIterator, _ outbox: Outbox.Continuation
  ) async throws {
    let work = AsyncStream.makeStream(of: Work.self, bufferingPolicy: .bufferingOldest(Self.queueLimit))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await item in work.stream { try post(await result(of: item), to: outbox) }
      }
      group.addTask { try await endWhenSilent() }
      defer {
        work.continuation.finish()
        group.cancelAll()
      }
      while let message = try await messages.next()?.message {
        contact.heard(of: rotator)
        if case .clock(let probe) = message {
          try post(.clock(reading(for: probe)), to: outbox)
        } else if case .consumerTurn(let turn) = message {
          keeper.takeTurn(drains: !turn.stay)
        } else if case .leftBehind(let message) = message {
          let account = try message.accountName()
          // A keeper at work must not keep clock probes waiting.
          group.addTask { await keeper.leftBehind(account) }
        } else {
          try queue(try Work.items(of: message), in: work.continuation)
        }
      }
    }
  }

  private func queue(_ items: [Work], in work: AsyncStream<Work>.Continuation) throws(OperatorFault) {
    for item in items {
      guard case .dropped = work.yield(item) else { continue }
      throw OperatorFault(.protocol, "the rotator", "sent more than \(Self.queueLimit) orders without waiting for answers")
    }
  }

  /// A rotator measures the clock every few seconds. One that has stopped to is out of reach, though no end of the stream has come from it.
  private func endWhenSilent() async throws {
    while let silence = contact.silence(of: rotator), silence < Self.silenceLimit {
      guard (try? await Task.sleep(for: .seconds(Self.silenceLimit - silence))) != nil else { return }
    }
    guard !Task.isCancelled else { return }
    throw OperatorFault(.unavailable, "the rotator", "has been silent for \(Int(Self.silenceLimit)) s")
  }

  private func result(of work: Work) async -> Asa_Agent_V1_AgentMessage.OneOf_Message {
    switch work {
    case .order(let order):
      let report = await keeper.carryOut(order).wire
      keeper.reached(.answerReady)
      return .report(report)
    case .proof(let proof): return .proof(await keeper.prove(proof).wire(id: proof.id))
    case .decommission(let account): return .report(await keeper.decommission(account).wire)
    case .removeKeys(let account): return .report(await keeper.removeKeys(of: account).wire)
    }
  }

  private func post(_ message: Asa_Agent_V1_AgentMessage.OneOf_Message, to outbox: Outbox.Continuation) throws(OperatorFault) {
    if case .dropped = outbox.yield(.with { $0.message = message }) {
      throw OperatorFault(.unavailable, "the rotator", "does not take the answers of this node")
    }
  }

  private func hello(answering challenge: Asa_Agent_V1_Challenge) throws -> Asa_Agent_V1_Hello {
    let message = AttachSignature.message(nonce: Array(challenge.nonce), node: node, installation: installation)
    let signature = try identity.sign(message)
    return .with {
      $0.node = node.description
      $0.installation = installation
      $0.agentVersion = AgentVersion.current
      $0.signature = Data(signature)
    }
  }

  private func reading(for probe: Asa_Agent_V1_ClockProbe) -> Asa_Agent_V1_ClockReading {
    .with {
      $0.id = probe.id
      $0.time = .init(date: Date())
    }
  }

  private func unexpected(_ wanted: String) -> OperatorFault {
    OperatorFault(
      .protocol, "the rotator", "did not begin with \(wanted)",
      remedy: "rotator N serves agents N and N-1: compare the versions")
  }
}

/// What is worked off in order.
private enum Work: Sendable {
  case order(SlotOrder)
  case proof(AcceptanceProof)
  case decommission(AccountName)
  case removeKeys(AccountName)

  static func items(of message: Asa_Agent_V1_RotatorMessage.OneOf_Message) throws(OperatorFault) -> [Work] {
    switch message {
    case .order(let order): return [.order(try SlotOrder(order))]
    case .proof(let proof): return [.proof(try AcceptanceProof(proof))]
    case .decommission(let wire): return try wire.accountNames().map(wire.mayReturn ? Work.removeKeys : Work.decommission)
    case .challenge, .welcome, .clock, .consumerTurn, .leftBehind:
      throw OperatorFault(.protocol, "the rotator", "sent an opening message again")
    }
  }
}
