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
    guard let slots = accounts.first(where: { $0.account == account }) else { return report(on: account) }
    let remaining = accounts.filter { $0.account != account }
    do throws(OperatorFault) {
      try keytabs.destroy(keytabs.principals(of: slots), among: accounts)
      try file.save(remaining)
    } catch {
      journal.state(.error, of: "decommission \(account)", "keys of \(account) are still here: \(error)")
      return report(on: account)
    }
    accounts = remaining
    for path in keytabs.paths(of: account) { keytabStates[path] = nil }
    journal.event(
      .notice, of: "decommission \(account)", "every key of \(account) was destroyed: the node was given up",
      metadata: ["account": "\(account)"])
    updateReadiness()
    showHoldings()
    return report(on: account)
  }
}
