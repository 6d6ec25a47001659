import Foundation
import Logging
package import RotationCore

/// Two accounts under one scheduler: each with a domain controller and nodes of its own, or both on the same nodes.
package struct PairedWorlds: Sendable {
  /// The one account, with the clock, the trace and the store of both.
  package var first: RotationWorld
  /// The other.
  package var second: RotationWorld

  /// Makes both worlds.
  ///
  /// - Parameter sharingNodes: Whether the nodes hold both accounts.
  /// - Throws: ``OperatorFault``, never.
  package init(
    policy: RotationPolicy = RotationPolicy(every: .seconds(86_400)), sharingNodes: Bool = false
  ) throws(OperatorFault) {
    first = try RotationWorld(policy: policy)
    second = try RotationWorld(
      policy: policy, name: "OTHER$", hosts: sharingNodes ? ["cas-1", "cas-2", "cas-3"] : ["web-1", "web-2"], beside: first)
  }

  /// Runs a scheduler on both while `body` runs, then stops it as a crash would. `body` starts when every node was seen for each account.
  @discardableResult
  package func whileRunning<Value: Sendable>(_ body: (RotationScheduler) async throws -> Value) async throws -> Value {
    let scheduler = RotationScheduler(
      accounts: [first.settings, second.settings], fleet: PairedFleet(first, second), store: first.store,
      recorder: first.recorder, alarms: first.alarms, pulse: first.pulse, clock: first.clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let mark = first.trace.entries.count
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await scheduler.run(after: nil, onReady: {}) }
      for world in [first, second] {
        for node in world.nodes { try await saw(node, of: world.account, since: mark) }
      }
      let value = try await body(scheduler)
      group.cancelAll()
      return value
    }
  }

  /// Waits until the scheduler has saved what a node said of an account.
  ///
  /// - Parameter mark: The length of the trace before.
  package func saw(_ node: NodeName, of account: AccountName, since mark: Int) async throws {
    try await first.trace.first(skipping: mark) { call in
      guard case .committed(let change) = call, let record = change.account else { return false }
      return record.account == account && record.holdings[node] != nil
    }
  }
}

/// The nodes of two accounts as one fleet; a node of both attaches once.
private struct PairedFleet: NodeFleet {
  private let fleets: [AccountName: FakeNodeFleet]
  private let first: RotationWorld
  private let second: RotationWorld

  init(_ first: RotationWorld, _ second: RotationWorld) {
    self.first = first
    self.second = second
    fleets = [first.account: first.fleet, second.account: second.fleet]
  }

  var events: AsyncStream<NodeEvent> {
    let (stream, listener) = AsyncStream.makeStream(of: NodeEvent.self)
    first.fleet.listen(listener)
    second.fleet.listen(listener, knowing: Set(first.nodes))
    return stream
  }

  func send(_ order: SlotOrder, to node: NodeName) async { await fleets[order.account]?.send(order, to: node) }

  func prove(
    _ request: [UInt8], for servicePrincipalName: ServicePrincipalName, of account: AccountName, on node: NodeName,
    isTrial: Bool, timeout: Duration
  ) async -> ProofAnswer {
    let unknown = ProofAnswer(
      outcome: .failure(OperatorFault(.unavailable, "node \(node)", "holds no \(account)")), rotation: nil)
    return await fleets[account]?.prove(
      request, for: servicePrincipalName, of: account, on: node, isTrial: isTrial, timeout: timeout) ?? unknown
  }

  func grantConsumerTurn(to node: NodeName, drains: Bool) async {
    for world in [first, second] where world.nodes.contains(node) {
      await world.fleet.grantConsumerTurn(to: node, drains: drains)
    }
  }

  func leaveBehind(_ node: NodeName, account: AccountName) async { await fleets[account]?.leaveBehind(node, account: account) }

  func decommission(_ node: NodeName, accounts: [AccountName]) async {
    for account in accounts { await fleets[account]?.decommission(node, accounts: [account]) }
  }

  func removeKeys(of accounts: [AccountName], from node: NodeName) async {
    for account in accounts { await fleets[account]?.removeKeys(of: [account], from: node) }
  }

  func revoke(_ node: NodeName, at instant: Date) async {
    for world in [first, second] { await world.fleet.revoke(node, at: instant) }
  }
}
