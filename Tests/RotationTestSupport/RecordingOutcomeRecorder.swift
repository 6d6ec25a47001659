package import RotationCore

/// A journal that can be read back and waited for.
package struct RecordingOutcomeRecorder: OutcomeRecording {
  /// The records so far.
  package let chronicle = Chronicle<OutcomeRecord>()

  /// An empty journal.
  package init() {}

  /// Keeps the record.
  package func record(_ record: OutcomeRecord) { chronicle.append(record) }

  /// The records of these kinds so far.
  package func records(_ kinds: RecordKind...) -> [OutcomeRecord] { chronicle.entries.filter { kinds.contains($0.kind) } }

  /// The terminal records so far.
  package var endings: [OutcomeRecord] { records(.rotationSucceeded, .rotationDegraded, .rotationFailed) }
}
