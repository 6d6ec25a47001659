import CSystemd
import Glibc
import PosixStatus

/// Tells systemd about the service's state (sd_notify(3)). Without `NOTIFY_SOCKET` every call does nothing, and a lost notice never
/// fails the service.
package struct ServiceNotifier: Sendable {
  /// Makes a notifier.
  package init() {}

  /// The state is loaded and the listener is bound, or a reload has ended.
  ///
  /// - Parameter status: One sentence for `systemctl status`.
  package func ready(status: String) {
    self.status(status)
    notify(["READY=1"])
  }

  /// The configuration is being read again; ``ready(status:)`` ends that, whether it was applied or refused.
  package func reloading() {
    // The time tells systemd which of two reloads a later READY=1 belongs to.
    notify(["RELOADING=1", "MONOTONIC_USEC=\(UInt64(MonotonicClock.seconds * 1e6))"])
  }

  /// One sentence for `systemctl status`.
  package func status(_ sentence: String) { notify([Self.status(sentence)]) }

  /// The service is alive.
  package func watchdog() { notify(["WATCHDOG=1"]) }

  /// The service has found out by itself that it is not: systemd acts as if a ping had been missed.
  package func trigger() { notify(["WATCHDOG=trigger"]) }

  /// The service is ending.
  package func stopping() { notify(["STOPPING=1", Self.status("stopping")]) }

  /// Whether somebody listens: systemd has started this process as a service.
  package var isAttended: Bool { getenv("NOTIFY_SOCKET") != nil }

  /// How long systemd waits for a ping (`WatchdogSec=`); `nil` where it expects none of this process.
  package var watchdogInterval: Duration? {
    var microseconds: UInt64 = 0
    guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
    return .microseconds(Int64(clamping: microseconds))
  }

  /// A line break would start an assignment of its own, and systemd 252 takes a backslash for an escape, also in `LAB\ASA$`.
  private static func status(_ sentence: String) -> String {
    let shown = sentence.count > longestStatus ? "\(sentence.prefix(longestStatus - 1))…" : sentence
    return "STATUS=" + shown.map { $0.isNewline ? " " : $0 == "\\" ? "\\\\" : String($0) }.joined()
  }

  /// In characters: systemd drops a notice of more than 4096 bytes whole, and what else it says with it.
  private static let longestStatus = 500

  private func notify(_ assignments: [String]) {
    // Zero keeps NOTIFY_SOCKET set for the next call.
    _ = sd_notify(0, assignments.joined(separator: "\n"))
  }
}
