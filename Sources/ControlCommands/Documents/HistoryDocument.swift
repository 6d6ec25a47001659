package import ControlProtocol
package import Foundation

/// What `asactl history --json` prints: the newest records, oldest of them first.
package struct HistoryDocument: Encodable, Sendable, Equatable {
  /// The records.
  package var records: [HistoryEntry]

  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_HistoryReply) {
    records = reply.records.reversed().map(HistoryEntry.init)
  }
}

/// One record of a ``HistoryDocument``.
package struct HistoryEntry: Encodable, Sendable, Equatable {
  /// When it happened.
  @NullIfAbsent package var time: Date?
  /// What happened: the same names as in the journal's records.
  package var kind: String
  /// The account, where the record is about one.
  @NullIfAbsent package var account: String?
  /// The rotation, where the record belongs to one.
  @NullIfAbsent package var rotation: String?
  /// The phase that the rotation was in.
  @NullIfAbsent package var phase: String?
  /// The nodes concerned.
  package var nodes: [String]
  /// The kvno, where known.
  @NullIfAbsent package var version: UInt32?
  /// The domain controller that was written to or asked.
  @NullIfAbsent package var domainController: String?
  /// The domain controllers that had not got the new password.
  package var controllersBehind: [String]
  /// One sentence.
  package var message: String
  /// Whether the password in the directory was changed; only on terminal records.
  @NullIfAbsent package var passwordChanged: Bool?

  fileprivate init(_ record: Asa_Control_V1_HistoryRecord) {
    time = record.hasTime ? record.time.wholeSecond : nil
    kind = record.kind.visible
    account = record.account.visibleOrNil
    rotation = record.rotation.visibleOrNil
    phase = record.phase.visibleOrNil
    nodes = record.nodes.map(\.visible)
    version = record.version == 0 ? nil : record.version
    domainController = record.domainController.visibleOrNil
    controllersBehind = record.controllersBehind.map(\.visible)
    message = record.message.visible
    passwordChanged = record.hasPasswordChanged ? record.passwordChanged : nil
  }
}
