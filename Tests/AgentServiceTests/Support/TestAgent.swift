import AgentProtocol
import AgentService
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import RotationCore
import SwiftProtobuf
import X509

/// The agent's side of one stream, scripted by a test.
struct TestAgent: Sendable {
  typealias Messages = RPCAsyncSequence<Asa_Agent_V1_RotatorMessage, any Error>

  let identity: TestIdentity
  let port: Int
  var node = TestService.node
  var installation = UUID().uuidString.lowercased()

  init(_ identity: TestIdentity, _ service: TestService) {
    self.identity = identity
    port = service.port
  }

  /// Dials in and runs `script` on the stream; returning from it ends the stream.
  func connect<Result: Sendable>(
    _ script: @escaping @Sendable (inout Conversation) async throws -> Result
  ) async throws -> Result {
    let (outgoing, feed) = AsyncStream<Asa_Agent_V1_AgentMessage>.makeStream()
    var options = CallOptions.defaults
    options.timeout = .seconds(30)
    options.waitForReady = false
    return try await withGRPCClient(transport: try transport()) { client in
      try await Asa_Agent_V1_AgentLink.Client(wrapping: client).attach(options: options) { writer in
        for await message in outgoing { try await writer.write(message) }
      } onResponse: { response in
        defer { feed.finish() }
        var conversation = Conversation(agent: self, incoming: response.messages.makeAsyncIterator(), feed: feed)
        return try await script(&conversation)
      }
    }
  }

  /// Dials in, introduces itself properly, and runs `script` after the welcome.
  func attach<Result: Sendable>(
    _ script: @escaping @Sendable (inout Conversation) async throws -> Result
  ) async throws -> Result {
    try await connect { conversation in
      try await conversation.introduceItself()
      return try await script(&conversation)
    }
  }

  /// Attaches and stays until the rotator ends the stream; returns the status that it gives.
  func statusOfAttach() async throws -> RPCError {
    try await status { try await attach { try await $0.drain() } }
  }

  /// The status that `body` fails with.
  func status(_ body: () async throws -> Void) async throws -> RPCError {
    do {
      try await body()
    } catch let error as RPCError {
      return error
    }
    throw OperatorFault(.software, "test", "the stream was not refused")
  }

  private func transport() throws -> HTTP2ClientTransport.Posix {
    let certificate = try identity.certificatePEM
    let key = try identity.keyPEM
    return try .http2NIOPosix(
      target: .ipv4(address: "127.0.0.1", port: port),
      transportSecurity: .mTLS(
        certificateChain: [.bytes(Array(certificate.utf8), format: .pem)],
        privateKey: .bytes(Array(key.utf8), format: .pem)
      ) { $0.serverCertificateVerification = .noVerification })
  }
}

/// A stream under way.
struct Conversation {
  let agent: TestAgent
  var incoming: TestAgent.Messages.AsyncIterator
  let feed: AsyncStream<Asa_Agent_V1_AgentMessage>.Continuation

  /// The next message. - Throws: the status that ended the stream.
  mutating func next() async throws -> Asa_Agent_V1_RotatorMessage.OneOf_Message {
    guard let message = try await incoming.next()?.message else {
      throw OperatorFault(.software, "test", "the stream ended without a status")
    }
    return message
  }

  mutating func first<Value>(_ match: (Asa_Agent_V1_RotatorMessage.OneOf_Message) -> Value?) async throws -> Value {
    while true {
      if let value = match(try await next()) { return value }
    }
  }

  mutating func nonce() async throws -> [UInt8] {
    try await first { if case .challenge(let challenge) = $0 { Array(challenge.nonce) } else { nil } }
  }

  func hello(signing nonce: [UInt8]) throws -> Asa_Agent_V1_Hello {
    let message = AttachSignature.message(nonce: nonce, node: try NodeName(agent.node), installation: agent.installation)
    return try .with {
      $0.node = agent.node
      $0.installation = agent.installation
      $0.agentVersion = "1.0.0"
      $0.signature = try agent.identity.sign(message)
    }
  }

  func send(_ hello: Asa_Agent_V1_Hello) { feed.yield(.with { $0.hello = hello }) }

  func send(_ report: Asa_Agent_V1_NodeReport) { feed.yield(.with { $0.report = report }) }

  func send(_ result: Asa_Agent_V1_ProofResult) { feed.yield(.with { $0.proof = result }) }

  @discardableResult
  mutating func introduceItself() async throws -> AttachWelcome {
    send(try hello(signing: await nonce()))
    return try AttachWelcome(await first { if case .welcome(let welcome) = $0 { welcome } else { nil } })
  }

  mutating func order() async throws -> SlotOrder {
    try SlotOrder(await first { if case .order(let order) = $0 { order } else { nil } })
  }

  mutating func proof() async throws -> AcceptanceProof {
    try AcceptanceProof(await first { if case .proof(let proof) = $0 { proof } else { nil } })
  }

  mutating func clockProbe() async throws -> UInt64 {
    try await first { if case .clock(let probe) = $0 { probe.id } else { nil } }
  }

  /// Reads until the rotator ends the stream.
  mutating func drain() async throws {
    while try await incoming.next() != nil {}
  }
}
