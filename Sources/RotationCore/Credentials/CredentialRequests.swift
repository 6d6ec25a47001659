/// Somebody wants nodes to hold the rotator's own slots.
struct CopyRequest: Sendable {
  /// `nil`: every account of the nodes.
  var account: AccountName?
  /// The node whose slots have to be the rotator's; `nil`: none is looked at.
  var source: NodeName?
  var destinations: RotationScope
  /// Whether it is only to be said which nodes would be told.
  var isDryRun: Bool
  var watcher: AsyncStream<CopyProgress>.Continuation

  func refuse(_ fault: OperatorFault) {
    watcher.yield(.refused(fault))
    watcher.finish()
  }
}

/// What becomes of a copy, as it happens.
package enum CopyProgress: Sendable {
  /// These are told.
  case begun([CredentialPlace])
  /// A node has confirmed that it holds these slots.
  case confirmed(CredentialPlace, [SlotReport])
  /// A node has not.
  case failed(CredentialPlace, OperatorFault)
  /// It never began.
  case refused(OperatorFault)
}

/// Somebody wants nodes to destroy the keys of accounts.
package struct RemovalRequest: Sendable {
  /// `nil`: every account of the nodes.
  package var account: AccountName?
  /// The nodes; empty with ``isAll``.
  package var nodes: [NamePattern]
  /// Whether every node is meant, and nobody is to be accepted any more.
  package var isAll: Bool
  /// Whether it is only to be said what would be destroyed.
  package var isDryRun: Bool

  /// Makes a request.
  package init(account: AccountName?, nodes: [NamePattern], isAll: Bool, isDryRun: Bool) {
    self.account = account
    self.nodes = nodes
    self.isAll = isAll
    self.isDryRun = isDryRun
  }
}

/// What a removal destroyed, or would.
package struct RemovalReceipt: Sendable {
  /// One place.
  package struct Item: Sendable, Equatable {
    /// Which.
    package var place: CredentialPlace
    /// The kvnos whose keys go, newest first.
    package var versions: [KeyVersion]
    /// Those among them that this store cannot give anybody again.
    package var lost: [KeyVersion]
  }

  /// The places.
  package var items: [Item]
  /// Who is refused then.
  package var warnings: [String]
}

/// Somebody wants keys destroyed whose end has passed.
package struct PruneRequest: Sendable {
  /// `nil`: of all accounts.
  package var account: AccountName?
  /// Whether it is only to be said what would be destroyed.
  package var isDryRun: Bool

  /// Makes a request.
  package init(account: AccountName?, isDryRun: Bool) {
    self.account = account
    self.isDryRun = isDryRun
  }
}

/// What a pruning came to for one account.
package struct PruneReceipt: Sendable {
  /// The account.
  package var account: AccountName
  /// The keys that it destroyed and those that stay, newest first.
  package var keys: [KeyStanding]
  /// The nodes that are away and destroy them when they are back.
  package var away: [NodeName]
}
