import Foundation
import Logging

// MARK: - Nodes that are not to hold an account's keys

extension RotationScheduler {
  /// How long a node may take to destroy keys, in seconds.
  private static let removalPatience: TimeInterval = 20

  /// How long a node that still holds keys it should not is left alone before it is told again, in seconds.
  private static let removalPause: TimeInterval = 60

  /// Has nodes destroy the keys of accounts; they are given none again before they are copied there or the account is rotated.
  ///
  /// - Throws: ``OperatorFault`` if a node is unknown or out of reach, would be the last of an account without being asked for as such, or does
  ///   not say that its keys are gone; then it is told again as soon as it can be.
  package func remove(_ request: RemovalRequest) async throws(OperatorFault) -> RemovalReceipt {
    try await ask { .removalRequested(request, reply: $0) }
  }

  func removalWasRequested(
    _ request: RemovalRequest, reply: @escaping SchedulerEvent.Reply<RemovalReceipt>, effects: inout [Effect]
  ) async {
    let receipt: RemovalReceipt
    do throws(OperatorFault) { receipt = try removal(request) } catch { return reply(.failure(error)) }
    if request.isDryRun { return reply(.success(receipt)) }
    let places = receipt.items.map(\.place)
    do throws(OperatorFault) { try await withhold(places) } catch { return reply(.failure(error)) }
    let remaining = Set(places.filter { accounts[$0.account]?.record.holdings[$0.node]?.slots.isEmpty == false })
    guard !remaining.isEmpty else { return reply(.success(receipt)) }
    let id = credentialWork.number()
    credentialWork.removals[id] = CredentialWork.Removal(remaining: remaining, receipt: receipt, reply: reply)
    for place in remaining.sorted() { tellToRemove(place, effects: &effects) }
    effects.append(later(Self.removalPatience, .credentialWorkExpired(id)))
  }

  /// Durable before anything is destroyed: what a node has given up it must not get back by itself.
  private func withhold(_ places: [CredentialPlace]) async throws(OperatorFault) {
    for account in Set(places.map(\.account)).sorted(by: { $0.description < $1.description }) {
      guard var record = accounts[account]?.record else { continue }
      let nodes = places.filter { $0.account == account }.map(\.node)
      record.withhold(from: nodes, since: clock.now())
      var change = StoreChange()
      change.account = record
      try await persist(change, of: account)
      accounts[account]?.record = record
      for node in nodes { stopWaiting(for: node, account: account) }
    }
  }

  private func stopWaiting(for node: NodeName, account: AccountName) {
    accounts[account]?.late.remove(node)
    accounts[account]?.unanswered[node] = nil
    accounts[account]?.unfinished[node] = nil
    accounts[account]?.nonces[node] = nil
  }

  private func tellToRemove(_ place: CredentialPlace, effects: inout [Effect]) {
    let now = clock.now()
    credentialWork.told[place] = WallClockWait(from: now, until: now.addingTimeInterval(Self.removalPause))
    effects.append { [fleet] in await fleet.removeKeys(of: [place.account], from: place.node) }
  }

  /// Takes the report of a node that is to hold nothing. Where it still does, it is told to destroy that, but not over and over.
  func withheldNodeReported(_ node: NodeName, _ report: NodeReport, effects: inout [Effect]) async {
    guard var record = accounts[report.account]?.record else { return }
    let place = CredentialPlace(account: report.account, node: node)
    let heldBefore = record.holdings[node]?.slots.isEmpty == false
    record.holdings[node] = NodeHolding(report, of: record.ledger, after: nil)
    accounts[report.account]?.record = record
    if report.slots.isEmpty, heldBefore {
      await self.record(
        OutcomeRecord(
          kind: .credentialRemoved, time: clock.now(), account: report.account, nodes: [node],
          message:
            "\(node) has destroyed every key of \(report.account), by command; it is given none before they are copied there or the account is rotated."
        ), saving: report.account)
    } else {
      await save(report.account)
    }
    guard report.slots.isEmpty else { return removeLeftKeys(of: report.account, effects: &effects) }
    await noteReturn(of: place)
    for removal in credentialWork.removed(place) { removal.reply(.success(removal.receipt)) }
  }

  /// A node that was away too long, and is not to hold anything, has nothing to catch up with.
  private func noteReturn(of place: CredentialPlace) async {
    guard isAlarmed(.behind(place.account, place.node)) else { return }
    await record(
      OutcomeRecord(
        kind: .nodeRecovered, time: clock.now(), account: place.account, nodes: [place.node],
        message: "\(place.node) is back; its keys of \(place.account) were removed, and it holds none."))
  }

