import Dispatch
import Foundation
import Glibc
import Synchronization

/// An address of its own in front of the domain controller. Before each LDAP request goes on, it asks how things are, so that the requests
/// that changed something are known, although all of them are sealed.
final class ObservedController: Sendable {
  /// A request, and how things were before it.
  struct Request: Sendable {
    let bytes: Data
    let before: String
  }

  private let target: String
  private let observe: @Sendable () -> String
  private let requests = Mutex<[Request]>([])
  private let sockets = Mutex<[Int32]>([])

  init(listeningOn address: String, target: String, observe: @escaping @Sendable () -> String) throws {
    self.target = target
    self.observe = observe
    for port in [UInt16(389), 88] {
      let listener = Self.socket()
      var reuse: Int32 = 1
      setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, 4)
      guard Self.withAddress(address, port, { bind(listener, $0, $1) }) == 0, listen(listener, 8) == 0 else {
        throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
      }
      sockets.withLock { $0.append(listener) }
      DispatchQueue(label: "observed \(port)").async { self.accept(on: listener, port: port) }
    }
  }

  /// The requests after which things were not as before, in order.
  func requestsThatChanged() -> [Data] {
    let all = requests.withLock { $0 }
    let after = all.dropFirst().map(\.before) + [observe()]
    return zip(all, after).filter { $0.before != $1 }.map(\.0.bytes)
  }

  /// Ends every connection and the listening.
  func stop() { for socket in sockets.withLock({ $0 }) { shutdown(socket, Int32(SHUT_RDWR)) } }

  private func accept(on listener: Int32, port: UInt16) {
    while case let client = Glibc.accept(listener, nil, nil), client >= 0 {
      let server = Self.socket()
      guard Self.withAddress(target, port, { connect(server, $0, $1) }) == 0 else {
        close(client)
        continue
      }
      sockets.withLock { $0 += [client, server] }
      DispatchQueue(label: "observed requests").async { self.pump(from: client, to: server, isWatched: port == 389) }
      DispatchQueue(label: "observed replies").async { self.pump(from: server, to: client, isWatched: false) }
    }
    close(listener)
  }

  private func pump(from source: Int32, to destination: Int32, isWatched: Bool) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(source, &buffer, buffer.count), count > 0 {
      if isWatched {
        let request = Request(bytes: Data(buffer[..<count]), before: observe())
        requests.withLock { $0.append(request) }
      }
      _ = send(destination, buffer, count, Int32(MSG_NOSIGNAL))
    }
    shutdown(source, Int32(SHUT_RDWR))
    shutdown(destination, Int32(SHUT_RDWR))
  }

  private static func socket() -> Int32 { Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }

  private static func withAddress(_ text: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32)
    -> Int32
  {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, text, &address.sin_addr)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}
