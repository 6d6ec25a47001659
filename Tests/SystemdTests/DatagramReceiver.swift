import Foundation
import Testing

/// A datagram socket in the place of one of systemd's.
struct DatagramReceiver {
  let path: String
  private let descriptor: Int32

  init(path: String? = nil) throws {
    self.path = path ?? FileManager.default.temporaryDirectory.appending(path: "notify-\(UUID().uuidString.prefix(8))").path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(descriptor >= 0)
    try #require(bindSocket(descriptor, to: self.path))
  }

  /// The next datagram; `nil` if none is waiting.
  func next() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }

  /// Waits for a datagram that fits; the others before it are dropped. `nil` if none comes for a minute.
  func awaitNext(where fits: (String) -> Bool) -> String? {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&ready, 1, 60_000) > 0 {
      if let text = next(), fits(text) { return text }
    }
    return nil
  }

  func remove() {
    close(descriptor)
    unlink(path)
  }
}

/// Gives a Unix socket its path; `false` if that fails.
func bindSocket(_ descriptor: Int32, to path: String) -> Bool {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
      bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  } == 0
}
