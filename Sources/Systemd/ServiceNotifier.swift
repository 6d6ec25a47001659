import CSystemd

/// Tells systemd about the service's state (sd_notify(3)). Without `NOTIFY_SOCKET` every call does nothing, and a lost notice never
/// fails the service.
package struct ServiceNotifier: Sendable {
  /// Makes a notifier.
  package init() {}

  /// The state is loaded and the listener is bound.
  ///
  /// - Parameter status: One sentence for `systemctl status`.
  package func ready(status: String) { notify(["READY=1", Self.status(status)]) }

  /// One sentence for `systemctl status`.
  package func status(_ sentence: String) { notify([Self.status(sentence)]) }

  /// The service is ending.
  package func stopping() { notify(["STOPPING=1", Self.status("stopping")]) }

  /// A line break would start an assignment of its own.
  private static func status(_ sentence: String) -> String {
    "STATUS=" + sentence.map { $0.isNewline ? " " : String($0) }.joined()
  }

  private func notify(_ assignments: [String]) {
    // Zero keeps NOTIFY_SOCKET set for the next call.
    _ = sd_notify(0, assignments.joined(separator: "\n"))
  }
}
