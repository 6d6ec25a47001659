package import RotationCore

/// What was seen of this node's agent, its keytabs apart.
package struct AgentEvidence: Sendable {
  /// The node.
  package var node: NodeName
  /// Its configuration.
  package var configuration: String
  /// Whether an agent runs with it; `nil` if that cannot be found out.
  package var isRunning: Bool?
  /// The file that exists while the node is in service, and whether it does; `nil`: none is configured.
  package var readiness: (path: String, exists: Bool)?
  /// The rotators that it dials, and why this host cannot connect to one.
  package var rotators: [(label: String, fault: OperatorFault?)]

  /// Makes evidence from its parts.
  package init(
    node: NodeName, configuration: String, isRunning: Bool?, readiness: (path: String, exists: Bool)?,
    rotators: [(label: String, fault: OperatorFault?)]
  ) {
    self.node = node
    self.configuration = configuration
    self.isRunning = isRunning
    self.readiness = readiness
    self.rotators = rotators
  }

}
