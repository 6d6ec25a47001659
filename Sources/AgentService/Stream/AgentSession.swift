import AgentProtocol
import RotationCore
import Synchronization

/// One stream of one agent, from its challenge to its end.
final class AgentSession: Sendable {
  /// Keeps the first reason to cut the stream.
  struct CutReason: MailboxContents {
    var reason: LinkRefusal?

    mutating func take() -> LinkRefusal? { reason.take() }
  }

  let id: UInt64
  let certificate: NodeCertificate
  /// Which exchange of the authorities the certificate was last verified after.
  let trustGeneration: UInt64
  /// The challenge: 32 bytes that this stream's signature must cover.
  let nonce: [UInt8]
  let outbox = Mailbox(AgentOutbox())
  let cut = Mailbox(CutReason())
  let proofs = PendingProofs()
  let clock = ClockMeasurement()
  private let admitted = Mutex(false)

  init(id: UInt64, certificate: NodeCertificate, trustGeneration: UInt64) {
    self.id = id
    self.certificate = certificate
    self.trustGeneration = trustGeneration
    var generator = SystemRandomNumberGenerator()
    nonce = (0..<WireLimits.challengeBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    send(.challenge(nonce))
  }

  var node: NodeName { certificate.node }

  /// Whether the agent has proven who it is.
  var isAdmitted: Bool { admitted.withLock { $0 } }

  /// The agent has proven who it is: greets it and measures its clock.
  func admit(with welcome: AttachWelcome) {
    admitted.withLock { $0 = true }
    send(.welcome(welcome))
    probeClock()
  }

  func send(_ item: AgentOutbox.Item) { outbox.update { $0.add(item) } }

  func probeClock() { send(.clockProbe(clock.makeID())) }

  /// Ends the stream at once, whatever it is doing.
  func cut(_ reason: LinkRefusal) { cut.update { $0.reason = reason } }
}

extension Optional {
  fileprivate mutating func take() -> Wrapped? {
    defer { self = nil }
    return self
  }
}
