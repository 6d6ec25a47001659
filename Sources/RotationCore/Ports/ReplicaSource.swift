/// The domain controllers beside the one that is written to: they issue tickets, get passwords by replication, and are only read.
package protocol ReplicaSource: Sendable {
  /// The DNS names that the configuration gives; `nil`: every domain controller that the directory lists.
  var configured: [String]? { get }

  /// Prepares to ask one of them; nothing is sent yet.
  ///
  /// - Throws: ``OperatorFault`` if Kerberos cannot be set up for it.
  func replica(named name: String) throws(OperatorFault) -> ReplicaController
}

/// One domain controller that is asked and never written to.
package struct ReplicaController: Sendable {
  /// Its DNS name.
  package var name: String
  /// Its directory.
  package var directory: any ReplicaReading
  /// Its KDC, in a Kerberos context of its own.
  package var tickets: any TicketChecking

  /// Makes a controller from its parts.
  package init(name: String, directory: any ReplicaReading, tickets: any TicketChecking) {
    self.name = name
    self.directory = directory
    self.tickets = tickets
  }
}

/// Reads one domain controller.
package protocol ReplicaReading: Sendable {
  /// Reads what it has of an account, and what it says of itself.
  ///
  /// - Throws: ``OperatorFault``: `.unavailable` if it does not answer, `.permission` if the bind is refused or the SSF is below 128, `.noInput`
  ///   if it has no such account (yet).
  func readReplica(of query: AccountQuery) async throws(OperatorFault) -> ReplicaState
}

/// What one domain controller has of an account.
package struct ReplicaState: Sendable, Equatable {
  /// The domain controller.
  package var server: DirectoryServer
  /// Stamp and kvno there.
  package var account: AccountState

  /// Pairs a domain controller with what it has.
  package init(server: DirectoryServer, account: AccountState) {
    self.server = server
    self.account = account
  }
}

/// A domain controller as the directory lists it.
package struct ListedController: Sendable, Equatable {
  /// Its DNS name.
  package var dnsHostName: String
  /// Whether it takes no writes (RODC).
  package var isReadOnly: Bool

  /// Makes an entry from its parts.
  package init(dnsHostName: String, isReadOnly: Bool = false) {
    self.dnsHostName = dnsHostName
    self.isReadOnly = isReadOnly
  }
}
