package import Configuration
package import RotationCore
import SecretMemory

/// Which keys the programs that cache keytabs have loaded, as far as this agent has seen to it: a pure value.
package struct ConsumerLedger: Sendable, Equatable {
  /// The keys of one slot, as they stand in a keytab.
  package struct LoadedKey: Sendable, Hashable, Codable {
    /// The account.
    package var account: AccountName
    /// The kvno.
    package var version: KeyVersion
    /// Names the keys, under a secret of this node's own.
    package var fingerprint: KeyFingerprint
  }

  private let consumers: [ConsumerConfiguration]
  private let secret: SecretBytes
  private let turnSeconds: Int
  /// What each has loaded.
  package private(set) var loaded: [String: Set<LoadedKey>] = [:]
  private var held: [String: Set<LoadedKey>] = [:]
  /// Of what is held, the keys that domain controllers issue tickets under.
  private var latest: [String: Set<LoadedKey>] = [:]
  /// Those whose turn is under way.
  private var turn: Set<String> = []
  private var failures: [String: String] = [:]

  /// Takes the consumers of the configuration.
  ///
  /// - Parameters:
  ///   - installation: Makes the names of keys this node's own.
  ///   - turnSeconds: How long a turn may take.
  package init(_ consumers: [ConsumerConfiguration], installation: String, turnSeconds: Int) {
    self.consumers = consumers
    self.turnSeconds = turnSeconds
    secret = SecretBytes(copying: Array(installation.utf8))
  }

  /// Equal if they say the same of the same consumers.
  package static func == (left: ConsumerLedger, right: ConsumerLedger) -> Bool {
    left.consumers == right.consumers && left.loaded == right.loaded && left.held == right.held
      && left.turn == right.turn && left.failures == right.failures
  }

  /// Takes what the node holds now, and forgets keys that are gone.
  package mutating func hold(_ accounts: [NodeSlots], of keytabs: [KeytabConfiguration]) {
    for consumer in consumers {
      let read = accounts.filter { reads(consumer, $0.account, of: keytabs) }
      // What the node found in its keytabs its consumers have found there, too.
      let keys = Set(read.flatMap { account in account.slots.filter { !$0.rotation.isAdopted }.map { key(of: $0, account) } })
      held[consumer.name] = keys
      latest[consumer.name] = Set(read.compactMap { account in account.latest.map { key(of: $0, account) } }).intersection(keys)
      loaded[consumer.name]?.formIntersection(keys)
      if !isPending(consumer) { failures[consumer.name] = nil }
    }
  }

  /// Goes on from what was written down earlier in this boot. Of a consumer that nothing is known of, the agent has seen no start: it is taken to
  /// have read the keytab as it is.
  package mutating func recall(_ record: [String: Set<LoadedKey>]) {
    for consumer in consumers { loaded[consumer.name] = record[consumer.name] ?? held[consumer.name] ?? [] }
  }

  /// The consumers that lack a key that the node holds.
  package var pending: [ConsumerConfiguration] { consumers.filter(isPending) }

  /// A new order for an account asks for what failed once more, of those that read its keytabs.
  package mutating func retry(_ account: AccountName, of keytabs: [KeytabConfiguration]) {
    for consumer in consumers where reads(consumer, account, of: keytabs) { failures[consumer.name] = nil }
  }

  /// Their turn begins.
  package mutating func began(_ consumers: [ConsumerConfiguration]) {
    turn = Set(consumers.map(\.name))
    for name in turn { failures[name] = nil }
  }

  /// A consumer has read its keytab, which held these keys then.
  package mutating func hasLoaded(_ consumer: ConsumerConfiguration, _ keys: Set<LoadedKey>) {
    loaded[consumer.name] = keys.intersection(held[consumer.name] ?? [])
  }

  /// A consumer could not be made to read it; whether it runs, and with which keys, nobody knows until it can.
  package mutating func failed(_ consumer: ConsumerConfiguration, because problem: String) {
    failures[consumer.name] = problem
    loaded[consumer.name] = []
  }

  /// The turn is over.
  package mutating func ended() { turn = [] }

  /// What is in the keytabs of a consumer now.
  package func keys(of consumer: ConsumerConfiguration) -> Set<LoadedKey> { held[consumer.name] ?? [] }

  /// The accounts that some consumer cannot serve: it has not loaded their newest key, or has not come back.
  package var unserved: Set<AccountName> {
    Set(
      consumers.flatMap { consumer in
        let keys = latest[consumer.name] ?? []
        return (failures[consumer.name] == nil ? keys.subtracting(loaded[consumer.name] ?? []) : keys).map(\.account)
      })
  }

  /// How the consumers of an account's keytabs stand.
  package func reports(on account: AccountName, of keytabs: [KeytabConfiguration]) -> [ConsumerReport] {
    consumers.filter { reads($0, account, of: keytabs) }.map(report)
  }

  private func reads(_ consumer: ConsumerConfiguration, _ account: AccountName, of keytabs: [KeytabConfiguration]) -> Bool {
    keytabs.contains { $0.account == account && consumer.keytabs?.contains($0.path) ?? true }
  }

  private func report(on consumer: ConsumerConfiguration) -> ConsumerReport {
    let problem = failures[consumer.name]
    let state: ConsumerReport.State =
      if turn.contains(consumer.name) { .acting } else if problem != nil { .failed } else {
        isPending(consumer) ? .pending : .current
      }
    return ConsumerReport(name: consumer.name, state: state, problem: problem, turnSeconds: turnSeconds)
  }

  private func isPending(_ consumer: ConsumerConfiguration) -> Bool {
    !(loaded[consumer.name] ?? []).isSuperset(of: held[consumer.name] ?? [])
  }

  private func key(of slot: HeldSlot, _ account: NodeSlots) -> LoadedKey {
    LoadedKey(
      account: account.account, version: slot.version, fingerprint: KeyFingerprint(of: slot.keys, under: secret))
  }
}
