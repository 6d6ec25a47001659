import NIOCore
import NIOPosix
import NIOSSL
import SwiftASN1
import X509

extension TestService {
  /// The certificate that the service shows to a new connection.
  func certificateShown() async throws -> Certificate {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.certificateVerification = .noHostnameVerification
    tls.applicationProtocols = ["h2"]
    let context = try NIOSSLContext(configuration: tls)
    let group = MultiThreadedEventLoopGroup.singleton
    let shown = group.any().makePromise(of: NIOSSLCertificate.self)
    let channel = try await ClientBootstrap(group: group).channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let handler = try NIOSSLClientHandler(
          context: context, serverHostname: nil,
          customVerificationCallback: { chain, verdict in
            shown.succeed(chain[0])
            verdict.succeed(.certificateVerified)
          })
        try channel.pipeline.syncOperations.addHandler(handler)
      }
    }.connect(host: "127.0.0.1", port: port).get()
    let certificate = try await shown.futureResult.get()
    channel.close(promise: nil)
    return try Certificate(derEncoded: certificate.toDERBytes())
  }
}
