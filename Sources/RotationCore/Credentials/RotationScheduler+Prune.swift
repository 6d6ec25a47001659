import Foundation

// MARK: - Keys whose end has passed

extension RotationScheduler {
  /// Destroys every key whose end has passed, and says why the others stay.
  ///
  /// - Returns: One receipt for each account.
  /// - Throws: ``OperatorFault`` if an account is not configured, or cannot be looked after now.
  package func prune(_ request: PruneRequest) async throws(OperatorFault) -> [PruneReceipt] {
    try await ask { .pruneRequested(request, reply: $0) }
  }

  func pruneWasRequested(
    _ request: PruneRequest, reply: SchedulerEvent.Reply<[PruneReceipt]>, effects: inout [Effect]
  ) async {
    let names = accountNames.filter { request.account == nil || $0 == request.account }
    do throws(OperatorFault) {
      for account in names { try checkIsIdle(account) }
    } catch { return reply(.failure(error)) }
    var receipts: [PruneReceipt] = []
    for account in names {
      guard let settings = settings[account], let before = accounts[account]?.record else { continue }
      var ledger = before.ledger
      if request.isDryRun {
        _ = ledger.timePassed(to: clock.now(), boot: clock.bootInstant(), policy: settings.policy)
      } else {
        await retireKeys(of: account, effects: &effects)
        ledger = accounts[account]?.record.ledger ?? ledger
      }
      receipts.append(receipt(before, ledger, settings))
    }
    reply(.success(receipts))
  }

  private func receipt(_ before: AccountRecord, _ after: SlotLedger, _ settings: ManagedAccount) -> PruneReceipt {
    let existed = Set(before.ledger.holding.map(\.rotation))
    let gone = existed.subtracting(after.holding.map(\.rotation))
    let away = settings.nodes.filter { node in
      nodes[node]?.attachment == nil && !revokedNodes.contains(node)
        && before.holdings[node]?.slots.contains { gone.contains($0.rotation) } == true
    }
    // Of keys that are gone only the newest stay listed.
    let unlisted = before.ledger.holding.filter { slot in !after.slots.contains { $0.rotation == slot.rotation } }.map {
      KeyStanding(
        rotation: $0.rotation, version: $0.version, destroyedAt: clock.now(), reason: "no ticket under it can be alive")
    }
    return PruneReceipt(
      account: before.account,
      keys: after.standings(settings.policy).filter { existed.contains($0.rotation) } + unlisted + strays(before, after),
      away: away)
  }

  /// Keys that nodes hold beside the listed ones: they end on their nodes.
  private func strays(_ record: AccountRecord, _ ledger: SlotLedger) -> [KeyStanding] {
    var strays: [RotationID: KeyStanding] = [:]
    for (node, holding) in record.holdings.sorted(by: { $0.key < $1.key }) {
      for slot in holding.slots where !ledger.slots.contains(where: { $0.rotation == slot.rotation }) {
        let isKnown = strays[slot.rotation] != nil
        guard !isKnown else { continue }
        strays[slot.rotation] = KeyStanding(
          rotation: slot.rotation, version: slot.version, until: slot.retireAfter,
          reason: "\(node) holds it beside the rotator's keys, and destroys it by order once it has ended")
      }
    }
    return strays.values.sorted { $0.version > $1.version }
  }
}
