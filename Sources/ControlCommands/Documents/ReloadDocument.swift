package import ControlProtocol

/// What `asactl reload --json` prints.
package struct ReloadDocument: Encodable, Sendable, Equatable {
  /// What changed, one sentence each; empty if the file says what it said before.
  package var changes: [String]

  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_ReloadReply) { changes = reply.changes.map(\.visible) }
}
