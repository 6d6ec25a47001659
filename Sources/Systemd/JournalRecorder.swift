package import RotationCore

/// Writes outcome records to the system journal, and to standard error where there is no journal.
package struct JournalRecorder: OutcomeRecording {
  private let identifier: String

  /// Makes a recorder.
  ///
  /// - Parameter identifier: The name of the program, for `SYSLOG_IDENTIFIER`.
  package init(identifier: String) { self.identifier = identifier }

  /// Writes one record.
  package func record(_ record: OutcomeRecord) {
    let entry = JournalEntry(record, identifier: identifier)
    if !Journal.send(entry.fields) { entry.line.write() }
  }
}
