import Foundation

// MARK: - Nodes that rotations do not wait for

extension RotationScheduler {
  /// Lets rotations go on without a node until a time, or wait for it again. The node stays attached, and is caught up with whenever it is there.
  ///
  /// - Parameter exclusion: Until when and why; `nil`: no longer.
  /// - Throws: ``OperatorFault`` if the node is not configured or the store refuses.
  package func exclude(_ node: NodeName, _ exclusion: NodeExclusion?) async throws(OperatorFault) {
    try await ask { .exclusionRequested(node, exclusion, reply: $0) }
  }

  func exclusionWasRequested(
    _ node: NodeName, _ exclusion: NodeExclusion?, reply: SchedulerEvent.Reply<Void>, effects: inout [Effect]
  ) async {
    guard var record = nodes[node]?.record else {
      reply(.failure(Self.unknown(node)))
      return
    }
    record.exclusion = exclusion
    do throws(OperatorFault) { try await store.remember(record) } catch {
      reply(.failure(error))
      return
    }
    nodes[node]?.record = record
    reply(.success(()))
    for account in accountNames where settings[account]?.nodes.contains(node) == true {
      await self.record(exclusionRecord(node, exclusion, account: account))
      guard exclusion != nil, let rotation = accounts[account]?.record.rotation else { continue }
      await advance(account, rotation: rotation.plan.rotation, with: .nodeRevoked(node), effects: &effects)
    }
  }

  private func exclusionRecord(_ node: NodeName, _ exclusion: NodeExclusion?, account: AccountName) -> OutcomeRecord {
    let message =
      exclusion.map { "Rotations of \(account) do not wait for \(node) until \(Self.text($0.until)): \($0.reason)." }
      ?? "Rotations of \(account) wait for \(node) again."
    return OutcomeRecord(kind: .nodeExcluded, time: clock.now(), account: account, nodes: [node], message: message)
  }

  static func unknown(_ node: NodeName) -> OperatorFault {
    OperatorFault(.noInput, "node \(node)", "is in no array of the configuration", remedy: "see 'asactl nodes list'")
  }
}
