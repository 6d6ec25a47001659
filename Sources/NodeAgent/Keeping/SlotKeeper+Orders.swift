import Configuration
import Logging
package import RotationCore

extension SlotKeeper {
  /// Carries out an order: guards, slot file, keytabs, then checksums with the keys that the installed keytabs really hold.
  ///
  /// - Returns: The report that answers the order. If a keytab cannot be written, the slots are as they were before.
  package func carryOut(_ order: SlotOrder) -> NodeReport {
    reached(.orderReceived)
    guard !readiness.isGivenUp else {
      return answer(
        order, refusal: order.refusal(.accountNotConfigured, "the node was given up; start its agent again to take it back"))
    }
    guard let held = accounts.first(where: { $0.account == order.account }), !keytabs.paths(of: order.account).isEmpty else {
      if let fault = bindingFaults[order.account] { return answer(order, refusal: order.refusal(.keytab, "\(fault)")) }
      return answer(order, refusal: notConfigured(order.account, epoch: order.epoch, version: order.version))
    }
    if let misnamed = order.slots.first(where: { !bringsKeysItNames($0) }) {
      return answer(
        order, refusal: order.refusal(.other, "the keys of slot \(misnamed.rotation) do not have the fingerprint that it names")
      )
    }
    let current: NodeSlots
    do throws(OperatorFault) { current = try lookedAtAgain(held) } catch {
      return answer(order, refusal: order.refusal(.keytab, "\(error)"))
    }
    switch current.apply(order, now: now(), slotLimit: configuration.slotLimit) {
    case .refused(let refusal): return answer(order, refusal: refusal)
    case .repeated: return confirm(order, current)
    case .changed(let next):
      // A consumer that failed is tried once for each order, not for each repetition of it.
      consumers.retry(order.account, of: configuration.keytabs)
      return change(to: next, for: order)
    }
  }

  /// The first order is about to overwrite the node's own keytabs: what was put into them since the welcome is adopted, not lost.
  private func lookedAtAgain(_ held: NodeSlots) throws(OperatorFault) -> NodeSlots {
    guard held.applied == nil, let secret = rotators.secret else { return held }
    var slots = held
    try adopt(into: &slots, under: secret)
    return slots
  }

  private func bringsKeysItNames(_ slot: OrderedSlot) -> Bool {
    guard let keys = slot.keys, let secret = rotators.secret else { return true }
    return KeyFingerprint(of: keys, under: secret) == slot.fingerprint
  }

  private func change(to next: NodeSlots, for order: SlotOrder) -> NodeReport {
    let former = accounts
    let changed = former.map { $0.account == next.account ? next : $0 }
    do throws(OperatorFault) {
      try file.save(changed)
    } catch {
      return answer(order, refusal: order.refusal(.other, "\(error)"))
    }
    accounts = changed
    reached(.slotsSaved)
    do throws(OperatorFault) {
      try exchange(changed, for: order)
      note(keytabs.install(changed), because: .order)
      let report = answer(order, checksums: try checksums(for: order, next))
      sayDone(order, next)
      return report
    } catch {
      return giveBack(former, after: error, order)
    }
  }

  private func exchange(_ accounts: [NodeSlots], for order: SlotOrder) throws(OperatorFault) {
    try keytabs.exchange(accounts, for: order.account) { [reached] in reached(.keytabExchanged) }
  }

  /// Puts the slot file back to what it was before an order that a keytab stood in the way of.
  private func giveBack(_ former: [NodeSlots], after fault: OperatorFault, _ order: SlotOrder) -> NodeReport {
    accounts = former
    do throws(OperatorFault) {
      try file.save(former)
      reached(.slotsGivenBack)
    } catch {
      // The file then still holds all the former slots and the order's besides: no key is lost, and the rotator sends the order again.
      logger.critical("\(error)")
    }
    note(keytabs.install(former), because: .order)
    return answer(order, refusal: order.refusal(.keytab, "\(fault)"))
  }

  /// Answers a repeated order: the keytabs are looked at again and the checksums made anew, over the new nonce.
  private func confirm(_ order: SlotOrder, _ slots: NodeSlots) -> NodeReport {
    do throws(OperatorFault) {
      try exchange(accounts, for: order)
      note(keytabs.install(accounts), because: .order)
      return answer(order, checksums: try checksums(for: order, slots))
    } catch {
      return answer(order, refusal: order.refusal(.keytab, "\(error)"))
    }
  }

  private func answer(
    _ order: SlotOrder, refusal: OrderRefusal? = nil, checksums: [KeyChecksum] = []
  ) -> NodeReport {
    if let refusal { say(refusal, of: order) }
    noteOutcome(of: order, refusal)
    var report = report(on: order.account)
    report.refusal = refusal
    report.checksums = checksums
    report.nonce = order.nonce
    return report
  }

  /// A node that could not do what the others did must not be sent clients with tickets under a key that it lacks.
  private func noteOutcome(of order: SlotOrder, _ refusal: OrderRefusal?) {
    guard refusal?.isOfOrder != true else { return }
    if let refusal {
      readiness.refuse(order.account, because: "the last order was refused: \(refusal.message)")
    } else {
      readiness.wasCaughtUp(order.account)
    }
    updateReadiness()
  }

  private func sayDone(_ order: SlotOrder, _ slots: NodeSlots) {
    let held = slots.slots.map { "\($0.version) (\($0.position.rawValue))" }.joined(separator: ", ")
    journal.event(
      .notice, of: "order \(order.account) done", "keytabs of \(order.account) written: they hold kvno \(held)",
      metadata: [
        "account": "\(order.account)", "rotation": "\(order.rotation)", "kvno": "\(slots.latest?.version.description ?? "")",
        "keytab": "\(keytabs.paths(of: order.account).joined(separator: " "))",
      ])
  }

  private func say(_ refusal: OrderRefusal, of order: SlotOrder) {
    // Of accounts that the configuration does not know, a rotator could name any number.
    let topic = keytabs.paths(of: order.account).isEmpty ? "order" : "order \(order.account)"
    journal.state(
      .warning, of: topic, "order refused: \(refusal.message)",
      metadata: ["account": "\(order.account)", "rotation": "\(order.rotation)", "reason": "\(refusal.reason)"])
  }
}

extension OrderRefusal {
  /// Whether it was the order's own fault, so that nothing follows from it for the node.
  fileprivate var isOfOrder: Bool {
    switch reason {
    case .stale, .conflictingOrder, .epochBoundElsewhere, .accountNotConfigured, .versionHeldByAnotherKey, .wouldDropProvenSlot,
      .tooManySlots, .other:
      true
    case .unknownSlot, .keytab: false
    }
  }
}
