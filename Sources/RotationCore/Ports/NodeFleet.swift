package import Foundation

/// A node whose identity has been proven and whose stream is live.
package struct NodeAttachment: Sendable, Equatable {
  /// The node.
  package var node: NodeName
  /// The agent installation behind it, a UUID that the agent made once.
  package var installation: String
  /// The agent's version.
  package var agentVersion: String
  /// The SHA-256 of its certificate, lower-case hexadecimal.
  package var certificateFingerprint: String
  /// When its certificate expires.
  package var certificateNotAfter: Date
  /// When it attached.
  package var since: Date

  /// Makes an attachment from its parts.
  package init(
    node: NodeName, installation: String, agentVersion: String, certificateFingerprint: String, certificateNotAfter: Date,
    since: Date
  ) {
    self.node = node
    self.installation = installation
    self.agentVersion = agentVersion
    self.certificateFingerprint = certificateFingerprint
    self.certificateNotAfter = certificateNotAfter
    self.since = since
  }
}

/// Something that a node did, as a past-tense fact.
package enum NodeEvent: Sendable {
  /// A node attached; a report per account follows.
  case attached(NodeAttachment)
  /// A node's stream ended.
  case detached(NodeName, reason: String)
  /// A node said what it holds.
  case reported(NodeName, NodeReport)
  /// A node's clock less ours, in seconds, half the round trip allowed for.
  case clockMeasured(NodeName, offset: TimeInterval)
  /// A connection was refused, for the records; the name is what the certificate claimed, if it could be read.
  case refused(name: String, OperatorFault)
}

/// A node's answer to an acceptance proof.
package struct ProofAnswer: Sendable, Equatable {
  /// The AP-REP, or why the ticket was not accepted.
  package var outcome: Result<[UInt8], OperatorFault>
  /// The rotation whose key opened the ticket, as the node sees it.
  package var rotation: RotationID?

  /// Makes an answer from its parts.
  package init(outcome: Result<[UInt8], OperatorFault>, rotation: RotationID?) {
    self.outcome = outcome
    self.rotation = rotation
  }
}

/// The agents that have dialled in. Each node has at most one stream.
package protocol NodeFleet: Sendable {
  /// Everything that nodes do, in order, for one consumer. Ends when the service stops.
  var events: AsyncStream<NodeEvent> { get }

  /// Sends an order; the answer arrives as ``NodeEvent/reported(_:_:)``. A node that is not attached gets nothing.
  func send(_ order: SlotOrder, to node: NodeName) async

  /// Hands an AP-REQ to a node, which accepts it with its *installed* keytab.
  ///
  /// Waits at most `timeout`; a node that is not attached, or silent, gives `.failure` of kind `.unavailable`.
  ///
  /// - Parameter isTrial: Whether the node takes no note of the key that opens it: somebody only wants to know.
  func prove(
    _ request: [UInt8], for servicePrincipalName: ServicePrincipalName, of account: AccountName, on node: NodeName,
    isTrial: Bool, timeout: Duration
  ) async -> ProofAnswer

  /// Tells a node that its consumers may load the keys that they lack now; how they stand arrives as ``NodeEvent/reported(_:_:)``.
  ///
  /// - Parameter drains: Whether it leaves service meanwhile: not where nobody else would serve.
  func grantConsumerTurn(to node: NodeName, drains: Bool) async

  /// Tells a node that a rotation of this account goes on without it: it leaves service until it has carried out an order.
  func leaveBehind(_ node: NodeName, account: AccountName) async

  /// Has a node destroy every key of these accounts; a report without slots for each arrives as ``NodeEvent/reported(_:_:)``.
  func decommission(_ node: NodeName, accounts: [AccountName]) async

  /// Has a node destroy every key of these accounts and go on without them, until an order brings some again; a report for each arrives as
  /// ``NodeEvent/reported(_:_:)``.
  func removeKeys(of accounts: [AccountName], from node: NodeName) async

  /// Cuts the node's live stream and refuses every certificate of that name issued up to now.
  func revoke(_ node: NodeName, at instant: Date) async
}
