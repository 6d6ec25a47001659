package import Foundation
package import Logging

/// Sends log messages to the journal where standard error is the journal, and as plain lines to standard error elsewhere.
package struct JournalLogHandler: LogHandler {
  /// Where messages go.
  package enum Destination: Sendable {
    /// The system journal, with metadata as fields.
    case journal
    /// Standard error, one line per message.
    case standardError

    /// The journal if `JOURNAL_STREAM` says that standard error leads there (systemd.exec(5)).
    package static func detected(environment: [String: String] = ProcessInfo.processInfo.environment) -> Destination {
      Journal.isStandardError(journalStream: environment["JOURNAL_STREAM"]) ? .journal : .standardError
    }
  }

  /// Messages below this level are dropped.
  package var logLevel: Logger.Level
  /// Metadata that goes with every message.
  package var metadata: Logger.Metadata = [:]
  /// Metadata that is computed for each message.
  package var metadataProvider: Logger.MetadataProvider?

  private let label: String
  private let identifier: String
  private let destination: Destination

  /// Makes a handler.
  ///
  /// - Parameters:
  ///   - label: The logger's label.
  ///   - identifier: The name of the program, for `SYSLOG_IDENTIFIER`.
  ///   - level: Messages below it are dropped.
  ///   - destination: Where messages go.
  package init(label: String, identifier: String, level: Logger.Level = .info, destination: Destination) {
    self.label = label
    self.identifier = identifier
    self.destination = destination
    logLevel = level
  }

  /// One metadata value that goes with every message.
  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes one message. It never fails.
  package func log(event: LogEvent) {
    let isSent = destination == .journal && Journal.send(fields(of: event))
    if !isSent { line(of: event, at: Date()).write() }
  }

  /// The journal entry of a message.
  package func fields(of event: LogEvent) -> [JournalField] {
    [
      JournalField(.message, event.message.description), JournalField(.priority, "\(event.level.priority.rawValue)"),
      JournalField(.syslogIdentifier, identifier), JournalField(.logger, label),
    ] + values(of: event).map { JournalField(.init(metadataKey: $0.key), $0.value) }
  }

  /// The plain line of a message.
  package func line(of event: LogEvent, at time: Date) -> StandardErrorLine {
    StandardErrorLine(
      time: time, level: event.level.rawValue, label: label, message: event.message.description, values: values(of: event))
  }

  private func values(of event: LogEvent) -> [(key: String, value: String)] {
    var merged = metadata
    merged.merge(metadataProvider?.get() ?? [:]) { $1 }
    merged.merge(event.metadata ?? [:]) { $1 }
    if let error = event.error { merged["error"] = "\(error)" }
    return merged.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
  }
}

extension Logger.Level {
  /// The syslog severity.
  fileprivate var priority: JournalPriority {
    switch self {
    case .trace, .debug: .debug
    case .info: .info
    case .notice: .notice
    case .warning: .warning
    case .error: .error
    case .critical: .critical
    }
  }
}
