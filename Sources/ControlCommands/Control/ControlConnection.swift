package import ControlProtocol
package import GRPCCore
package import GRPCNIOTransportHTTP2Posix
import RotationCore

/// A connection to the running asa-rotatord over one of its sockets.
package struct ControlConnection: Sendable {
  /// The transport under the generated clients.
  package typealias Transport = HTTP2ClientTransport.Posix

  private let directory: String

  /// Connects to the sockets in a directory.
  package init(directory: String) { self.directory = directory }

  /// Asks on status.sock.
  ///
  /// - Throws: `OperatorFault`, whose kind says whether the daemon is absent, the socket is not ours, or the daemon refused;
  ///   ``SeveralFaults`` if it refused for several reasons.
  package func reading<Result: Sendable>(
    _ body: @Sendable (Asa_Control_V1_StatusService.Client<Transport>) async throws -> Result
  ) async throws -> Result {
    try await connected(to: .status) { try await body(Asa_Control_V1_StatusService.Client(wrapping: $0)) }
  }

  /// Asks on control.sock.
  ///
  /// - Throws: As ``reading(_:)``.
  package func changing<Result: Sendable>(
    _ body: @Sendable (Asa_Control_V1_ControlService.Client<Transport>) async throws -> Result
  ) async throws -> Result {
    try await connected(to: .control) { try await body(Asa_Control_V1_ControlService.Client(wrapping: $0)) }
  }

  /// The bound of a question with one answer.
  package static let brief = answered(within: .seconds(30))

  /// The options of a question whose answer must come in time.
  package static func answered(within timeout: Duration) -> CallOptions {
    var options = stream
    options.timeout = timeout
    return options
  }

  /// The options of a stream, which lasts as long as what it reports on.
  package static let stream: CallOptions = {
    var options = CallOptions.defaults
    options.waitForReady = false
    return options
  }()

  private func connected<Result: Sendable>(
    to purpose: ControlSocket.Purpose, _ body: @Sendable (GRPCClient<Transport>) async throws -> Result
  ) async throws -> Result {
    let socket = ControlSocket(purpose, in: directory)
    try socket.probe()
    do {
      // The default authority is the path, whose slashes are not permitted in one (RFC 3986 section 3.2).
      let transport = try Transport(
        target: .unixDomainSocket(path: socket.path, authority: "localhost"), transportSecurity: .plaintext)
      return try await withGRPCClient(transport: transport) { try await body($0) }
    } catch let error as RPCError {
      throw ControlFailure(error, socket: socket).error
    }
  }
}
