import Foundation
import Systemd
import Testing

@Suite("Notices to systemd", .serialized)
struct ServiceNotifierTests {
  @Test("Readiness, status and stopping arrive as assignments, and a line break cannot add one")
  func notices() async {
    // A process of its own: NOTIFY_SOCKET is the whole process's.
    await #expect(processExitsWith: .success) {
      let receiver = try DatagramReceiver()
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
