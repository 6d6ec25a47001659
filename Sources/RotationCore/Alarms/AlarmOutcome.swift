/// What an alarm is about: the instance name of the `asa-outcome@.service` that it starts.
package enum AlarmOutcome: String, Sendable, Codable, CaseIterable {
  /// An attempt failed.
  case failed
  /// A rotation succeeded without some node.
  case degraded
  /// A due rotation has not succeeded within its time.
  case overdue
  /// A step of ours did not end, or the daemon ended without stopping.
  case stalled
  /// A node, a domain controller or the store is behind.
  case behind
  /// The directory has not answered a write whose outcome decides what happens next.
  case unknown
  /// The account in the directory is not as it should be.
  case drift
  /// The store refuses writes.
  case store
}

extension RecordKind {
  /// The alarm that a record of this kind raises; `nil` if it raises none.
  package var alarm: AlarmOutcome? {
    switch self {
    case .rotationFailed: .failed
    case .rotationDegraded: .degraded
    case .rotationOverdue: .overdue
    case .rotationStalled, .daemonInterrupted: .stalled
    case .nodeBehind, .storeBehind, .controllerBehind: .behind
    case .outcomeUnknown: .unknown
    case .drift: .drift
    case .storeUnwritable: .store
    case .keytabRestored, .credentialAdopted, .credentialRemoved, .credentialCopied, .accountTakenOver, .rotationStarted,
      .rotationSucceeded, .nodeRecovered,
      .nodeRefused, .nodeExcluded, .nodeDecommissioned, .keyRetired, .rotationWaiting, .rotationCaughtUp, .controllerConverged,
      .controllerForgotten, .driftEnded,
      .encryptionMigrationBegun, .encryptionTypesWritten, .encryptionTypesProven, .encryptionMigrated,
      .storeWritable, .schedulePaused, .scheduleResumed, .alarmDelivered, .alarmFailed,
      .alarmAcknowledged, .configurationReloaded, .configurationRefused:
      nil
    }
  }
}
