import AgentService
import Configuration
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Glibc
import PosixStatus
import RotationCore
import Systemd

/// The two Unix sockets of the rotator. Their file permissions are the authorisation: reading for one group, changes for another.
final class ControlServers: Sendable {
  private let status: ControlSocket
  private let control: ControlSocket

  /// Prepares both sockets; nothing is bound before ``run()``.
  init(
    _ configuration: ControlConfiguration, scheduler: RotationScheduler, store: any RotationStoring,
    agents: AgentService, reloader: ConfigurationReloader
  ) throws(OperatorFault) {
    try ControlSocket.prepare(directory: configuration.directory)
    let reading = StatusProvider(scheduler: scheduler, store: store, agents: agents)
    let changing = ControlProvider(scheduler: scheduler, reloader: reloader)
    status = try ControlSocket(
      path: configuration.directory + "/status.sock",
      group: try ControlSocket.groupID(of: configuration.statusGroup) ?? getegid(), services: [reading])
    control = try ControlSocket(
      path: configuration.directory + "/control.sock",
      group: try ControlSocket.groupID(of: configuration.adminGroup), services: [reading, changing])
  }

  /// Serves both until the task is cancelled.
  func run() async throws(OperatorFault) {
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for socket in [status, control] {
          group.addTask { try await socket.serve() }
          group.addTask { try await socket.grantAccessOnceBound() }
        }
        try await group.waitForAll()
      }
    } catch let fault as OperatorFault {
      throw fault
    } catch {
      // A server that is cancelled says so with an error of its own.
      guard !Task.isCancelled else { return }
      throw OperatorFault(.system, "control sockets", "cannot be served: \(error)")
    }
  }

  /// Accepts no more connections; to be awaited before ``run()`` is cancelled, for the reason that `AgentService.stopListening` has.
  func stopListening() async {
    for socket in [status, control] { socket.stopListening() }
    try? await Task.sleep(for: .milliseconds(50))
  }

  /// Returns when both sockets accept connections of everybody who may.
  func waitUntilBound() async throws(OperatorFault) {
    try await status.grantAccessOnceBound()
    try await control.grantAccessOnceBound()
  }
}

/// One Unix socket with a gRPC server behind it.
struct ControlSocket: Sendable {
  let path: String
  private let group: gid_t?
  private let transport: HTTP2ServerTransport.Posix
  private let server: GRPCServer<HTTP2ServerTransport.Posix>

  init(path: String, group: gid_t?, services: [any RegistrableRPCService]) throws(OperatorFault) {
    self.path = path
    self.group = group
    try Self.removeStale(path)
    transport = HTTP2ServerTransport.Posix(
      address: .unixDomainSocket(path: path), transportSecurity: .plaintext,
      config: .defaults { $0.rpc.maxRequestPayloadSize = 65_536 })
    server = GRPCServer(transport: transport, services: services)
  }

  func serve() async throws {
    defer { unlink(path) }
    try await server.serve()
  }

  func stopListening() { server.beginGracefulShutdown() }

  func waitUntilBound() async throws(OperatorFault) {
    do { _ = try await transport.listeningAddress } catch {
      throw OperatorFault(.cannotCreate, path, "cannot be bound: \(error)", remedy: "check the directory's owner and mode")
    }
  }

  /// The umask keeps a fresh socket to ourselves; only now the group gets in.
  func grantAccessOnceBound() async throws(OperatorFault) {
    try await waitUntilBound()
    if let group { try GroupAccess.grant(group, to: path) }
  }

  static func prepare(directory: String) throws(OperatorFault) {
    if mkdir(directory, 0o755) == 0 {
      // The umask of the daemon is 0077; the sockets inside carry the permissions, the directory must be passable.
      _ = chmod(directory, 0o755)
      return
    }
    guard errno == EEXIST else {
      throw OperatorFault(
        .cannotCreate, directory, "cannot be created: \(String(cString: strerror(errno)))",
        remedy: "create it, or use RuntimeDirectory= in the unit")
    }
    guard let status = FileStatus(followingLinksFrom: directory), status.kind == .directory, status.mode & 0o022 == 0 else {
      throw OperatorFault(
        .configuration, directory, "is not a directory that only its owner can write to",
        remedy: "name another one under control.directory, or chmod 755 it")
    }
  }

  static func groupID(of name: String?) throws(OperatorFault) -> gid_t? {
    guard let name else { return nil }
    guard let entry = getgrnam(name) else {
      throw OperatorFault(
        .configuration, "control group '\(name)'", "does not exist", remedy: "create it with groupadd --system")
    }
    return entry.pointee.gr_gid
  }

  /// Removes a socket that nobody answers on; one that somebody answers on belongs to a running daemon.
  private static func removeStale(_ path: String) throws(OperatorFault) {
    guard let status = FileStatus(path: path) else { return }
    guard status.kind == .socket else {
      throw OperatorFault(.cannotCreate, path, "exists and is not a socket", remedy: "move it away")
    }
    guard !isAnswered(path) else {
      throw OperatorFault(
        .temporary, path, "is served by another asa-rotatord",
        remedy: "stop it, or name another directory under control.directory")
    }
    unlink(path)
  }

  private static func isAnswered(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
