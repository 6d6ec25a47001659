import AgentProtocol
import Logging
package import RotationCore

/// What the directory itself shows while no rotator is heard of.
extension SlotKeeper {
  /// Takes what was known of the accounts when the agent last ran. What was recalled of their readiness counts once the directory was looked at.
  func recallWatches() {
    do throws(OperatorFault) { watches = try WatchRecord.load(watchRecordPath) ?? watches } catch {
      logger.warning("\(error); the node looks at the directory when a rotator has said how")
    }
    if !watches.accounts.isEmpty { readiness.bind(watches.accounts.map(\.account)) }
    readiness.recall(newcomers: watches.accounts.filter { $0.isNew == true }.map(\.account))
    readiness.doubt(watches.accounts.map(\.account) + (recorded?.bound ?? []))
  }

  /// Takes how the rotators say that the accounts are looked at.
  func rememberWatches() {
    remember(
      WatchRecord(
        accounts: rotators.bindings.map { binding in
          WatchRecord.Account(
            account: binding.account, watch: binding.watch, isNew: readiness.newcomers.contains(binding.account) ? true : nil)
        }))
  }

  /// Takes note of accounts that count from now on.
  func forgetNewcomers() {
    var record = watches
    for index in record.accounts.indices where !readiness.newcomers.contains(record.accounts[index].account) {
      record.accounts[index].isNew = nil
    }
    remember(record)
  }

  private func remember(_ record: WatchRecord) {
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
        latest: slots.latest?.version,
        concludesFromRefusal: readiness.isUnsettled(watched.account) && !slots.slots.contains { $0.position == .next },
        epoch: slots.applied?.epoch ?? .zero, rotations: Set(slots.slots.map(\.rotation)),
        leftAt: readiness.leftAt(watched.account))
    }
  }

  /// For a while the agent has run: of accounts that there is no way to look at, what was recalled has to do.
  package func settleUnwatched() {
    guard accounts.contains(where: { readiness.isUnsettled($0.account) }) else { return }
    readiness.settle(allBut: watches.accounts.filter { $0.watch != nil }.map(\.account))
    updateReadiness()
  }

  /// Whether a look at the directory could bring the node into service, whoever is heard of.
  func gainsByLooking() -> Bool { watches.accounts.contains { $0.watch != nil && readiness.gainsByLooking(at: $0.account) } }

  /// A rotation goes on without this node, its rotator says.
  package func leftBehind(_ account: AccountName) {
    guard accounts.contains(where: { $0.account == account }) else { return }
    leave(account, because: "a rotation goes on without this node", at: nil)
  }

  private func leave(_ account: AccountName, because reason: String, at epoch: Epoch?) {
    readiness.leave(account, because: reason, at: epoch)
    journal.state(.warning, of: "watch \(account)", "left behind: \(reason)", metadata: ["account": "\(account)"])
    updateReadiness()
  }

  /// Takes what the directory shows of an account; what was found of slots that have changed since says nothing.
  package func take(_ verdict: WatchVerdict, of target: WatchTarget) {
    guard watchTargets().contains(target) else { return }
    switch verdict {
    case .serves:
      journal.state(.notice, of: "watch \(target.account)", "the directory issues tickets that this node accepts")
      readiness.wasCaughtUp(target.account)
    case .unknown: readiness.settle(target.account)
    case .departed(let reason, let epoch): leave(target.account, because: reason, at: epoch)
    }
    updateReadiness()
  }
}
