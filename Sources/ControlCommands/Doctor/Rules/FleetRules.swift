import Foundation
package import RotationCore

/// Judges what the running rotator says of itself.
package struct FleetRules {
  private let fleet: Result<FleetEvidence, OperatorFault>

  /// Takes what was heard, or why nothing was.
  package init(_ fleet: Result<FleetEvidence, OperatorFault>) { self.fleet = fleet }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] {
    switch fleet {
    case .success(let fleet):
      [DoctorCheck(Self.daemon, Self.answers, [])] + alarms(fleet) + fleet.status.accounts.map(schedule)
    case .failure(let fault) where fault.kind == .permission:
      [DoctorCheck(Self.daemon, Self.answers, impossible: fault.description)]
    case .failure(let fault):
      [
        DoctorCheck(Self.daemon, Self.answers, DoctorFinding(.rotatorDown, Self.daemon, fault.problem)),
        DoctorCheck("the nodes", "are attached and accept tickets", impossible: "no rotator answers"),
      ]
    }
  }

  private static let daemon = "asa-rotatord"
  private static let answers = "answers on status.sock"

  private func schedule(_ account: AccountDocument) -> DoctorCheck {
    DoctorCheck(
      "account \(account.account)", "is rotated on schedule",
      account.pause.map { pause in
        let end = pause.until.map { " until \($0.formatted(.iso8601))" } ?? ""
        return DoctorFinding(.schedulePaused, "account \(account.account)", "its schedule is paused\(end): \(pause.reason)")
      })
  }
}

// MARK: - Alarms

extension FleetRules {
  private func alarms(_ fleet: FleetEvidence) -> [DoctorCheck] {
    let standing = fleet.status.alarms.filter { $0.resolvedAt == nil }
    // What is wrong with a node or a domain controller that is there is told of at its own place.
    let nodes = Set(fleet.nodes.nodes.map(\.node))
    let own = standing.filter { alarm in alarm.outcome != "behind" || alarm.subject.map { !nodes.contains($0) } ?? true }
    return [DoctorCheck(Self.daemon, "has no alarm", own.map(finding) + standing.compactMap(undelivered))]
  }

  private func finding(_ alarm: AlarmDocument) -> DoctorFinding {
    let kind: FindingKind =
      switch alarm.outcome {
      case "failed": .alarmFailed
      case "degraded": .alarmDegraded
      case "overdue": .alarmOverdue
      case "stalled": .alarmStalled
      case "behind": .alarmBehind
      case "unknown": .alarmUnknown
      case "drift": .alarmDrift
      default: .alarmStore
      }
    return DoctorFinding(kind, alarm.account.map { "account \($0)" } ?? Self.daemon, alarm.message)
  }

  private func undelivered(_ alarm: AlarmDocument) -> DoctorFinding? {
    guard let fault = alarm.deliveryFault, !alarm.delivered, alarm.acknowledgedAt == nil else { return nil }
    return DoctorFinding(.alarmUndelivered, "alarm \(alarm.outcome)", fault, ["OUTCOME": alarm.outcome])
  }
}
