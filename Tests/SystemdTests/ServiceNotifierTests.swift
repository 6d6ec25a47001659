import Foundation
import PosixStatus
import Systemd
import Testing

@Suite("Notices to systemd", .serialized)
struct ServiceNotifierTests {
  @Test("Readiness, status and stopping arrive as assignments; a line break cannot add one, and a backslash survives")
  func notices() async {
    // A process of its own: NOTIFY_SOCKET is the whole process's.
    await #expect(processExitsWith: .success) {
      let receiver = try DatagramReceiver()
      defer { receiver.remove() }
      setenv("NOTIFY_SOCKET", receiver.path, 1)
      let notifier = ServiceNotifier()
      notifier.ready(status: "LAB\\ASA$")
      notifier.status("one\nWATCHDOG=trigger")
      notifier.stopping()
      // systemd takes one backslash away.
      #expect(receiver.next() == "STATUS=LAB\\\\ASA$")
      #expect(receiver.next() == "READY=1")
      #expect(receiver.next() == "STATUS=one WATCHDOG=trigger")
      #expect(receiver.next() == "STOPPING=1\nSTATUS=stopping")
    }
  }

  @Test("Pings, the trigger and a reload are what systemd expects")
  func watchdogAndReload() async {
    await #expect(processExitsWith: .success) {
      let receiver = try DatagramReceiver()
      defer { receiver.remove() }
      setenv("NOTIFY_SOCKET", receiver.path, 1)
      let notifier = ServiceNotifier()
      notifier.watchdog()
      notifier.trigger()
      let before = MonotonicClock.seconds
      notifier.reloading()
      #expect(receiver.next() == "WATCHDOG=1")
      #expect(receiver.next() == "WATCHDOG=trigger")
      let match = try #require(receiver.next()?.wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=([0-9]+)/))
      let seconds = try #require(Double(match.1)) / 1e6
      #expect((before - 0.001...MonotonicClock.seconds).contains(seconds))
    }
  }

  @Test("The watchdog's interval is this process's own, or none")
  func interval() async {
    await #expect(processExitsWith: .success) {
      unsetenv("WATCHDOG_USEC")
      #expect(ServiceNotifier().watchdogInterval == nil)
      setenv("WATCHDOG_USEC", "30000000", 1)
      setenv("WATCHDOG_PID", "\(getpid())", 1)
      #expect(ServiceNotifier().watchdogInterval == .seconds(30))
      setenv("WATCHDOG_PID", "1", 1)
      #expect(ServiceNotifier().watchdogInterval == nil)
    }
  }

  @Test("Without a socket a notice does nothing")
  func withoutSocket() async {
    await #expect(processExitsWith: .success) {
      unsetenv("NOTIFY_SOCKET")
      let notifier = ServiceNotifier()
      notifier.ready(status: "nobody listens")
      notifier.watchdog()
      notifier.reloading()
      notifier.trigger()
    }
  }
}
