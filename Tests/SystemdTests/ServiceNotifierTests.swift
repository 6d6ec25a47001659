import Foundation
import Systemd
import Testing

@Suite("Notices to systemd", .serialized)
struct ServiceNotifierTests {
  @Test("Readiness, status and stopping arrive as assignments, and a line break cannot add one")
  func notices() async {
    // A process of its own: NOTIFY_SOCKET is the whole process's.
    await #expect(processExitsWith: .success) {
      let receiver = try NotifyReceiver()
      defer { receiver.remove() }
      setenv("NOTIFY_SOCKET", receiver.path, 1)
      let notifier = ServiceNotifier()
      notifier.ready(status: "2 accounts")
      notifier.status("one\nWATCHDOG=trigger")
      notifier.stopping()
      #expect(receiver.next() == "READY=1\nSTATUS=2 accounts")
      #expect(receiver.next() == "STATUS=one WATCHDOG=trigger")
      #expect(receiver.next() == "STOPPING=1\nSTATUS=stopping")
    }
  }

  @Test("Without a socket a notice does nothing")
  func withoutSocket() async {
    await #expect(processExitsWith: .success) {
      unsetenv("NOTIFY_SOCKET")
      ServiceNotifier().ready(status: "nobody listens")
    }
  }
}

/// A datagram socket in the place of systemd's.
struct NotifyReceiver {
  let path: String
  private let descriptor: Int32

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "notify-\(UUID().uuidString.prefix(8))").path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(descriptor >= 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
  }

  /// The next notice; `nil` if none is waiting.
  func next() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }

  func remove() {
    close(descriptor)
    unlink(path)
  }
}
