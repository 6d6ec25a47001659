package import RotationCore

/// What the running rotator says of itself, its accounts and its nodes.
package struct FleetEvidence: Sendable {
  /// The accounts with what each node holds, and the alarms.
  package var status: StatusDocument
  /// The nodes.
  package var nodes: NodesDocument
  /// Per account: what every node made of a ticket of every domain controller, or why they were not asked.
  package var proofs: [AccountName: Result<[VerdictDocument], OperatorFault>]

  /// Makes evidence from its parts.
  package init(
    status: StatusDocument, nodes: NodesDocument, proofs: [AccountName: Result<[VerdictDocument], OperatorFault>]
  ) {
    self.status = status
    self.nodes = nodes
    self.proofs = proofs
  }
}
