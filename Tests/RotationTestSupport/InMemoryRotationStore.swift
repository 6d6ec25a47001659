import Foundation
package import RotationCore
import SecretMemory
import Synchronization

/// A store that survives its scheduler, not the process. Records are kept encoded, as on disk.
package final class InMemoryRotationStore: RotationStoring {
  private struct State {
    var accounts: [AccountName: Data] = [:]
    var secrets: [RotationID: RotationSecrets] = [:]
    var destroyed: Set<RotationID> = []
    var history: [OutcomeRecord] = []
    var nodes: [NodeName: NodeRecord] = [:]
    var daemon = DaemonRecord()
    var refuses: (@Sendable (StoreChange) -> Bool)?
    var refusals = 0
  }

  private let state: Mutex<State>
  private let trace: Chronicle<PortCall>
  private let whoami: StoreIdentity

  /// An empty store.
  package convenience init(trace: Chronicle<PortCall>) {
    self.init(State(), trace: trace, whoami: StoreIdentity(rotator: .make(), fingerprintSecret: .random(count: 32)))
  }

  private init(_ state: State, trace: Chronicle<PortCall>, whoami: StoreIdentity) {
    self.state = Mutex(state)
    self.trace = trace
    self.whoami = whoami
  }

  /// The store as it is now, as a backup has it.
  package func copy() -> InMemoryRotationStore {
    InMemoryRotationStore(state.withLock { $0 }, trace: trace, whoami: whoami)
  }

  /// The rotations whose secrets are held.
  package var sealed: Set<RotationID> { state.withLock { Set($0.secrets.keys) } }

  /// The rotations whose secrets were destroyed.
  package var destroyed: Set<RotationID> { state.withLock(\.destroyed) }

  /// Makes the next `count` commits that fit fail, changing nothing.
  package func refuseCommits(_ count: Int, where fits: @escaping @Sendable (StoreChange) -> Bool) {
    state.withLock {
      $0.refuses = fits
      $0.refusals = count
    }
  }

  /// The identity, made once.
  package func identity() async throws(OperatorFault) -> StoreIdentity { whoami }

  /// The accounts, decoded.
  package func accounts() async throws(OperatorFault) -> [AccountRecord] {
    do {
      return try state.withLock { try $0.accounts.values.map { try JSONDecoder().decode(AccountRecord.self, from: $0) } }
    } catch { throw OperatorFault(.data, "store", "cannot be decoded: \(error)") }
  }

  /// What the daemon remembers of itself.
  package func daemon() async throws(OperatorFault) -> DaemonRecord { state.withLock(\.daemon) }

  /// Applies the change and writes it to the trace, or refuses as scripted.
  package func commit(_ change: StoreChange, of account: AccountName?) async throws(OperatorFault) {
    let encoded: Data?
    do { encoded = try change.account.map { try JSONEncoder().encode($0) } } catch {
      throw OperatorFault(.data, "store", "cannot encode: \(error)")
    }
    let isDone = state.withLock { state in
      if state.refusals > 0, state.refuses?(change) == true {
        state.refusals -= 1
        return false
      }
      if let encoded, let account { state.accounts[account] = encoded }
      if let daemon = change.daemon { state.daemon = daemon }
      state.secrets.merge(change.seal) { _, new in new }
      for rotation in change.destroy { state.secrets[rotation] = nil }
      state.destroyed.formUnion(change.destroy)
      state.history.append(contentsOf: change.records)
      return true
    }
    guard isDone else { throw OperatorFault(.inputOutput, "store", "refused as scripted") }
    trace.append(.committed(change))
  }

  /// The secrets, unless destroyed.
  package func secrets(of rotation: RotationID, account: AccountName) async throws(OperatorFault) -> RotationSecrets? {
    state.withLock { $0.secrets[rotation] }
  }

  /// The records, newest first.
  package func history(of account: AccountName?, limit: Int) async throws(OperatorFault) -> [OutcomeRecord] {
    state.withLock { Array($0.history.filter { account == nil || $0.account == account }.reversed().prefix(limit)) }
  }

  /// The nodes.
  package func nodes() async throws(OperatorFault) -> [NodeRecord] { state.withLock { Array($0.nodes.values) } }

  /// Remembers the node.
  package func remember(_ node: NodeRecord) async throws(OperatorFault) {
    state.withLock { $0.nodes[node.node] = node }
    trace.append(.remembered(node.node))
  }
}
