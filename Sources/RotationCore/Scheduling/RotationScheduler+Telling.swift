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

  /// Writes down and tells what a node has done, if the event is about one.
  func tellNodeStep(_ event: RotationEvent, of plan: RotationPlan) {
    let account = plan.account
    guard let (node, step) = event.nodeStep else { return }
    let detail = event.reason ?? detail(of: step, by: node, plan)
    accounts[account]?.steps[node, default: []].append(NodeStepMark(step: step, detail: detail, time: clock.now()))
    tell(account, .node(node, step, detail: detail))
  }

  private func detail(of step: RotationProgress.NodeStep, by node: NodeName, _ plan: RotationPlan) -> String {
    guard let state = accounts[plan.account] else { return "" }
    let holding = state.record.holdings[node]
    let version = state.record.ledger.slots.first { $0.rotation == plan.slot }?.version ?? plan.plannedVersion
    switch step {
    case .staged:
      let others = holding?.slots.filter { $0.rotation != plan.slot }.map(\.version.description) ?? []
      let beside = others.isEmpty ? "" : " beside \(others.joined(separator: ", "))"
      return "holds kvno \(version)\(beside) in \(holding?.keytabs.joined(separator: ", ") ?? "its keytabs")"
    case .promoted: return "holds kvno \(version) as Latest"
    case .proven:
      let types = Set(state.tickets.map { EncryptionType.displayName($0.encryptionType) }).sorted().joined(separator: ", ")
      let names = state.tickets.map(\.servicePrincipalName.description).joined(separator: ", ")
      return "accepts tickets for \(names) (\(types))"
    case .restored: return "is back in its former slots"
    case .failed: return "its stream ended"
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

extension RotationEvent {
  /// The node that has taken a step, and which.
  fileprivate var nodeStep: (NodeName, RotationProgress.NodeStep)? {
    switch self {
    case .nodeStaged(let node): (node, .staged)
    case .nodePromoted(let node): (node, .promoted)
    case .nodeProven(let node): (node, .proven)
    case .nodeRestored(let node): (node, .restored)
    case .nodeFailed(let node, _), .nodeRefusedTicket(let node, _), .nodeLost(let node): (node, .failed)
    default: nil
    }
  }

  /// Why a node could not.
  fileprivate var reason: String? {
    switch self {
    case .nodeFailed(_, let reason), .nodeRefusedTicket(_, let reason): reason
    default: nil
    }
  }
}
