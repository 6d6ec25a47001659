package import RotationCore

extension KerberosClient {
  /// Gets a new service ticket, as ``requestTicket(for:)`` does, to be shown to web servers.
  ///
  /// - Parameter name: The SPN; a browser asks for `HTTP/` and the host, without a port.
  /// - Throws: ``OperatorFault``, as ``requestTicket(for:)``.
  package func negotiationTicket(for name: ServicePrincipalName) throws(OperatorFault) -> any NegotiationTicket {
    let session = try InitiatorSession(identity)
    let ticket = try session.issuedTicket(for: name)
    return CachedNegotiationTicket(
      version: ticket.version, encryptionType: ticket.encryptionType, service: "\(name)@\(identity.realm)",
      credential: try SecurityCredential(over: session.cache, for: .negotiation))
  }
}

/// A service ticket in a cache of its own, where GSSAPI finds it and asks no KDC.
private struct CachedNegotiationTicket: NegotiationTicket {
  let version: KeyVersion
  let encryptionType: Int32
  /// The SPN with its realm, exactly as the ticket has it.
  let service: String
  let credential: SecurityCredential

  func begin(channelBinding: [UInt8]?) async throws(OperatorFault) -> any Negotiation {
    try KerberosNegotiation(NegotiationContext(with: service, channelBinding: channelBinding ?? [], as: credential))
  }
}

/// One negotiation, whose calls come one after the other.
private actor KerberosNegotiation: Negotiation {
  nonisolated let token: [UInt8]
  private let context: NegotiationContext

  init(_ context: sending NegotiationContext) throws(OperatorFault) {
    do throws(NegotiationFailure) {
      token = try context.step(nil)
    } catch {
      throw OperatorFault(.software, "SPNEGO token", "cannot be made: \(error.words)")
    }
    self.context = context
  }

  func verdict(on reply: [UInt8]) -> NegotiationVerdict {
    do throws(NegotiationFailure) {
      _ = try context.step(reply)
      return context.isMutual ? .proven : .unproven("it leaves the negotiation unfinished")
    } catch {
      return .unproven(error.words)
    }
  }
}
