package import ControlProtocol

/// What `asactl credential remove --json` prints.
package struct RemovalDocument: Encodable, Sendable, Equatable {
  /// The keys of one account on one node.
  package struct Removed: Encodable, Sendable, Equatable {
    /// The account.
    package var account: String
    /// The node.
    package var node: String
    /// The kvnos whose keys are destroyed, newest first.
    package var versions: [UInt32]
    /// Those among them that nobody can give the node again.
    package var lostVersions: [UInt32]
  }

  /// Whether nothing was changed.
  package var dryRun: Bool
  /// What is destroyed.
  package var removed: [Removed]
  /// Who is refused.
  package var warnings: [String]

  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_RemoveCredentialReply, isDryRun: Bool) {
    dryRun = isDryRun
    removed = reply.removed.map { one in
      Removed(
        account: one.account.visible, node: one.node.visible, versions: one.versions, lostVersions: one.lostVersions)
    }
    warnings = reply.warnings.map(\.visible)
  }
}
