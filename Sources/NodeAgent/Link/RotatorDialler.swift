import AgentProtocol
package import Configuration
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import RotationCore
import Synchronization

/// Dials one of the configured rotators over mutual TLS and serves it on one stream.
package struct RotatorDialler: RotatorDialling {
  /// How long connecting, the handshake and the welcome may take together.
  package static var attachTimeout: Duration { .seconds(20) }

  private let configuration: AgentConfiguration
  private let endpoint: RotatorEndpointConfiguration
  private let installation: String
  private let keeper: SlotKeeper
  private let contact: RotatorContact

  /// Makes a dialler.
  ///
  /// - Parameters:
  ///   - configuration: The files to dial with.
  ///   - rotator: Whom to dial.
  ///   - installation: The UUID of this installation.
  ///   - keeper: What the rotator's messages are for.
  package init(
    _ configuration: AgentConfiguration, to rotator: RotatorEndpointConfiguration, installation: String, keeper: SlotKeeper,
    contact: RotatorContact? = nil
  ) {
    self.configuration = configuration
    endpoint = rotator
    self.installation = installation
    self.keeper = keeper
    self.contact = contact ?? RotatorContact(rotators: [rotator.label])
  }

  /// Reads the certificates, dials, attaches and serves until the stream ends.
  package func dial(progress: @escaping @Sendable (LinkProgress) -> Void) async -> LinkEnd {
    let record = HandshakeRecord()
    do {
      let identity = try await NodeIdentity.load(configuration, now: Date())
      let transport = try RotatorTransport(
        identity: identity, configuration: configuration, rotator: endpoint, record: record
      ).make()
      let session = AttachedSession(
        identity: identity, node: configuration.node, installation: installation, rotator: endpoint.label, keeper: keeper,
        contact: contact)
      try await serve(session, over: transport, progress: progress)
      return .lost(OperatorFault(.unavailable, rotator, "closed the link"))
    } catch {
      return end(for: error, record)
    }
  }

  private var rotator: String { "rotator \(endpoint.label)" }

  private func serve(
    _ session: AttachedSession, over transport: HTTP2ClientTransport.Posix,
    progress: @escaping @Sendable (LinkProgress) -> Void
  ) async throws {
    let welcomed = AsyncStream.makeStream(of: Void.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await withGRPCClient(transport: transport) { client in
          try await session.run(over: Asa_Agent_V1_AgentLink.Client(wrapping: client)) { step in
            welcomed.continuation.finish()
            progress(step)
          }
        }
        throw SessionEnded()
      }
      group.addTask { try await waitForWelcome(welcomed.stream) }
      do {
        while try await group.next() != nil {}
      } catch is SessionEnded {
        // The welcome is not waited for any more.
      }
      group.cancelAll()
    }
  }

  private struct SessionEnded: Error {}

  private func waitForWelcome(_ welcomed: AsyncStream<Void>) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        for await _ in welcomed {}
        return true
      }
      group.addTask {
        try await Task.sleep(for: Self.attachTimeout)
        return false
      }
      defer { group.cancelAll() }
      if try await group.next() == false {
        throw OperatorFault(.unavailable, rotator, "did not accept the connection within \(Self.attachTimeout)")
      }
    }
  }

  private func end(for error: any Error, _ record: HandshakeRecord) -> LinkEnd {
    switch error {
    case let fault as OperatorFault: .lost(fault)
    case let error as RPCError:
      record.fault(rotator: endpoint.label, certificate: configuration.certificate).map(LinkEnd.lost)
        ?? LinkEnd(error, rotator: endpoint.label)
    default: .lost(OperatorFault(.unavailable, rotator, "the link ended: \(error)"))
    }
  }
}
