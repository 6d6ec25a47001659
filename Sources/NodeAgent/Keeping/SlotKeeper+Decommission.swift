import Logging
package import RotationCore

extension SlotKeeper {
  /// Destroys every key of an account: the entries in its keytabs, the copies of them as they were, and the slots. The node serves nobody from
  /// then on, until its agent is started again.
  ///
  /// - Returns: What the node holds then: no slot, unless something stood in the way.
  package func decommission(_ account: AccountName) -> NodeReport {
    readiness.isGivenUp = true
    updateReadiness()
    guard let slots = accounts.first(where: { $0.account == account }),
      destroy(slots, leaving: accounts.filter { $0.account != account })
    else { return report(on: account) }
    for path in keytabs.paths(of: account) { keytabStates[path] = nil }
    journal.event(
      .notice, of: "decommission \(account)", "every key of \(account) was destroyed: the node was given up",
      metadata: ["account": "\(account)"])
    updateReadiness()
    showHoldings()
    return report(on: account)
  }

  /// Destroys the same, by somebody's command; the node leaves service first, and is back when it has carried out an order that brings keys, and
  /// a ticket opens with one of them.
  ///
  /// - Returns: What the node holds then: no slot, unless something stood in the way.
  package func removeKeys(of account: AccountName) -> NodeReport {
    readiness.lost(account, because: "its keys were removed, by command")
    rememberReadiness()
    updateReadiness()
    guard let slots = accounts.first(where: { $0.account == account }),
      destroy(slots, leaving: accounts.map { $0.account == account ? $0.emptied : $0 })
    else { return report(on: account) }
    journal.event(
      .notice, of: "removal \(account)",
      "every key of \(account) was destroyed, by command; the rotator gives the node none before somebody says so, or the next rotation",
      metadata: ["account": "\(account)"])
    note(keytabs.install(accounts), because: .order)
    return report(on: account)
  }

  /// - Returns: Whether all of it is gone, and what is left is on disk.
  private func destroy(_ slots: NodeSlots, leaving remaining: [NodeSlots]) -> Bool {
    do throws(OperatorFault) {
      try keytabs.destroy(keytabs.principals(of: slots), among: accounts)
      try file.save(remaining)
    } catch {
      journal.state(.error, of: "decommission \(slots.account)", "keys of \(slots.account) are still here: \(error)")
      for path in keytabs.paths(of: slots.account) { keytabStates[path] = .faulty(error) }
      return false
    }
    accounts = remaining
    return true
  }
}
