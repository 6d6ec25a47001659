import Foundation
import RotationCore

/// A store whose commits are durable when they return. One that is under way when the daemon crashes may be durable or not.
struct SimulatedStore: RotationStoring {
  let process: RotatorProcess

  private var site: RotatorSite { process.site }

  nonisolated(nonsending) func identity() async throws(OperatorFault) -> StoreIdentity { site.disk.identity }

  nonisolated(nonsending) func accounts() async throws(OperatorFault) -> [AccountRecord] {
    site.disk.account.map { [$0] } ?? []
  }

  nonisolated(nonsending) func daemon() async throws(OperatorFault) -> DaemonRecord { site.disk.daemon }

  nonisolated(nonsending) func nodes() async throws(OperatorFault) -> [NodeRecord] {
    site.disk.nodes.sorted { $0.key < $1.key }.map(\.value)
  }

  nonisolated(nonsending) func history(of account: AccountName?, limit: Int) async throws(OperatorFault) -> [OutcomeRecord] {
    Array(site.disk.history.reversed().prefix(limit))
  }

  nonisolated(nonsending) func secrets(of rotation: RotationID, account: AccountName) async throws(OperatorFault)
    -> RotationSecrets?
  {
    if process.strikes(.secretsUnreadable) { throw Self.refusal }
    return site.disk.secrets[rotation]
  }

  nonisolated(nonsending) func commit(_ change: StoreChange, of account: AccountName?) async throws(OperatorFault) {
    if process.strikes(.rotatorCrashBeforeCommit) { await process.die() }
    guard process.isRunning else { return try await refuseDead() }
    if process.strikes(.storeRefusal) { throw Self.refusal }
    if process.strikes(.rotatorCrashInCommit) {
      if process.world.random.chance(0.5) { write(change) }
      await process.die()
      throw Self.refusal
    }
    write(change)
    if process.strikes(.rotatorCrashAfterCommit) {
      await process.die()
      throw Self.refusal
    }
  }

  nonisolated(nonsending) func remember(_ node: NodeRecord) async throws(OperatorFault) {
    guard process.isRunning else { return try await refuseDead() }
    if process.strikes(.storeRefusal) { throw Self.refusal }
    site.disk.nodes[node.node] = node
  }

  /// A dying daemon gets no answer, a dead one an error: neither changes anything.
  private nonisolated(nonsending) func refuseDead() async throws(OperatorFault) {
    await process.ask(or: ()) { _ in }
    throw Self.refusal
  }

  private func write(_ change: StoreChange) {
    let change = StoreSeam(site: site).rewritten(change)
    let former = (ledger: site.disk.account?.ledger, rotation: site.disk.account?.rotation)
    site.disk.apply(change)
    process.isIdle = change.account.map { $0.rotation == nil && $0.openAttempt == nil } ?? process.isIdle
    process.world.wasStored(change, after: former, on: site)
  }

  private static let refusal = OperatorFault(.inputOutput, "store", "refuses to write")
}
