import Foundation

/// What is left to do until every key of a node that is given up is destroyed.
struct Decommission: Sendable {
  var remaining: Set<AccountName>
  var reply: SchedulerEvent.Reply<RevocationReceipt>
}

// MARK: - Nodes that are given up for good

extension RotationScheduler {
  /// How long a node may take to destroy its keys, in seconds.
  private static let patience: TimeInterval = 20

  /// Has a node destroy every key that it holds, and shuts it out once it has.
  ///
  /// - Throws: ``OperatorFault`` if the node is not configured, is not attached, or does not say that its keys are gone.
  package func decommission(_ node: NodeName) async throws(OperatorFault) -> RevocationReceipt {
    try await ask { .decommissionRequested(node, reply: $0) }
  }

  func decommissionWasRequested(
    _ node: NodeName, reply: @escaping SchedulerEvent.Reply<RevocationReceipt>, effects: inout [Effect]
  ) async {
    guard let state = nodes[node] else { return reply(.failure(Self.unknown(node))) }
    guard state.attachment != nil else { return reply(.failure(Self.outOfReach(node))) }
    guard decommissions[node] == nil else {
      return reply(.failure(OperatorFault(.temporary, "node \(node)", "is being given up already")))
    }
    let held = accountNames.filter { settings[$0]?.nodes.contains(node) == true }
    if let fault = held.lazy.compactMap({ self.accounts[$0]?.gateFault }).first { return reply(.failure(fault)) }
    decommissions[node] = Decommission(remaining: Set(held), reply: reply)
    // It takes part in nothing any more, whether or not it gets to the end of this.
    for account in held {
      guard let rotation = accounts[account]?.record.rotation else { continue }
      await advance(account, rotation: rotation.plan.rotation, with: .nodeRevoked(node), effects: &effects)
    }
    effects.append { [fleet] in await fleet.decommission(node, accounts: held) }
    effects.append(later(Self.patience, .decommissionExpired(node)))
  }

  /// Takes a report as the answer to the destruction, where one is waited for.
  ///
  /// - Returns: Whether it was that.
  func tookDecommissionReport(_ report: NodeReport, from node: NodeName, effects: inout [Effect]) async -> Bool {
    guard decommissions[node] != nil else { return false }
    guard report.slots.isEmpty, report.keytabs.allSatisfy({ $0.fault == nil }) else { return true }
    decommissions[node]?.remaining.remove(report.account)
    if let decommission = decommissions[node], decommission.remaining.isEmpty {
      decommissions[node] = nil
      await keysWereDestroyed(on: node, reply: decommission.reply, effects: &effects)
    }
    return true
  }

  func decommissionExpired(_ node: NodeName) {
    guard let decommission = decommissions.removeValue(forKey: node) else { return }
    decommission.reply(
      .failure(
        OperatorFault(
          .unavailable, "node \(node)", "has not said within \(Int(Self.patience)) s that its keys are destroyed",
          remedy: "look at the agent's journal there, and try again; 'asactl nodes revoke' shuts it out with its keys")))
  }

  private func keysWereDestroyed(
    on node: NodeName, reply: SchedulerEvent.Reply<RevocationReceipt>, effects: inout [Effect]
  ) async {
    for account in accountNames where accounts[account]?.record.holdings[node] != nil {
      accounts[account]?.record.holdings[node] = nil
      await record(
        OutcomeRecord(
          kind: .nodeDecommissioned, time: clock.now(), account: account, nodes: [node],
          message: "\(node) has destroyed every key of \(account) that it held."), saving: account)
    }
    await revokeWasRequested(node, reply: reply, effects: &effects)
  }

  private static func outOfReach(_ node: NodeName) -> OperatorFault {
    OperatorFault(
      .unavailable, "node \(node)", "is not attached: its keys cannot be destroyed from here",
      remedy:
        "start its agent; of a machine that is gone, 'asactl nodes revoke' and then 'asactl rotate' make the keys worthless when the last ticket under them has ended"
    )
  }
}
