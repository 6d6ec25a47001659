import Configuration
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOSSL
import RotationCore
import SwiftASN1
import X509

/// Makes the HTTP/2 transport of one connection: mutual TLS 1.3 with one configured rotator and nobody else.
struct RotatorTransport: Sendable {
  let identity: NodeIdentity
  let configuration: AgentConfiguration
  let rotator: RotatorEndpointConfiguration
  let record: HandshakeRecord

  /// Makes the transport; nothing is dialled yet.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` if TLS does not take the certificates or the rotator's name.
  func make() throws(OperatorFault) -> HTTP2ClientTransport.Posix {
    do {
      let context = try NIOSSLContext(configuration: tlsConfiguration())
      return try .http2NIOPosix(
        target: .dns(host: rotator.host, port: rotator.port), transportSecurity: .customSecure,
        config: .defaults { config in
          config.http2.authority = rotator.name
          // One connection per dial: waiting between dials is the reconnect loop's business.
          config.backoff = .init(initial: .seconds(3600), max: .seconds(3600), multiplier: 1, jitter: 0)
          config.connection.keepalive = .init(time: .seconds(30), timeout: .seconds(10), allowWithoutCalls: false)
          config.channelDebuggingCallbacks.onCreateTCPConnection = { channel in secure(channel, with: context) }
        })
    } catch {
      throw OperatorFault(
        .configuration, "certificate \(configuration.certificate)", "cannot be used for TLS: \(error)",
        remedy: "check it together with privateKey and certificateAuthority")
    }
  }

  // The transport's own TLS settings know no lower bound for the version; so the handler is put in by hand, in front of gRPC's.
  private func secure(_ channel: any Channel, with context: NIOSSLContext) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let handler = try NIOSSLClientHandler(
        context: context, serverHostname: rotator.name,
        customVerificationCallbackWithMetadata: { chain, promise in
          // NIO wants a promise kept; the task ends with the verdict.
          promise.completeWithTask { await verdict(on: chain) }
        })
      let errors = HandshakeErrorHandler(record: record)
      try channel.pipeline.syncOperations.addHandlers([handler, errors], position: .first)
    }
  }

  private func verdict(on chain: [NIOSSLCertificate]) async -> NIOSSLVerificationResultWithMetadata {
    let verification = RotatorVerification(
      name: rotator.name, authorities: identity.authorities, authorityFile: configuration.certificateAuthority)
    do throws(OperatorFault) {
      try await verification.check(certificates(from: chain))
      record.noteVerdict(.success(()))
      return .certificateVerified(.init(nil))
    } catch {
      record.noteVerdict(.failure(error))
      return .failed
    }
  }

  // A chain with a certificate that does not parse counts as no chain: leaving one out would make another the leaf.
  private func certificates(from chain: [NIOSSLCertificate]) -> [Certificate] {
    do {
      return try chain.map { try Certificate(derEncoded: $0.toDERBytes()) }
    } catch {
      return []
    }
  }

  private func tlsConfiguration() throws -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv13
    tls.applicationProtocols = ["h2"]
    tls.certificateVerification = .fullVerification
    tls.trustRoots = .certificates(try identity.authorities.map(tlsCertificate))
    tls.certificateChain = try identity.chain.map { .certificate(try tlsCertificate($0)) }
    tls.privateKey = .privateKey(identity.tlsKey)
    return tls
  }

  private func tlsCertificate(_ certificate: Certificate) throws -> NIOSSLCertificate {
    var serializer = DER.Serializer()
    try serializer.serialize(certificate)
    return try NIOSSLCertificate(bytes: serializer.serializedBytes, format: .der)
  }
}
