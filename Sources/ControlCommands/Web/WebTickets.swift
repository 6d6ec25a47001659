package import RotationCore

/// A domain controller, and how to get a new ticket for the shared name from it.
package struct WebTicketSource: Sendable {
  /// Its DNS name.
  package var controller: String
  /// Gets the ticket, now.
  package var request: @Sendable () async throws(OperatorFault) -> any NegotiationTicket

  /// Makes a source.
  package init(controller: String, request: @escaping @Sendable () async throws(OperatorFault) -> any NegotiationTicket) {
    self.controller = controller
    self.request = request
  }
}

/// The tickets that are presented.
struct WebTickets: Sendable {
  /// One of them.
  struct Held: Sendable {
    /// The domain controller that issued it.
    let controller: String
    let ticket: any NegotiationTicket
  }

  /// Those that were issued.
  private(set) var held: [Held] = []
  /// What became of every request.
  private(set) var documents: [WebTicketDocument] = []

  /// Asks one domain controller after the other.
  ///
  /// - Parameter isFull: Whether to go on after the first ticket.
  /// - Throws: The fault, or ``SeveralFaults``, if none was issued.
  static func collect(from sources: [WebTicketSource], isFull: Bool) async throws -> WebTickets {
    var tickets = WebTickets()
    var faults: [OperatorFault] = []
    for source in sources where isFull || tickets.held.isEmpty {
      do throws(OperatorFault) {
        let ticket = try await source.request()
        tickets.held.append(Held(controller: source.controller, ticket: ticket))
        tickets.documents.append(WebTicketDocument(source.controller, ticket))
      } catch {
        faults.append(error)
        tickets.documents.append(WebTicketDocument(source.controller, error))
      }
    }
    guard tickets.held.isEmpty else { return tickets }
    throw SeveralFaults.combining(faults)
  }
}
