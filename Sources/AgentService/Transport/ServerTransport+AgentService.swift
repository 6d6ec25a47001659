import Foundation
import GRPCNIOTransportHTTP2Posix
import NIOCore
import RotationCore
import SwiftASN1
import X509

extension HTTP2ServerTransport.Posix {
  /// The transport for agents: client certificate required, checked by ``NodeChainVerifier``; every size and wait bounded.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` if the host is not an IP address.
  init(
    _ configuration: AgentServiceConfiguration, credentials: CredentialsInForce,
    refused: @escaping @Sendable (String, OperatorFault) -> Void
  ) throws(OperatorFault) {
    let verifier = NodeChainVerifier(credentials: credentials, refused: refused)
    self.init(
      address: try Self.address(configuration),
      transportSecurity: try Self.security(credentials, verifier), config: .defaults { $0.bound(by: configuration) })
  }

  private static func security(
    _ credentials: CredentialsInForce, _ verifier: NodeChainVerifier
  ) throws(OperatorFault) -> TransportSecurity {
    do {
      return try .mTLS(certificateReloader: credentials) { tls in
        // Our own verification decides alone, under the authorities that count at that moment. These would only name CAs to clients.
        tls.trustRoots = .certificates([.file(path: credentials.files.certificateAuthority, format: .pem)])
        tls.requireALPN = true
        tls.customVerificationCallback = verifier.callback
      }
    } catch {
      throw OperatorFault(.software, "agents.certificate", "cannot be served: \(error)")
    }
  }

  private static func address(
    _ configuration: AgentServiceConfiguration
  ) throws(OperatorFault) -> GRPCNIOTransportHTTP2Posix.SocketAddress {
    switch try? NIOCore.SocketAddress(ipAddress: configuration.host, port: configuration.port) {
    case .v4: return .ipv4(host: configuration.host, port: configuration.port)
    case .v6: return .ipv6(host: configuration.host, port: configuration.port)
    default:
      throw OperatorFault(
        .configuration, "agents.listen \(configuration.host):\(configuration.port)", "is not an IP address and a port",
        remedy: "write it as 0.0.0.0:7749 or [::]:7749")
    }
  }
}

extension HTTP2ServerTransport.Posix.Config {
  fileprivate mutating func bound(by configuration: AgentServiceConfiguration) {
    let timing = configuration.timing
    // A report of 64 slots and 256 checksums is well below 64 KiB.
    rpc.maxRequestPayloadSize = 1 << 20
    // The stream, and one that replaces it.
    http2.maxConcurrentStreams = 2
    connection.maxIdleTime = timing.handshake
    connection.keepalive.time = timing.keepalive
    connection.keepalive.timeout = timing.keepaliveTimeout
    connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = timing.keepaliveTimeout
    connection.keepalive.clientBehavior.allowWithoutCalls = true
    channelDebuggingCallbacks.onAcceptTCPConnection =
      ConnectionGate(
        limit: configuration.connections, deadline: timing.handshake
      ).accept
  }
}
