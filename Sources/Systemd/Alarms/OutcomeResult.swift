package import RotationCore

/// How a run of `asa-outcome@OUTCOME.service` ended, as systemd tells it.
package struct OutcomeResult: Sendable, Equatable {
  /// How the start job ended: `done`, `failed`, `dependency`, `timeout`, `canceled`, ... (org.freedesktop.systemd1(5), JobRemoved).
  package var job: String
  /// The service's `Result`, such as `success`, `exit-code`, `timeout`.
  package var service: String
  /// The exit status or the signal of its main process.
  package var status: Int32
  /// Whether a `Condition…=` kept it from running.
  package var isSkipped: Bool

  /// Makes a result from its parts.
  package init(job: String, service: String, status: Int32, isSkipped: Bool) {
    self.job = job
    self.service = service
    self.status = status
    self.isSkipped = isSkipped
  }

  /// Why nobody was told; `nil` if the run succeeded.
  package func fault(of unit: String) -> OperatorFault? {
    if job == "done", isSkipped {
      return OperatorFault(
        .system, unit, "did not run, a condition of the unit does not hold", remedy: "see systemctl status \(unit)")
    }
    guard job != "done" || service != "success" else { return nil }
    let reason =
      switch (job, service) {
      case (_, "exit-code"), (_, "signal"), (_, "core-dump"): "failed with result \(service) \(status)"
      case (_, let service) where service != "success": "failed with result \(service)"
      case (let job, _): "was not run to its end, its start job ended as \(job)"
      }
    return OperatorFault(.system, unit, reason, remedy: "see journalctl -u \(unit)")
  }
}
