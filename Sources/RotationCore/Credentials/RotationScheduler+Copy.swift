import Foundation
import Logging

// MARK: - Nodes that are to hold the rotator's own slots

extension RotationScheduler {
  /// Makes nodes hold the slots that the rotator has, now, and streams what becomes of it on each. Keys come from the store and never from
  /// another node. The stream ends when every node has answered, or has had its time.
  ///
  /// - Parameters:
  ///   - account: The account; `nil`: every account of the nodes.
  ///   - source: A node whose slots have to be the rotator's, so that it is known that they serve; `nil`: none is looked at.
  ///   - isDryRun: Whether it is only to be said which nodes would be told.
  package nonisolated func copyCredentials(
    of account: AccountName?, from source: NodeName?, to destinations: RotationScope, isDryRun: Bool = false
  ) -> AsyncStream<CopyProgress> {
    let (stream, watcher) = AsyncStream.makeStream(of: CopyProgress.self)
    let request = CopyRequest(
      account: account, source: source, destinations: destinations, isDryRun: isDryRun, watcher: watcher)
    if case .terminated = post.yield(.copyRequested(request)) { request.refuse(Self.stopping) }
    return stream
  }

  func copyWasRequested(_ request: CopyRequest, effects: inout [Effect]) async {
    let scoped: [ScopedAccount]
    do throws(OperatorFault) { scoped = try copy(request) } catch { return request.refuse(error) }
    let places = scoped.flatMap { one in one.nodes.map { CredentialPlace(account: one.account, node: $0) } }
    request.watcher.yield(.begun(places))
    guard !places.isEmpty, !request.isDryRun else { return request.watcher.finish() }
    let id = credentialWork.number()
    credentialWork.copies[id] = CredentialWork.Copy(remaining: Set(places), watcher: request.watcher)
    var patience: TimeInterval = 0
    for one in scoped {
      guard await giveAgain(one) else { continue }
      let reachable = one.nodes.filter { nodes[$0]?.attachment != nil }
      for node in one.nodes where !reachable.contains(node) {
        let place = CredentialPlace(account: one.account, node: node)
        credentialWork.answered(place, .failed(place, revokedNodes.contains(node) ? Self.isRevoked(node) : Self.isAway(node)))
      }
      if let settings = settings[one.account] {
        patience = max(patience, stagingSeconds(of: settings, participants: reachable))
      }
      effects.append(contentsOf: orders(of: one.account, to: reachable))
    }
    effects.append(later(patience, .credentialWorkExpired(id)))
  }

  /// Durable before anything is sent: a node that is away now gets its keys when it comes back.
  ///
  /// - Returns: Whether the store took it; if not, its nodes have been answered for.
  private func giveAgain(_ scoped: ScopedAccount) async -> Bool {
    guard var record = accounts[scoped.account]?.record else { return false }
    record.giveAgain(to: scoped.nodes)
    var change = StoreChange()
    change.account = record
    change.records = [
      OutcomeRecord(
        kind: .credentialCopied, time: clock.now(), account: scoped.account, nodes: scoped.nodes,
        version: record.ledger.latest?.version,
        message:
          "\(scoped.nodes.map(\.description).joined(separator: ", ")) is given the keys of \(scoped.account), by command.")
    ]
    do throws(OperatorFault) { try await persist(change, of: scoped.account) } catch {
      for node in scoped.nodes {
        let place = CredentialPlace(account: scoped.account, node: node)
        credentialWork.answered(place, .failed(place, error))
      }
      return false
    }
    accounts[scoped.account]?.record = record
    return true
  }

  /// Takes a node's judged answer to the newest order.
  func credentialWasAnswered(_ answer: OrderAnswer) {
    let place = CredentialPlace(account: answer.account, node: answer.node)
    guard let problem = answer.problem else {
      let slots = accounts[answer.account]?.record.holdings[answer.node]?.slots ?? []
      return credentialWork.answered(place, .confirmed(place, slots))
    }
    credentialWork.answered(
      place,
      .failed(
        place,
        OperatorFault(.unavailable, "node \(answer.node)", problem, remedy: "see 'asactl status \(answer.node)'")))
  }

  private static func isRevoked(_ node: NodeName) -> OperatorFault {
    OperatorFault(
      .unavailable, "node \(node)", "is revoked: it is given nothing", remedy: "issue it a new certificate to let it back in")
  }
}

// MARK: - Whether it can be done

extension RotationScheduler {
  private func copy(_ request: CopyRequest) throws(OperatorFault) -> [ScopedAccount] {
    var scoped = try chosen(request.account, in: request.destinations)
    if let source = request.source {
      guard nodes[source] != nil else { throw Self.unknown(source) }
      scoped = scoped.compactMap { one in
        guard settings[one.account]?.nodes.contains(source) == true else { return nil }
        var one = one
        for index in one.destinations.indices { one.destinations[index].nodes.removeAll { $0 == source } }
        return one.nodes.isEmpty ? nil : one
      }
      guard !scoped.isEmpty else {
        throw OperatorFault(
          .usage, "node \(source)", "has no account in common with the nodes to copy to", remedy: "see 'asactl nodes list'")
      }
    }
    for one in scoped {
      try checkHasKeys(one.account)
      try checkIsIdle(one.account)
      if let source = request.source { try checkServes(source, one.account) }
    }
    return scoped
  }

  private func checkHasKeys(_ account: AccountName) throws(OperatorFault) {
    guard let ledger = accounts[account]?.record.ledger else { return }
    guard ledger.epoch > .zero, let latest = ledger.latest else {
      throw OperatorFault(
        .noInput, "account \(account)", "this rotator has no key of its own yet", remedy: "'asactl rotate' makes one")
    }
    guard !latest.isKeyless else {
      throw OperatorFault(
        .noInput, "account \(account)", "the key of kvno \(latest.version) is on nodes alone: this store cannot give it",
        remedy: "'asactl rotate' makes one of the rotator's own")
    }
  }

  /// A healthy node holds every key of the rotator's, the same one as Latest, and no fault.
  private func checkServes(_ source: NodeName, _ account: AccountName) throws(OperatorFault) {
    guard let problem = problem(with: source, account) else { return }
    throw OperatorFault(
      .data, "node \(source)", "does not hold the rotator's slots of \(account): \(problem)",
      remedy: "name a node that 'asactl status' shows as up to date, or leave --from away: the keys come from the rotator")
  }

  private func problem(with source: NodeName, _ account: AccountName) -> String? {
    guard let record = accounts[account]?.record else { return nil }
    if record.isWithheld(from: source) { return "they were removed there" }
    guard nodes[source]?.attachment != nil else { return "it is not attached" }
    guard let holding = record.holdings[source] else { return "it has not said what it holds" }
    if let fault = holding.fault { return fault }
    if holding.isBehind(record.ledger) { return "it has not applied the last order" }
    let missing = record.ledger.holding.first { slot in
      !slot.isKeyless
        && !holding.slots.contains {
          $0.rotation == slot.rotation && $0.version == slot.version && $0.fingerprint == slot.fingerprint
        }
    }
    if let missing { return "it lacks kvno \(missing.version) of rotation \(missing.rotation)" }
    let latest = holding.slots.first { $0.position == .latest }
    return latest?.rotation == record.ledger.latest?.rotation
      ? nil : "its Latest is kvno \(latest.map(\.version.description) ?? "none")"
  }
}
