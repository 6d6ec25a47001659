import NIOCore
import NIOSSL
import RotationCore
import Synchronization

/// What became of the TLS handshake of one connection: gRPC itself only says that the connection is gone.
final class HandshakeRecord: Sendable {
  private struct State {
    var verdict: Result<Void, OperatorFault>?
    var hasTLSError = false
  }

  private let state = Mutex(State())

  /// Notes what the rotator's certificate was found to be.
  func noteVerdict(_ verdict: Result<Void, OperatorFault>) { state.withLock { $0.verdict = verdict } }

  /// Notes that TLS, rather than the network, ended the connection.
  func noteTLSError() { state.withLock { $0.hasTLSError = true } }

  /// Why the connection failed, if TLS was the reason. A rotator refuses a certificate only after the agent's side of a TLS 1.3
  /// handshake is complete (RFC 8446 section 4.4.2.4), so an error after our own verdict is its refusal.
  func fault(rotator: String, certificate: String) -> OperatorFault? {
    let state = state.withLock { $0 }
    if case .failure(let fault)? = state.verdict { return fault }
    guard state.hasTLSError else { return nil }
    if case .success? = state.verdict {
      return OperatorFault(
        .permission, "certificate \(certificate)", "the rotator \(rotator) broke off the TLS connection after it was shown",
        remedy: "check that the rotator trusts the authority that signed it")
    }
    return OperatorFault(
      .protocol, "rotator \(rotator)", "does not answer with TLS 1.3", remedy: "check rotator.host and rotator.port")
  }
}

/// Sits next to the TLS handler and notes its errors by their type.
final class HandshakeErrorHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let record: HandshakeRecord

  init(record: HandshakeRecord) { self.record = record }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case NIOSSLError.uncleanShutdown: break
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: record.noteTLSError()
    default: break
    }
    context.fireErrorCaught(error)
  }
}
