/// One field of a journal entry.
package struct JournalField: Sendable, Equatable {
  /// The names that this program writes. journald drops a field whose name is not `[A-Z0-9_]`, starts with a digit or an underscore,
  /// or is longer than 64 bytes (systemd.journal-fields(7)); so names are made here only.
  package struct Name: Sendable, Hashable, CustomStringConvertible {
    /// The name as journald sees it.
    package let description: String

    private init(verbatim name: String) { description = name }

    /// Maps a logging metadata key to a name of ours: `ASA_` and the key in upper case, everything else as `_`. The prefix keeps a key
    /// such as `message` or `priority` from forging one of journald's own fields.
    package init(metadataKey key: String) {
      let mapped = key.uppercased().unicodeScalars.map { scalar in
        switch scalar {
        case "A"..."Z", "0"..."9": Character(scalar)
        default: Character("_")
        }
      }
      description = String(("ASA_" + String(mapped)).prefix(64))
    }

    /// The text for people.
    package static let message = Name(verbatim: "MESSAGE")
    /// Which event it is, see ``MessageID``.
    package static let messageID = Name(verbatim: "MESSAGE_ID")
    /// The syslog severity, 0 to 7.
    package static let priority = Name(verbatim: "PRIORITY")
    /// The name of the program.
    package static let syslogIdentifier = Name(verbatim: "SYSLOG_IDENTIFIER")
    /// The account, `DOMAIN\name`.
    package static let account = Name(verbatim: "ASA_ACCOUNT")
    /// The rotation's id.
    package static let rotation = Name(verbatim: "ASA_ROTATION")
    /// The phase that the rotation was in.
    package static let phase = Name(verbatim: "ASA_PHASE")
    /// `succeeded`, `degraded` or `failed`, on terminal records.
    package static let outcome = Name(verbatim: "ASA_OUTCOME")
    /// The kind of alarm that the record raises or is about: the instance of `asa-outcome@.service`.
    package static let alarm = Name(verbatim: "ASA_ALARM")
    /// A node concerned; once per node.
    package static let node = Name(verbatim: "ASA_NODE")
    /// The kvno after the event.
    package static let kvno = Name(verbatim: "ASA_KVNO")
    /// The domain controller concerned.
    package static let domainController = Name(verbatim: "ASA_DC")
    /// A domain controller that had not got the new password; once per controller.
    package static let domainControllerBehind = Name(verbatim: "ASA_DC_BEHIND")
    /// The event number that the Windows tool wrote, on the records that it had: 14001 to 14004.
    package static let eventID = Name(verbatim: "ASA_EVENT_ID")
    /// `yes` or `no`: whether the directory's password changed, on terminal records.
    package static let passwordChanged = Name(verbatim: "ASA_PASSWORD_CHANGED")
    /// The label of the logger.
    package static let logger = Name(verbatim: "ASA_LOGGER")
  }

  /// What the value is.
  package let name: Name
  /// The value; it may hold several lines.
  package let value: String

  /// Pairs a name with its value.
  package init(_ name: Name, _ value: String) {
    self.name = name
    self.value = value
  }

  /// The form that sd_journal_sendv(3) takes: `NAME=value`. It encodes values with line breaks itself.
  package var encoded: [UInt8] { Array("\(name)=\(value)".utf8) }
}

/// The severities of syslog (RFC 5424 6.2.1) that this program uses.
package enum JournalPriority: Int, Sendable {
  /// Somebody must act now.
  case critical = 2
  /// Something failed.
  case error = 3
  /// Something is not as it should be.
  case warning = 4
  /// Normal and worth knowing.
  case notice = 5
  /// Normal.
  case info = 6
  /// For finding faults.
  case debug = 7
}
