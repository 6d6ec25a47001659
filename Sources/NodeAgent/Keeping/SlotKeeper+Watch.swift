import AgentProtocol
import Logging
import RotationCore

/// What the directory itself shows while no rotator is heard of.
extension SlotKeeper {
  /// Takes what was known of the accounts when the agent last ran. What was recalled of their readiness counts once the directory was looked at.
  func recallWatches() {
    do throws(OperatorFault) { watches = try WatchRecord.load(watchRecordPath) ?? watches } catch {
      logger.warning("\(error); the node looks at the directory when a rotator has said how")
    }
    if !watches.accounts.isEmpty { readiness.bind(watches.accounts.map(\.account)) }
    readiness.doubt(watches.accounts.map(\.account) + (recorded?.bound ?? []))
  }

  /// Takes how the rotators say that the accounts are looked at.
  func rememberWatches() {
    let record = WatchRecord(accounts: rotators.bindings.map { WatchRecord.Account(account: $0.account, watch: $0.watch) })
    guard record != watches else { return }
    watches = record
    do throws(OperatorFault) { try record.save(watchRecordPath) } catch {
      journal.state(.error, of: "watch record", "\(error)")
    }
  }

  /// The accounts that can be looked at.
  package func watchTargets() -> [WatchTarget] {
    watches.accounts.compactMap { watched in
      guard let watch = watched.watch, let slots = accounts.first(where: { $0.account == watched.account }),
        let name = slots.servicePrincipalNames.first(where: { keytabs.path(of: watched.account, holding: $0) != nil }),
        let keytab = keytabs.path(of: watched.account, holding: name)
      else { return nil }
      return WatchTarget(
        account: watched.account, realm: slots.realm, watch: watch, servicePrincipalName: name, keytab: keytab,
        latest: slots.latest?.version, epoch: slots.applied?.epoch ?? .zero, rotations: Set(slots.slots.map(\.rotation)))
    }
  }

  /// No rotator was heard of for a while, and of these accounts there is nothing to look at: what was recalled has to do.
  package func settleUnwatched() {
    for watched in watches.accounts where watched.watch == nil { readiness.settle(watched.account) }
    updateReadiness()
  }

  /// Takes what the directory shows of an account; what was found of slots that have changed since says nothing.
  package func take(_ verdict: WatchVerdict, of target: WatchTarget) {
    guard watchTargets().contains(target) else { return }
    switch verdict {
    case .serves:
      journal.state(.notice, of: "watch \(target.account)", "the directory issues tickets that this node accepts")
      readiness.settle(target.account)
    case .unknown: readiness.settle(target.account)
    case .departed(let reason):
      readiness.leave(target.account, because: reason)
      journal.state(
        .warning, of: "watch \(target.account)", "out of service: \(reason)", metadata: ["account": "\(target.account)"])
      rememberReadiness()
    }
    updateReadiness()
  }
}
