package import RotationCore
import Systemd

/// Which records of the journal are wanted, and the `journalctl` call that shows them.
package struct JournalQuery: Sendable, Equatable {
  /// Whether the node agent's entries are meant instead of the rotator's.
  package var isAgent = false
  /// The account.
  package var account: String?
  /// The rotation's id.
  package var rotation: String?
  /// The node.
  package var node: String?
  /// Any of these kinds; empty: everything, log messages too.
  package var kinds: [RecordKind] = []
  /// The first moment, in journalctl's own words.
  package var since: String?
  /// The last moment, likewise.
  package var until: String?
  /// Whether to wait for more.
  package var follows = false
  /// Whether to show the catalog's explanations.
  package var explains = false

  /// All of the rotator's entries.
  package init() {}

  /// The call. Different fields must all match, and one of several values of the same field.
  package var call: ProgramCall {
    let switches = [follows ? "--follow" : nil, explains ? "--catalog" : nil].compactMap { $0 }
    let bounds = [since.map { "--since=\($0)" }, until.map { "--until=\($0)" }].compactMap { $0 }
    let identifier = "--identifier=\(isAgent ? "asa-agentd" : "asa-rotatord")"
    return ProgramCall(name: "journalctl", arguments: [identifier] + switches + bounds + matches)
  }

  private var matches: [String] {
    let fields = [(JournalField.Name.account, account), (.rotation, rotation), (.node, node)]
    return fields.compactMap { name, value in value.map { "\(name)=\($0)" } }
      + kinds.map { "\(JournalField.Name.messageID)=\(MessageID.of($0))" }
  }
}
