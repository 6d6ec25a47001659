import RotationCore
import WebProbe

/// One ticket for one server of one node.
struct WebQuestion: Sendable {
  let node: NodeSlotsDocument
  /// Where the server is, or why that is not known.
  let place: Result<WebAddress, WebFailure>
  let ticket: WebTickets.Held

  /// Asks, and says what the answer means.
  ///
  /// - Throws: ``OperatorFault`` of kind `.software`.
  func verdict(by probe: WebVerification.Probe) async throws(OperatorFault) -> WebVerdictDocument {
    switch place {
    case .success(let address): verdict(on: try await probe(address, ticket.ticket))
    case .failure(let failure): verdict(on: .failed(failure))
    }
  }

  /// What an outcome means for this node and this ticket.
  func verdict(on outcome: WebOutcome) -> WebVerdictDocument {
    let finding = WebFinding(outcome, of: self)
    return WebVerdictDocument(
      node: node.node, address: try? place.get().description, domainController: ticket.controller,
      accepted: finding.kind == .accepted, verdict: finding.kind, status: finding.status,
      version: ticket.ticket.version.number, encryptionType: EncryptionType.displayName(ticket.ticket.encryptionType),
      position: slot?.position, rotation: slot?.rotation, message: finding.message, remedy: finding.remedy)
  }

  /// The slot, of those that the rotator lists for the node, whose key the ticket was issued under.
  var slot: SlotDocument? {
    let type = EncryptionType.displayName(ticket.ticket.encryptionType)
    return node.slots.first { $0.version == ticket.ticket.version.number && $0.encryptionTypes.contains(type) }
  }
}
