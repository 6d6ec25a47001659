package import Foundation
package import SecretMemory

/// A fresh service ticket from one domain controller.
package struct ServiceTicket: Sendable {
  /// The SPN that it is for.
  package var servicePrincipalName: ServicePrincipalName
  /// The kvno in its encrypted part.
  package var version: KeyVersion
  /// The encryption type of its encrypted part (RFC 3961 number).
  package var encryptionType: Int32
  /// When it ends.
  package var endTime: Date
  /// The library's own form of it, which never leaves the adapter.
  package var handle: any ServiceTicketHandle

  /// Makes a ticket from its parts.
  package init(
    servicePrincipalName: ServicePrincipalName, version: KeyVersion, encryptionType: Int32, endTime: Date,
    handle: any ServiceTicketHandle
  ) {
    self.servicePrincipalName = servicePrincipalName
    self.version = version
    self.encryptionType = encryptionType
    self.endTime = endTime
    self.handle = handle
  }
}

/// What an adapter keeps of a ticket.
package protocol ServiceTicketHandle: Sendable {
  /// Whether the ticket's encrypted part opens with one of these keys.
  func opens(with keys: AccountKeys) async -> Bool

  /// Makes a fresh AP-REQ with mutual authentication required (RFC 4120 section 3.2).
  ///
  /// - Throws: ``OperatorFault`` of kind `.software` if the library fails.
  func makeChallenge() async throws(OperatorFault) -> any AcceptanceChallenge
}

/// One AP-REQ on its way to one acceptor.
package protocol AcceptanceChallenge: Sendable {
  /// The AP-REQ to hand over.
  var request: [UInt8] { get }

  /// Whether this AP-REP answers the request: only a holder of the ticket's key can make one, so a node cannot merely claim acceptance.
  func isAnswered(by reply: [UInt8]) async -> Bool
}

/// Kerberos against one domain controller, with a context of its own that knows no other.
package protocol TicketChecking: Sendable {
  /// Derives one key per encryption type (RFC 3962 string-to-key, 4096 iterations; RFC 4757 for RC4, which has neither salt nor iterations).
  ///
  /// - Throws: ``OperatorFault`` of kind `.software` if the library fails.
  func deriveKeys(
    from password: SecretBytes, salt: String, encryptionTypes: [EncryptionType]
  ) async throws(OperatorFault) -> AccountKeys

  /// Gets a new service ticket with TGS-REQ, never from a cache.
  ///
  /// - Throws: ``OperatorFault``: `.unavailable` if the KDC does not answer, `.permission` if our own credential is refused, `.noInput` if
  ///   no account has the SPN, `.temporary` if the clocks differ by more than the skew.
  func requestTicket(for servicePrincipalName: ServicePrincipalName) async throws(OperatorFault) -> ServiceTicket

  /// Asks the KDC which salt it announces for the account's principal (ETYPE-INFO2, RFC 4120 section 5.2.7.5).
  ///
  /// - Throws: ``OperatorFault``, as ``requestTicket(for:)``.
  func announcedSalt(of samAccountName: String) async throws(OperatorFault) -> String

  /// Checks a checksum that a node made with the key from its installed keytab.
  func verifies(_ checksum: [UInt8], over message: [UInt8], with key: AccountKey) async -> Bool
}

/// An initiator credential for SASL, as an opaque handle.
package protocol InitiatorCredential: Sendable {
  /// Lends the GSSAPI credential (`gss_cred_id_t`) for the duration of `body`.
  func withHandle<Result>(_ body: (UnsafeMutableRawPointer) throws -> Result) rethrows -> Result
}

/// Makes initiator credentials, from the rotator's own keytab, for one service on one domain controller.
package protocol InitiatorCredentialSource: Sendable {
  /// Gets a ticket-granting ticket and the service ticket for `service/host`, both in memory, so that the SASL layer needs no KDC of its own.
  ///
  /// - Throws: ``OperatorFault``: `.unavailable` if the KDC does not answer, `.permission` if it refuses our keytab, `.noInput` if the
  ///   keytab is missing or does not hold the principal.
  func credential(for servicePrincipalName: ServicePrincipalName) async throws(OperatorFault) -> any InitiatorCredential
}
