import Foundation
import PosixStatus
import RotationCore
import Synchronization
import Systemd
import Testing

/// NOTIFY_SOCKET is the whole process's, so each of these has a process of its own.
@Suite("The scheduler's watchdog")
struct SchedulerWatchdogTests {
  @Test("It pings and shows the sentence; on a stall it tells first and triggers then, once, and pings no more")
  func stall() async {
    await #expect(processExitsWith: .success) {
      let receiver = try DatagramReceiver()
      defer { receiver.remove() }
      setenv("NOTIFY_SOCKET", receiver.path, 1)
      let ended = Mutex(0)
      let watchdog = SchedulerWatchdog(
        notifier: ServiceNotifier(), interval: .milliseconds(60),
        onStall: { step in
          ended.withLock { $0 += 1 }
          ServiceNotifier().status("stalled in \(step.phase)")
        })
      watchdog.start()
      watchdog.start()
      #expect(receiver.awaitNext { _ in true } == "WATCHDOG=1")
      let now = MonotonicClock.seconds
      watchdog.take(
        SchedulerPulse(steps: [DueStep(account: nil, phase: "loop", since: now, deadline: now + 600)], sentence: "all is well"))
      #expect(receiver.awaitNext { $0 != "WATCHDOG=1" } == "STATUS=all is well")
      #expect(receiver.awaitNext { _ in true } == "WATCHDOG=1")
      watchdog.take(
        SchedulerPulse(
          steps: [DueStep(account: nil, phase: "staging", since: now - 2, deadline: now - 1)], sentence: "all is well"))
      #expect(receiver.awaitNext { $0 != "WATCHDOG=1" } == "STATUS=stalled in staging")
      #expect(receiver.awaitNext { _ in true } == "WATCHDOG=trigger")
      watchdog.take(SchedulerPulse(steps: [], sentence: "too late"))
      #expect(receiver.awaitNext { _ in true } == "STATUS=too late")
      #expect(ended.withLock { $0 } == 1)
    }
  }

  @Test("Stopped, it neither pings nor judges")
  func stopped() async {
    await #expect(processExitsWith: .success) {
      let receiver = try DatagramReceiver()
      defer { receiver.remove() }
      setenv("NOTIFY_SOCKET", receiver.path, 1)
      let watchdog = SchedulerWatchdog(
        notifier: ServiceNotifier(), interval: .milliseconds(30), onStall: { _ in ServiceNotifier().status("stalled") })
      watchdog.start()
      #expect(receiver.awaitNext { _ in true } == "WATCHDOG=1")
      watchdog.stop()
      // What was sent before the stop has arrived before this does.
      watchdog.take(SchedulerPulse(steps: [DueStep(account: nil, phase: "x", since: 0, deadline: 0)], sentence: "stopped"))
      #expect(receiver.awaitNext { $0 != "WATCHDOG=1" } == "STATUS=stopped")
      #expect(receiver.next() == nil)
    }
  }
}
