import RotationCore

/// Whether the node is in service: every bound account's keytabs are in order, and a domain controller's ticket for it has opened,
/// both since the machine was started. The rotator's silence takes nothing back.
struct Readiness: Sendable {
  private var bound: Set<AccountName> = []
  private var confirmed: Set<AccountName> = []
  private var proven: [AccountName: ReadinessRecord.Proof] = [:]

  /// Nothing is known.
  init() {}

  /// Goes on from a record of this boot, in so far as `stands` finds the proven keys where they were.
  init(_ record: ReadinessRecord, stands: (ReadinessRecord.Proof) -> Bool) {
    bound = Set(record.bound)
    for proof in record.proofs where stands(proof) { proven[proof.account] = proof }
  }

  /// Takes the accounts that the rotators bind to this node.
  mutating func bind(_ accounts: [AccountName]) {
    bound = Set(accounts)
    proven = proven.filter { bound.contains($0.key) }
  }

  /// Takes the accounts whose keytabs are all in order.
  mutating func confirm(_ accounts: [AccountName]) { confirmed = Set(accounts) }

  /// Takes an account whose Latest key has opened a ticket.
  mutating func prove(_ proof: ReadinessRecord.Proof) { proven[proof.account] = proof }

  /// Whether consumers on this node can be sent clients.
  var isInService: Bool { !bound.isEmpty && bound.isSubset(of: confirmed) && bound.isSubset(of: proven.keys) }

  /// What to remember of it for the rest of this boot.
  func record(boot: String) -> ReadinessRecord {
    ReadinessRecord(
      boot: boot, bound: bound.sorted { "\($0)" < "\($1)" }, proofs: proven.values.sorted { "\($0.account)" < "\($1.account)" })
  }
}
