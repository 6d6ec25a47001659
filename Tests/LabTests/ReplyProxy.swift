import Dispatch
import Foundation
import Glibc
import Synchronization

/// A TCP proxy in front of the domain controller's LDAP port that can lose what the controller answers.
///
/// Threads of its own serve it, and they end with the connections.
final class ReplyProxy: Sendable {
  /// What becomes of replies beyond those that may still pass.
  enum Loss: Sendable {
    /// They are thrown away, and the connection stays open.
    case silence
    /// The connection is closed in their place.
    case hangUp
  }

  private struct State {
    var repliesToPass = Int.max
    var loss = Loss.silence
    var connections: [Int32] = []
  }

  private let listener: Int32
  private let target: String
  private let state = Mutex(State())

  init(listeningOn address: String, target: String) throws {
    self.target = target
    listener = Self.socket()
    var reuse: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, 4)
    let bound = Self.withAddress(address) { bind(listener, $0, $1) }
    guard bound == 0, listen(listener, 8) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    DispatchQueue(label: "proxy listener").async { self.accept() }
  }

  /// Lets so many more replies through and then loses the rest.
  func lose(after replies: Int, _ loss: Loss) {
    state.withLock { ($0.repliesToPass, $0.loss) = (replies, loss) }
  }

  /// Lets everything through again.
  func recover() { state.withLock { $0.repliesToPass = .max } }

  /// Cuts every connection that there is now.
  func cut() {
    let connections = state.withLock { state in
      defer { state.connections = [] }
      return state.connections
    }
    for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
  }

  /// Stops listening and cuts everything.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    cut()
  }

  private func accept() {
    while case let client = Glibc.accept(listener, nil, nil), client >= 0 {
      let server = Self.socket()
      guard Self.withAddress(target, { connect(server, $0, $1) }) == 0 else {
        close(client)
        continue
      }
      state.withLock { $0.connections += [client, server] }
      DispatchQueue(label: "proxy requests").async { self.pump(from: client, to: server) { true } }
      DispatchQueue(label: "proxy replies").async { self.pump(from: server, to: client, while: self.admitReply) }
    }
    close(listener)
  }

  /// `nil` means that the connection is to be cut.
  private func admitReply() -> Bool? {
    state.withLock { state in
      guard state.repliesToPass < 1 else {
        if state.repliesToPass != .max { state.repliesToPass -= 1 }
        return true
      }
      return state.loss == .silence ? false : nil
    }
  }

  private func pump(from source: Int32, to destination: Int32, while admit: () -> Bool?) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(source, &buffer, buffer.count), count > 0 {
      guard let isAdmitted = admit() else { break }
      if isAdmitted { _ = send(destination, buffer, count, Int32(MSG_NOSIGNAL)) }
    }
    shutdown(source, Int32(SHUT_RDWR))
    shutdown(destination, Int32(SHUT_RDWR))
  }

  private static func socket() -> Int32 { Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }

  private static func withAddress(_ text: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(389).bigEndian
    inet_pton(AF_INET, text, &address.sin_addr)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}