  /// Tells the attached nodes that hold keys of an account which they should not.
  func removeLeftKeys(of account: AccountName, effects: inout [Effect]) {
    guard let record = accounts[account]?.record, case .open? = accounts[account]?.gate else { return }
    for node in (record.withheld ?? [:]).keys.sorted() where nodes[node]?.attachment != nil {
      let place = CredentialPlace(account: account, node: node)
      guard record.holdings[node]?.slots.isEmpty == false, credentialWork.told[place]?.isOver(at: clock.now()) ?? true else {
        continue
      }
      tellToRemove(place, effects: &effects)
    }
  }
}

// MARK: - What it would come to

extension RotationScheduler {
  private func removal(_ request: RemovalRequest) throws(OperatorFault) -> RemovalReceipt {
    let scope: RotationScope = request.isAll ? .entireForest : .nodes(request.nodes)
    let scoped = try chosen(request.account, in: scope)
    var items: [RemovalReceipt.Item] = []
    var warnings: [String] = []
    for one in scoped {
      let nodes = one.nodes.filter { !revokedNodes.contains($0) }
      guard !nodes.isEmpty else { continue }
      try checkIsIdle(one.account)
      try checkAreAttached(nodes, account: one.account)
      // Of one that is shut out, or not there, nobody knows whether it serves anybody.
      let left = (settings[one.account]?.nodes ?? []).filter { node in
        !nodes.contains(node) && !revokedNodes.contains(node) && self.nodes[node]?.attachment != nil
          && accounts[one.account]?.record.isHeld(by: node) == true
      }
      if left.isEmpty, !request.isAll { throw lastNode(nodes, one.account) }
      items += nodes.map { item(CredentialPlace(account: one.account, node: $0)) }
      warnings.append(warning(one.account, nodes: nodes, left: left))
    }
    guard !items.isEmpty else {
      throw OperatorFault(
        .unavailable, "credential remove", "every node that is meant is revoked, and cannot be told to destroy anything",
        remedy: "'asactl rotate' makes its keys worthless when the last ticket under them has ended")
    }
    return RemovalReceipt(items: items, warnings: warnings + losses(items))
  }

  /// The accounts of a scope, or the one that was named, if the scope holds it.
  func chosen(_ account: AccountName?, in scope: RotationScope) throws(OperatorFault) -> [ScopedAccount] {
    let scoped = try resolve(scope).filter { account == nil || $0.account == account }
    guard scoped.isEmpty, let account else { return scoped }
    throw OperatorFault(.noInput, "account \(account)", "is on none of these nodes", remedy: "see 'asactl nodes list'")
  }

  /// Nothing is under way that gives nodes keys, or takes them, by itself.
  func checkIsIdle(_ account: AccountName) throws(OperatorFault) {
    guard let state = accounts[account] else { return }
    if let fault = state.gateFault { throw fault }
    if state.isIdle { return }
    throw OperatorFault(
      .temporary, "account \(account)", "a rotation is in progress, or the account is being looked at",
      remedy: "try again when 'asactl status' shows it as idle")
  }

  private func checkAreAttached(_ members: [NodeName], account: AccountName) throws(OperatorFault) {
    let away = members.filter { nodes[$0]?.attachment == nil && accounts[account]?.record.isHeld(by: $0) != false }
    guard !away.isEmpty else { return }
    throw OperatorFault(
      .unavailable, "node \(away.map(\.description).joined(separator: ", "))",
      "is not attached: its keys cannot be destroyed from here",
      remedy: "start its agent, or 'asactl nodes revoke' it if the machine is gone; nothing was destroyed anywhere")
  }

  private func lastNode(_ nodes: [NodeName], _ account: AccountName) -> OperatorFault {
    OperatorFault(
      .usage, "account \(account)",
      "no node that is attached holds its keys but \(nodes.map(\.description).joined(separator: ", ")): no client may be accepted any more",
      remedy: "give --all if that is what you want")
  }

  private func item(_ place: CredentialPlace) -> RemovalReceipt.Item {
    let record = accounts[place.account]?.record
    let held = record?.holdings[place.node]?.slots ?? []
    let lost = held.filter { slot in
      !(record?.ledger.holding.contains { $0.rotation == slot.rotation && !$0.isKeyless } ?? false)
    }
    return RemovalReceipt.Item(place: place, versions: held.map(\.version), lost: lost.map(\.version))
  }

  private func warning(_ account: AccountName, nodes: [NodeName], left: [NodeName]) -> String {
    let names = nodes.map(\.description).joined(separator: ", ")
    guard !left.isEmpty else {
      return
        "no node accepts a ticket of \(account) any more: every client is refused, or falls back to NTLM where the service offers it"
    }
    return
      "\(names) leaves service and refuses every client that still comes there for \(account): take it out of the balancer first; \(left.map(\.description).joined(separator: ", ")) goes on accepting"
  }

  private func losses(_ items: [RemovalReceipt.Item]) -> [String] {
    items.filter { !$0.lost.isEmpty }.map { item in
      "the keys of kvno \(item.lost.map(\.description).joined(separator: ", ")) of \(item.place.account) were found on \(item.place.node) and are in no store: nobody can give them back"
    }
  }
}
