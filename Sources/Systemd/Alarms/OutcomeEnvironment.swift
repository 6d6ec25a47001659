import Foundation
package import RotationCore

/// What `asa-outcome@OUTCOME.service` is told: the same fields as the journal's, always all of them, empty where nothing is known.
package struct OutcomeEnvironment: Sendable {
  /// The names and values, in a fixed order.
  package let assignments: [(name: String, value: String)]

  /// Lays out a notice.
  package init(_ notice: AlarmNotice) {
    let record = notice.record
    let fields: [(String, String?)] = [
      ("ASA_OUTCOME", notice.outcome.rawValue), ("ASA_EVENT", record.kind.rawValue),
      ("ASA_ACCOUNT", record.account?.description), ("ASA_ROTATION", record.rotation?.description), ("ASA_PHASE", record.phase),
      ("ASA_NODE", record.nodes.map(\.description).joined(separator: " ")), ("ASA_KVNO", record.version?.description),
      ("ASA_DC", record.domainController), ("ASA_DC_BEHIND", record.controllers?.joined(separator: " ")),
      ("ASA_MESSAGE", record.message), ("ASA_MESSAGE_ID", MessageID.of(record.kind)),
      ("ASA_TIME", Self.timestamp(record.time)), ("ASA_SINCE", Self.timestamp(notice.since)),
      ("ASA_NOTICE", "\(notice.count)"), ("ASA_EVENT_ID", record.kind.eventID.map(String.init)),
      ("ASA_PASSWORD_CHANGED", record.passwordChanged.map { $0 ? "yes" : "no" }),
    ]
    assignments = fields.map { (name: $0, value: $1 ?? "") }
  }

  /// The file for `EnvironmentFile=`.
  package var text: EnvironmentText { EnvironmentText(assignments) }

  private static func timestamp(_ date: Date) -> String { date.formatted(.iso8601) }
}
