import Foundation
package import RotationCore

/// How one outcome record looks in the journal.
package struct JournalEntry: Sendable, Equatable {
  /// The fields, the fixed ones first.
  package let fields: [JournalField]
  /// The same for standard error, for where there is no journal.
  package let line: StandardErrorLine

  /// Lays out a record.
  ///
  /// - Parameter identifier: The name of the program, for `SYSLOG_IDENTIFIER`.
  package init(_ record: OutcomeRecord, identifier: String) {
    let details = Self.details(of: record)
    fields =
      [
        JournalField(.message, record.message), JournalField(.messageID, MessageID.of(record.kind)),
        JournalField(.priority, "\(record.kind.priority.rawValue)"), JournalField(.syslogIdentifier, identifier),
      ] + details
    line = StandardErrorLine(
      time: record.time, level: "\(record.kind.priority)", label: identifier, message: record.message,
      values: [("event", record.kind.rawValue)] + details.map { ($0.name.description, $0.value) })
  }

  private static func details(of record: OutcomeRecord) -> [JournalField] {
    let single: [(JournalField.Name, String?)] = [
      (.account, record.account?.description), (.rotation, record.rotation?.description), (.phase, record.phase),
      (.outcome, record.kind.outcome?.rawValue), (.alarm, (record.alarm ?? record.kind.alarm)?.rawValue),
      (.kvno, record.version?.description), (.domainController, record.domainController),
      (.eventID, record.kind.eventID.map(String.init)),
      (.passwordChanged, record.passwordChanged.map { $0 ? "yes" : "no" }),
    ]
    return single.compactMap { name, value in value.map { JournalField(name, $0) } }
      + record.nodes.map { JournalField(.node, $0.description) }
      + (record.controllers ?? []).map { JournalField(.domainControllerBehind, $0) }
  }
}

extension RecordKind {
  /// How loud the record is.
  var priority: JournalPriority {
    switch self {
    case .rotationStarted, .keyRetired, .rotationWaiting, .alarmDelivered: .info
    case .rotationSucceeded, .nodeRecovered, .rotationCaughtUp, .controllerConverged, .driftEnded, .storeWritable,
      .nodeExcluded, .nodeDecommissioned, .credentialRemoved, .credentialCopied,
      .encryptionMigrationBegun, .encryptionTypesWritten, .encryptionTypesProven, .encryptionMigrated,
      .schedulePaused, .scheduleResumed, .alarmAcknowledged, .configurationReloaded:
      .notice
    case .keytabRestored, .credentialAdopted, .accountTakenOver, .rotationDegraded, .nodeBehind, .nodeRefused,
      .controllerBehind,
      .controllerForgotten:
      .warning
    case .rotationFailed, .outcomeUnknown, .rotationOverdue, .drift, .daemonInterrupted, .alarmFailed, .configurationRefused:
      .error
    case .storeBehind, .rotationStalled, .storeUnwritable: .critical
    }
  }

  /// The outcome that a terminal record tells.
  var outcome: RotationOutcome? {
    switch self {
    case .rotationSucceeded: .succeeded
    case .rotationDegraded: .degraded
    case .rotationFailed: .failed
    default: nil
    }
  }

  /// The event number that administrators know from RollAlternateServiceAccountPassword.ps1.
  var eventID: Int? {
    switch self {
    case .rotationStarted: 14_001
    case .rotationSucceeded: 14_002
    case .rotationDegraded: 14_003
    case .rotationFailed: 14_004
    default: nil
    }
  }
}
