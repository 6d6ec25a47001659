import Foundation
package import RotationCore
import SwiftProtobuf

/// A request to accept an AP-REQ with the installed keytab.
package struct AcceptanceProof: Sendable, Equatable {
  /// Names the request on its stream.
  package var id: UInt64
  /// The account whose keytab is asked.
  package var account: AccountName
  /// The SPN of the ticket, or the account's own name.
  package var servicePrincipalName: ServicePrincipalName
  /// The AP-REQ (RFC 4120 section 5.5.1).
  package var request: [UInt8]
  /// Whether the node takes no note of the key that opens it.
  package var isTrial: Bool

  /// Makes a request from its parts.
  package init(
    id: UInt64, account: AccountName, servicePrincipalName: ServicePrincipalName, request: [UInt8], isTrial: Bool = false
  ) {
    self.id = id
    self.account = account
    self.servicePrincipalName = servicePrincipalName
    self.request = request
    self.isTrial = isTrial
  }

  /// Reads a request from the wire.
  ///
  /// - Throws: ``OperatorFault`` of kind `.protocol` naming the malformed field.
  package init(_ wire: Asa_Agent_V1_ProofRequest) throws(OperatorFault) {
    let reader = WireReader(message: "proof request")
    let account = try reader.account(wire.account, "account")
    self.init(
      id: wire.id, account: account,
      servicePrincipalName: try reader.ticketName(wire.servicePrincipalName, of: account, "service_principal_name"),
      request: try reader.bytes(wire.apReq, "ap_req", limit: WireLimits.ticketBytes), isTrial: wire.trial)
  }

  /// The request as it travels.
  package var wire: Asa_Agent_V1_ProofRequest {
    .with {
      $0.id = id
      $0.account = account.description
      $0.servicePrincipalName = servicePrincipalName.description
      $0.apReq = Data(request)
      $0.trial = isTrial
    }
  }
}

extension ProofAnswer {
  /// Reads the answer of a node. A ticket that was not accepted gives `.failure` of kind `.data` with the node's own sentence.
  ///
  /// - Throws: ``OperatorFault`` of kind `.protocol` naming the malformed field.
  package init(_ wire: Asa_Agent_V1_ProofResult, from node: NodeName) throws(OperatorFault) {
    let reader = WireReader(message: "proof result")
    let reply = try reader.bytes(wire.apRep, "ap_rep", limit: WireLimits.ticketBytes)
    let error = try reader.text(wire.error, "error")
    guard reply.isEmpty != error.isEmpty else { throw reader.fault("error", "must be set if and only if ap_rep is empty") }
    self.init(
      outcome: error.isEmpty ? .success(reply) : .failure(OperatorFault(.data, "node \(node)", error)),
      rotation: wire.rotation.isEmpty ? nil : try reader.rotation(wire.rotation, "rotation"))
  }

  /// The answer to request `id` as it travels.
  package func wire(id: UInt64) -> Asa_Agent_V1_ProofResult {
    .with { result in
      result.id = id
      switch outcome {
      case .success(let reply): result.apRep = Data(reply)
      case .failure(let fault): result.error = fault.description.clippedToWire
      }
      result.rotation = rotation?.description ?? ""
    }
  }
}
