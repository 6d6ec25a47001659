/// A fresh service ticket, ready to be shown to web servers with the authentication scheme Negotiate (RFC 4559).
package protocol NegotiationTicket: Sendable {
  /// The kvno in its encrypted part.
  var version: KeyVersion { get }
  /// The encryption type of its encrypted part (RFC 3961 number).
  var encryptionType: Int32 { get }

  /// Begins to negotiate with one server; mutual authentication is demanded, nothing is delegated.
  ///
  /// - Parameter channelBinding: What ties the negotiation to the TLS connection (RFC 5929, prefix included); `nil` without TLS.
  /// - Throws: ``OperatorFault`` of kind `.software` if the library fails.
  func begin(channelBinding: [UInt8]?) async throws(OperatorFault) -> any Negotiation
}

/// One negotiation with one server: a token, and what the server makes of it.
package protocol Negotiation: Sendable {
  /// The token for the request.
  var token: [UInt8] { get }

  /// Whether the server has proven with this token that it has the ticket's key.
  func verdict(on reply: [UInt8]) async -> NegotiationVerdict
}

/// What a server's token is worth.
package enum NegotiationVerdict: Sendable, Equatable {
  /// It completes mutual authentication: only a holder of the ticket's key can make it.
  case proven
  /// It does not; the library's own words.
  case unproven(String)
}
