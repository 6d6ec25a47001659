import RotationCore

/// Whether the node is in service: every bound account's keytabs are in order, its consumers have loaded the newest key, and a domain controller's
/// ticket for it has opened, all since the machine was started. The rotator's silence takes nothing back; what the directory itself shows does.
struct Readiness: Sendable {
  private var bound: Set<AccountName> = []
  private var confirmed: Set<AccountName> = []
  private var proven: [AccountName: ReadinessRecord.Proof] = [:]
  private var unserved: Set<AccountName> = []
  private var refused: [AccountName: String] = [:]
  private var left: [AccountName: (reason: String, epoch: Epoch)] = [:]
  /// Recalled from before the agent was started, and not looked at since.
  private var unsettled: Set<AccountName> = []
  /// Named while the node was in service for others, and no order had come for them: they count once a ticket has opened, or an order was not
  /// carried out.
  private(set) var newcomers: Set<AccountName> = []
  /// Whether consumers are loading a new key.
  var isDrained = false
  /// Whether the node was given up: it serves nobody any more.
  var isGivenUp = false

  /// Nothing is known.
  init() {}

  /// Goes on from a record of this boot, in so far as `stands` finds the proven keys where they were.
  init(_ record: ReadinessRecord, stands: (ReadinessRecord.Proof) -> Bool) {
    bound = Set(record.bound)
    for proof in record.proofs where stands(proof) { proven[proof.account] = proof }
  }

  /// Takes the accounts that the rotators bind to this node.
  ///
  /// - Parameter unordered: Those that no order has come for. A node in service goes on for the others: the first rotation may be weeks away, and
  ///   all nodes would leave service at once.
  mutating func bind(_ accounts: [AccountName], unordered: Set<AccountName> = []) {
    let arrived = Set(accounts).subtracting(bound)
    if serves { newcomers.formUnion(arrived.intersection(unordered)) }
    bound = Set(accounts)
    newcomers = newcomers.isSuperset(of: bound) ? [] : newcomers.intersection(bound)
    proven = proven.filter { bound.contains($0.key) }
    unsettled.formIntersection(bound)
    left = left.filter { bound.contains($0.key) }
    refused = refused.filter { bound.contains($0.key) }
  }

  /// Takes up again which of the bound accounts are new.
  mutating func recall(newcomers accounts: [AccountName]) { newcomers.formUnion(bound.intersection(accounts)) }

  /// Takes the accounts whose keytabs are all in order.
  mutating func confirm(_ accounts: [AccountName]) { confirmed = Set(accounts) }

  /// Takes the accounts whose newest key some consumer has not loaded.
  mutating func serve(allBut accounts: Set<AccountName>) { unserved = accounts }

  /// Takes an account whose Latest key has opened a ticket.
  mutating func prove(_ proof: ReadinessRecord.Proof) {
    proven[proof.account] = proof
    unsettled.remove(proof.account)
    newcomers.remove(proof.account)
  }

  /// What was recalled of these accounts counts only once the directory has been looked at, or cannot be.
  mutating func doubt(_ accounts: [AccountName]) { unsettled.formUnion(accounts) }

  /// What was recalled of an account has to do: there is nothing more to learn.
  mutating func settle(_ account: AccountName) { unsettled.remove(account) }

  /// The same of all accounts but these.
  mutating func settle(allBut accounts: [AccountName]) { unsettled.formIntersection(accounts) }

  /// An order was carried out, or every domain controller shows that the node serves: it has what the others have.
  mutating func wasCaughtUp(_ account: AccountName) {
    left[account] = nil
    refused[account] = nil
    unsettled.remove(account)
  }

  /// A rotation goes on without this node, or has: it serves again when it has caught up.
  ///
  /// - Parameter epoch: Of the claim that says so; `nil`: the rotator does, and only an order ends that.
  mutating func leave(_ account: AccountName, because reason: String, at epoch: Epoch?) {
    left[account] = (reason, epoch ?? Epoch(era: .max, number: .max))
    unsettled.remove(account)
    newcomers.remove(account)
  }

  /// The keys of an account are about to be gone: an order and a new proof bring the node back.
  mutating func lost(_ account: AccountName, because reason: String) {
    proven[account] = nil
    leave(account, because: reason, at: nil)
  }

  /// Under which claim the node was left behind; `nil` if it was not.
  func leftAt(_ account: AccountName) -> Epoch? { left[account]?.epoch }

  /// An order that brings what domain controllers issue under, or will, was not carried out.
  mutating func refuse(_ account: AccountName, because reason: String) {
    refused[account] = reason
    newcomers.remove(account)
  }

  /// Whether what was recalled of an account counts only once the directory has been looked at.
  func isUnsettled(_ account: AccountName) -> Bool { unsettled.contains(account) }

  /// Whether a look at the directory could bring an account into service.
  func gainsByLooking(at account: AccountName) -> Bool {
    bound.contains(account) && !newcomers.contains(account)
      && (proven[account] == nil || left[account] != nil || refused[account] != nil || isUnsettled(account))
  }

  /// Whether consumers on this node can be sent clients.
  var isInService: Bool { obstacle == nil }

  /// Why not, for people; `nil` if they can.
  var obstacle: String? {
    if isGivenUp { return "it was given up, and its keys are destroyed" }
    if isDrained { return "its consumers are loading a new key" }
    if bound.isEmpty { return "no rotator has named an account for it" }
    return firstObstacle
  }

  /// Whether the node is in service, or would be but for its consumers.
  private var serves: Bool { !isGivenUp && !bound.isEmpty && firstObstacle == nil }

  private var firstObstacle: String? {
    bound.subtracting(newcomers).sorted { "\($0)" < "\($1)" }.lazy.compactMap(obstacle).first
  }

  /// Why the node has lost its readiness, which it had or would have; `nil` if nothing has come in between.
  var loss: String? {
    let isLost = isGivenUp || isDrained || !left.isEmpty || !refused.isEmpty || !unserved.isEmpty
    return isLost ? obstacle : nil
  }

  private func obstacle(of account: AccountName) -> String? {
    if let reason = left[account]?.reason ?? refused[account] { return "\(account): \(reason)" }
    if !confirmed.contains(account) { return "\(account): a keytab is not in order" }
    if unserved.contains(account) { return "\(account): a consumer has not loaded the newest key" }
    if proven[account] == nil { return "\(account): no ticket has opened with its keys yet" }
    if unsettled.contains(account) { return "\(account): the directory has not been looked at since the agent was started" }
    return nil
  }

  /// What to remember of it for the rest of this boot.
  func record(boot: String) -> ReadinessRecord {
    ReadinessRecord(
      boot: boot, bound: bound.sorted { "\($0)" < "\($1)" }, proofs: proven.values.sorted { "\($0.account)" < "\($1.account)" })
  }
}
