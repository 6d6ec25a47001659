import RotationCore

/// Whether the node is in service: every bound account's keytabs are in order, and a domain controller's ticket for it has opened,
/// both since this agent started. The rotator's silence takes nothing back.
struct Readiness: Sendable {
  private var bound: Set<AccountName> = []
  private var confirmed: Set<AccountName> = []
  private var proven: Set<AccountName> = []

  /// Takes the accounts that the rotator binds to this node.
  mutating func bind(_ accounts: [AccountName]) { bound = Set(accounts) }

  /// Takes the accounts whose keytabs are all in order.
  mutating func confirm(_ accounts: [AccountName]) { confirmed = Set(accounts) }

  /// Takes an account whose Latest key has opened a ticket.
  mutating func prove(_ account: AccountName) { proven.insert(account) }

  /// Whether consumers on this node can be sent clients.
  var isInService: Bool { !bound.isEmpty && bound.isSubset(of: confirmed) && bound.isSubset(of: proven) }
}
