import AgentService
import NIOCore
import NIOPosix
import NIOSSL
import Testing
import X509

@Suite("Connections that never become a stream", .timeLimit(.minutes(1)))
struct ConnectionTests {
  /// So long that only the reason under test can end a connection within the time limit.
  private var patient: AgentServiceTiming {
    var timing = AgentServiceTiming()
    timing.handshake = .seconds(600)
    return timing
  }

  private func connect(_ service: TestService, tls: TLSConfiguration? = nil) async throws -> any Channel {
    let context = try tls.map { try NIOSSLContext(configuration: $0) }
    return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let context else { return }
          try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
        }
      }.connect(host: "127.0.0.1", port: service.port).get()
  }

  private func clientTLS(_ identity: TestIdentity?) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    configuration.applicationProtocols = ["h2"]
    guard let identity else { return configuration }
    configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificatePEM.utf8))
      .map { .certificate($0) }
    configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem))
    return configuration
  }

  @Test("A connection that says nothing is closed when the handshake's time is up")
  func silence() async throws {
    var timing = AgentServiceTiming()
    timing.handshake = .milliseconds(100)
    try await TestService.run(authority: TestAuthority(), timing: timing) { service in
      try await connect(service).closeFuture.get()
    }
  }

  @Test("A connection beyond the limit is closed at once")
  func limit() async throws {
    try await TestService.run(authority: TestAuthority(), timing: patient, connections: 1) { service in
      // Which of the two is the first is for the server's threads to say.
      let both = [try await connect(service), try await connect(service)]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for channel in both { group.addTask { try await channel.closeFuture.get() } }
        try await group.next()
        #expect(both.count(where: \.isActive) == 1)
        for channel in both where channel.isActive { try await channel.close() }
        try await group.waitForAll()
      }
    }
  }

  @Test("TLS 1.2 is not spoken, even with a good certificate")
  func oldTLS() async throws {
    try await TestService.run(authority: TestAuthority(), timing: patient) { service in
      var tls = try clientTLS(service.authority.issue([TestService.node]))
      tls.maximumTLSVersion = .tlsv12
      try await connect(service, tls: tls).closeFuture.get()
    }
  }

  @Test("A client without a certificate is not served")
  func noCertificate() async throws {
    try await TestService.run(authority: TestAuthority(), timing: patient) { service in
      try await connect(service, tls: clientTLS(nil)).closeFuture.get()
    }
  }
}
