// MARK: - Telling

extension RotationScheduler {
  func tell(_ account: AccountName, _ progress: RotationProgress) {
    guard let state = accounts[account] else { return }
    for watcher in state.watchers + (state.attempt?.watchers ?? []) { watcher.yield(progress) }
  }

  func finishWatchers(of account: AccountName) {
    guard let state = accounts[account] else { return }
    for watcher in state.watchers + (state.attempt?.watchers ?? []) { watcher.finish() }
    accounts[account]?.watchers = []
  }

  func tellNodeStep(_ event: RotationEvent, account: AccountName) {
    switch event {
    case .nodeStaged(let node): tell(account, .node(node, .staged, detail: "holds the next key"))
    case .nodeFailed(let node, let reason): tell(account, .node(node, .failed, detail: reason))
    case .nodePromoted(let node): tell(account, .node(node, .promoted, detail: "holds the new key as Latest"))
    case .nodeProven(let node): tell(account, .node(node, .proven, detail: "accepts a ticket for every SPN"))
    case .nodeRefusedTicket(let node, let reason): tell(account, .node(node, .failed, detail: reason))
    case .nodeRestored(let node): tell(account, .node(node, .restored, detail: "is back in its former slots"))
    case .nodeLost(let node): tell(account, .node(node, .failed, detail: "its stream ended"))
    default: break
    }
  }

  func detail(of machine: RotationMachine) -> String {
    let plan = machine.plan
    return switch machine.phase {
    case .planned: "the plan is durable"
    case .claiming: "claiming the account on \(plan.writer.dnsHostName)"
    case .staging where machine.absentWait != nil:
      "waiting until nodes without kvno \(plan.plannedVersion) have left service"
    case .staging: "\(plan.participants.count) nodes are installing kvno \(plan.plannedVersion)"
    case .committing: "setting the password on \(plan.writer.dnsHostName)"
    case .outcomeUnknown: "\(plan.writer.dnsHostName) has not answered the password write; sending the same again"
    case .fencing: "withdrawing the claim on \(plan.writer.dnsHostName)"
    case .unstaging: "nodes are going back to their former slots"
    case .checking: "asking \(plan.writer.dnsHostName) for a ticket under the new key"
    case .proving where machine.unconverged.isEmpty: "nodes are accepting tickets under the new key"
    case .proving:
      "nodes are accepting tickets under the new key, and \(machine.unconverged.joined(separator: ", ")) \(machine.unconverged.count == 1 ? "is" : "are") still to issue them"
    case .ended: "the rotation is over"
    }
  }
}
