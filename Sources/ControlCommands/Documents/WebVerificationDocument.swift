import RotationCore
package import WebProbe

/// What `asactl verify --http URL --json` prints.
package struct WebVerificationDocument: Encodable, Sendable, Equatable {
  /// The URL that was asked for.
  package var url: String
  /// `DOMAIN\name` of the account whose key the shared name has.
  package var account: String
  /// The SPN of the tickets.
  package var servicePrincipalName: String
  /// Whether every server accepted and proved every ticket, and every domain controller that was asked gave one in a full verification.
  package var allAccepted: Bool
  /// How many accepted.
  package var accepted: Int
  /// How many did not, for whatever reason.
  package var refused: Int
  /// The domain controllers that were asked for a ticket.
  package var tickets: [WebTicketDocument]
  /// One for each node, address and ticket.
  package var verdicts: [WebVerdictDocument]
  /// What is worth knowing beside that.
  package var warnings: [String]

  /// Sums up.
  ///
  /// - Parameter isFull: Whether a domain controller without a ticket counts.
  package init(
    target: WebTarget, account: String, tickets: [WebTicketDocument], verdicts: [WebVerdictDocument], warnings: [String],
    isFull: Bool
  ) {
    url = target.text
    self.account = account
    servicePrincipalName = target.servicePrincipalName.description
    self.tickets = tickets
    self.verdicts = verdicts.sorted {
      ($0.node, $0.address ?? "", $0.domainController) < ($1.node, $1.address ?? "", $1.domainController)
    }
    self.warnings = warnings
    accepted = verdicts.count(where: \.accepted)
    refused = verdicts.count - accepted
    allAccepted = refused == 0 && accepted > 0 && !(isFull && tickets.contains { $0.error != nil })
  }
}

/// One domain controller of a ``WebVerificationDocument``.
package struct WebTicketDocument: Encodable, Sendable, Equatable {
  /// Its DNS name.
  package var domainController: String
  /// The kvno that it issues under; `null` where it gave no ticket.
  @NullIfAbsent package var version: UInt32?
  /// The encryption type of its ticket.
  @NullIfAbsent package var encryptionType: String?
  /// Why it gave no ticket.
  @NullIfAbsent package var error: String?

  /// Tells of a ticket.
  init(_ controller: String, _ ticket: any NegotiationTicket) {
    domainController = controller
    version = ticket.version.number
    encryptionType = EncryptionType.displayName(ticket.encryptionType)
    error = nil
  }

  /// Tells of a failure.
  init(_ controller: String, _ fault: OperatorFault) {
    domainController = controller
    (version, encryptionType) = (nil, nil)
    error = fault.description
  }
}

/// One verdict of a ``WebVerificationDocument``.
package struct WebVerdictDocument: Encodable, Sendable, Equatable {
  /// The verdicts.
  package enum Kind: String, Encodable, Sendable {
    /// The server accepted the ticket and proved that it has the key.
    case accepted
    /// It did not accept the ticket (401).
    case refused
    /// It answered the ticket without a proof that it has the key.
    case unproven
    /// It does not ask to authenticate.
    case noAuthentication
    /// It asks to authenticate, with other schemes than Negotiate.
    case noNegotiate
    /// It sends clients elsewhere before they have authenticated.
    case redirected
    /// The node's name has no address.
    case unresolved
    /// Nobody listens at the address.
    case connectionRefused
    /// The address cannot be reached.
    case unreachable
    /// There was no connection, or no answer, in time.
    case timedOut
    /// The server closed the connection without an answer.
    case closed
    /// Its certificate is not good for the shared name.
    case badCertificate
    /// TLS does not come about.
    case noTLS
    /// What it answers is not HTTP.
    case notHTTP
  }

  /// The node.
  package var node: String
  /// Address and port; `null` where the node's name has none.
  @NullIfAbsent package var address: String?
  /// The domain controller whose ticket was presented.
  package var domainController: String
  /// Whether the server accepted the ticket and proved that it has the key.
  package var accepted: Bool
  /// The verdict in one word.
  package var verdict: Kind
  /// The status code of its last answer.
  @NullIfAbsent package var status: Int?
  /// The kvno of the ticket.
  package var version: UInt32
  /// The encryption type of the ticket.
  package var encryptionType: String
  /// Which slot of the node that is: `latest`, `previous`, `retiring`; `null` where the rotator knows none.
  @NullIfAbsent package var position: String?
  /// The rotation that made the slot.
  @NullIfAbsent package var rotation: String?
  /// What is wrong, or worth knowing.
  @NullIfAbsent package var message: String?
  /// What to do about it.
  @NullIfAbsent package var remedy: String?
}
