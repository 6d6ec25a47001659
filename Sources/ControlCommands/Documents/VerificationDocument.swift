package import ControlProtocol

/// What `asactl verify --json` prints.
package struct VerificationDocument: Encodable, Sendable, Equatable {
  /// Whether every node accepted every ticket; false if there was nothing to ask.
  package var allAccepted: Bool
  /// How many tickets were accepted.
  package var accepted: Int
  /// How many refused or did not answer.
  package var refused: Int
  /// One for each node, SPN and domain controller that was asked.
  package var verdicts: [VerdictDocument]

  /// Sums up verdicts. What the daemon's own summary refused counts even if no verdict of it arrived.
  package init(verdicts: [VerdictDocument], summary: Asa_Control_V1_VerifyEnded) {
    self.verdicts = verdicts.sorted {
      ($0.node, $0.servicePrincipalName, $0.domainController ?? "") < (
        $1.node, $1.servicePrincipalName, $1.domainController ?? ""
      )
    }
    accepted = verdicts.count(where: \.accepted)
    refused = max(verdicts.count - accepted, Int(summary.refused))
    allAccepted = summary.allAccepted && refused == 0 && accepted > 0
  }
}

/// One verdict of a ``VerificationDocument``.
package struct VerdictDocument: Encodable, Sendable, Equatable {
  /// The node.
  package var node: String
  /// The SPN that the ticket was for.
  package var servicePrincipalName: String
  /// The domain controller that issued the ticket, or should have; `null` where only one was asked.
  @NullIfAbsent package var domainController: String?
  /// Whether the node's installed keytab opened the ticket.
  package var accepted: Bool
  /// The kvno that the ticket was issued under.
  @NullIfAbsent package var version: UInt32?
  /// The encryption type of the ticket.
  @NullIfAbsent package var encryptionType: String?
  /// The rotation whose key opened it.
  @NullIfAbsent package var rotation: String?
  /// Why it was refused.
  @NullIfAbsent package var error: String?

  /// Reads the daemon's verdict.
  package init(_ verdict: Asa_Control_V1_NodeVerdict) {
    node = verdict.node.visible
    servicePrincipalName = verdict.servicePrincipalName.visible
    domainController = verdict.domainController.visibleOrNil
    accepted = verdict.accepted
    version = verdict.version == 0 ? nil : verdict.version
    encryptionType = verdict.encryptionType.visibleOrNil
    rotation = verdict.rotation.visibleOrNil
    error = verdict.error.visibleOrNil
  }
}
