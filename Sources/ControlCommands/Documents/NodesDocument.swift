package import ControlProtocol
package import Foundation

/// What `asactl nodes list --json` prints.
package struct NodesDocument: Encodable, Sendable, Equatable {
  /// The nodes.
  package var nodes: [NodeDocument]

  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_ListNodesReply) { nodes = reply.nodes.map(NodeDocument.init) }
}

/// One node of a ``NodesDocument``.
package struct NodeDocument: Encodable, Sendable, Equatable {
  /// Its name.
  package var node: String
  /// `attached`, `detached`, `revoked` or `never-seen`.
  package var connection: String
  /// The id of the agent's installation.
  @NullIfAbsent package var installation: String?
  /// The version of its asa-agentd.
  @NullIfAbsent package var agentVersion: String?
  /// When it was last heard.
  @NullIfAbsent package var lastSeen: Date?
  /// Since when certificates issued before are refused.
  @NullIfAbsent package var revokedAt: Date?
  /// Until when rotations do not wait for it.
  @NullIfAbsent package var excludedUntil: Date?
  /// Why they do not.
  @NullIfAbsent package var exclusionReason: String?
  /// When its certificate expires.
  @NullIfAbsent package var certificateNotAfter: Date?
  /// Its clock less the rotator's, in seconds.
  @NullIfAbsent package var clockOffset: Double?
  /// The arrays that it belongs to.
  package var arrays: [String]
  /// The accounts whose keys it holds.
  package var accounts: [String]
  /// What is wrong with it.
  @NullIfAbsent package var fault: String?

  fileprivate init(_ status: Asa_Control_V1_NodeStatus) {
    node = status.node.visible
    connection = status.connection.visible
    installation = status.installation.visibleOrNil
    agentVersion = status.agentVersion.visibleOrNil
    lastSeen = status.hasLastSeen ? status.lastSeen.wholeSecond : nil
    revokedAt = status.hasRevokedAt ? status.revokedAt.wholeSecond : nil
    excludedUntil = status.hasExcludedUntil ? status.excludedUntil.wholeSecond : nil
    exclusionReason = status.exclusionReason.visibleOrNil
    certificateNotAfter = status.hasCertificateNotAfter ? status.certificateNotAfter.wholeSecond : nil
    // JSON has no infinities; an offset that is not a number was not measured.
    clockOffset = status.hasClockOffset && status.clockOffset.isFinite ? status.clockOffset : nil
    arrays = status.arrays.map(\.visible)
    accounts = status.accounts.map(\.visible)
    fault = status.fault.visibleOrNil
  }
}

/// What `asactl nodes revoke --json` and `asactl nodes decommission --json` print.
package struct RevocationDocument: Encodable, Sendable, Equatable {
  /// The node.
  package var node: String
  /// Certificates issued before this time are refused.
  @NullIfAbsent package var revokedAt: Date?
  /// Whether a live stream was cut.
  package var wasAttached: Bool

  /// Reads the daemon's answer for a node.
  package init(node: String, _ reply: Asa_Control_V1_RevokeNodeReply) {
    self.node = node
    revokedAt = reply.hasRevokedAt ? reply.revokedAt.wholeSecond : nil
    wasAttached = reply.wasAttached
  }
}

/// What `asactl nodes exclude --json` and `asactl nodes include --json` print.
package struct ExclusionDocument: Encodable, Sendable, Equatable {
  /// The node.
  package var node: String
  /// Until when rotations do not wait for it; `nil` if they do.
  @NullIfAbsent package var excludedUntil: Date?
  /// Why they do not.
  @NullIfAbsent package var reason: String?

  /// Tells what was asked for.
  package init(node: String, excludedUntil: Date?, reason: String?) {
    self.node = node
    self.excludedUntil = excludedUntil
    self.reason = reason
  }
}
