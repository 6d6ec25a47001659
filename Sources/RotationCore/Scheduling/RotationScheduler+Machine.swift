import Foundation
import Logging
import SecretMemory

// MARK: - One event through the machine

extension RotationScheduler {
  /// Feeds the machine, makes machine and ledger durable in one transaction, and only then performs the actions.
  func advance(_ account: AccountName, rotation: RotationID, with event: RotationEvent, effects: inout [Effect]) async {
    guard var state = accounts[account], case .open = state.gate, var machine = state.record.rotation,
      machine.plan.rotation == rotation
    else { return }
    let before = machine
    let actions = machine.handle(event, at: clock.now())
    guard machine != before || !actions.isEmpty else { return }
    state.record.rotation = machine
    // Another claimant's stamp is not ours to speak under before our claim has replaced it.
    if !machine.awaitsTakeover { state.record.knownStamp = machine.knownStamp }
    if machine.phase != before.phase, machine.phase != .ended {
      state.phases.append(PhaseMark(phase: machine.phaseName, begin: clock.monotonicSeconds()))
    }
    var change = StoreChange()
    if before.awaitsTakeover, !machine.awaitsTakeover { accountWasTakenOver(by: machine.plan, &state.record, &change) }
    for action in actions { apply(action, of: machine, to: &state.record, change: &change) }
    if case .writerWasLost(let loss) = event {
      state.record.writerWasLost(loss, during: before, at: clock.now(), boot: clock.bootInstant())
    }
    if machine.phase == .ended, let ending = state.record.lastEnding {
      state.record.attemptEnded(ending.outcome, phases: state.phases, at: clock.monotonicSeconds())
    }
    change.account = state.record
    reached(.beforeRecord(.phase(machine.phase)))
    do throws(OperatorFault) {
      try await persist(change, of: account)
    } catch {
      logger.critical(
        "The store refused a step of \(account), which is tried again: \(error)",
        metadata: ["account": "\(account)", "fault": "\(error)"])
      // Whoever has to fall silent does so at once; the stamp is read anew, and ends the rotation.
      if case .end(let ending)? = actions.last, ending.passwordChanged == nil, let fault = ending.fault {
        shutGate(of: account, because: fault)
        return
      }
      // Every tick fires the timer anyway.
      if case .timerFired = event { return }
      effects.append(later(Self.tickInterval, .machine(account, rotation, event)))
      return
    }
    reached(.recorded(.phase(machine.phase)))
    state.since.rotationMoved = clock.monotonicSeconds()
    accounts[account] = state
    tellNodeStep(event, of: machine.plan)
    if machine.phase != before.phase, machine.phase != .ended {
      tell(account, .phase(machine.phaseName, detail: detail(of: machine)))
    }
    for action in actions { perform(action, of: machine, account: account, effects: &effects) }
  }

  /// What an action means for the durable record, decided before it is performed.
  private func apply(
    _ action: RotationAction, of machine: RotationMachine, to record: inout AccountRecord, change: inout StoreChange
  ) {
    let plan = machine.plan
    switch action {
    case .stage:
      // Whoever was not to have the keys gets them with the next ones.
      record.withheldBefore = record.withheld
      record.withheld = nil
      let before = record.ledger.holding.map(\.rotation)
      stage(plan, in: &record)
      change.destroy += before.filter { rotation in !record.ledger.holding.contains { $0.rotation == rotation } }
    case .unstage:
      record.ledger.wasUnstaged(plan, servicePrincipalNames: settings[plan.account]?.servicePrincipalNames ?? [])
    case .promote(let version, let fingerprint):
      list(plan, in: &record)
      record.ledger.wasCommitted(plan, as: version, fingerprint: fingerprint, at: supersession)
      record.ledger.ticketsOpened(of: accounts[plan.account]?.tickets.map(\.encryptionType) ?? [], with: plan.slot)
    case .holdForeign(let issued):
      list(plan, in: &record)
      // Another controller may issue under it, however far the writer has gone on.
      record.ledger.becameForeign(plan.slot, issued: plan.replicas == nil ? issued : nil, at: supersession)
    case .reportUnknown(let fault):
      change.records.append(
        OutcomeRecord(
          kind: .outcomeUnknown, time: clock.now(), account: plan.account, rotation: plan.rotation, phase: machine.phaseName,
          domainController: plan.writer.dnsHostName,
          message:
            "\(plan.account) waits for \(plan.writer.dnsHostName), \(detail(of: machine)): \(fault). It is tried again until it succeeds."
        ))
    case .end(let ending):
      // First: it decides which of compromised keys can go.
      let convergence = record.noteConvergence(of: machine, at: supersession)
      apply(ending, plan: plan, to: &record, change: &change)
      change.records += convergence
    case .claim, .announceAbsence, .leaveBehind, .commit, .fence, .checkCommit, .prove, .wake: break
    }
  }

  /// Now, where the life of tickets is counted from it.
  private var supersession: SlotLedger.Supersession {
    SlotLedger.Supersession(time: clock.now(), boot: clock.bootInstant())
  }

  /// A store that was restored from before the staging finds its password in the directory: its key belongs into the ledger all the same.
  private func list(_ plan: RotationPlan, in record: inout AccountRecord) {
    guard record.ledger.epoch < plan.claim.epoch else { return }
    stage(plan, in: &record)
  }

  private func stage(_ plan: RotationPlan, in record: inout AccountRecord) {
    if !strangersMayBeLive(in: record) { record.ledger.wasClaimed(plan, over: record.reports) }
    record.ledger.wasStaged(plan, servicePrincipalNames: settings[plan.account]?.servicePrincipalNames ?? [])
  }

  func apply(
    _ ending: RotationEnding, plan: RotationPlan, to record: inout AccountRecord, change: inout StoreChange
  ) {
    var ending = ending
    if let policy = settings[plan.account]?.policy,
      let end = record.compromisedKeysEnd(with: plan, ending, policy: policy, at: supersession)
    {
      ending.compromised = end.keys
      change.destroy += end.destroyed
    }
    record.rotation = nil
    record.lastEnding = ending
    record.stalls = nil
    if ending.passwordChanged == true { record.baseline = record.plannedBaseline }
    record.plannedBaseline = nil
    if ending.passwordChanged == false { record.withheld = record.withheldBefore ?? record.withheld }
    record.withheldBefore = nil
    if record.ledger.latest?.rotation == plan.slot, let schedule = schedule(of: plan.account) {
      record.intervalBegan(schedule, at: clock.now())
    }
    if ending.outcome == .failed {
      noteFailure(of: &record, rotation: plan.rotation)
    } else {
      record.lastSuccess = clock.now()
      record.failures = nil
      record.directoryFinding = nil
    }
    switch ending.passwordChanged {
    case false? where plan.replayed == nil: change.destroy.append(plan.rotation)
    case false?: break
    case true?: break
    // Superseded: whoever came after may have let our password through.
    case nil:
      record.ledger.becameForeign(plan.slot, issued: nil, at: supersession)
      record.pauseTakeovers(at: clock.now())
    }
    var terminal = terminalRecord(
      ending, account: plan.account, rotation: plan.rotation, controller: plan.writer.dnsHostName)
    // A success concerns every node; the others name those that it did not come to.
    if ending.outcome == .succeeded { terminal.nodes = plan.quorum.members }
    change.records.append(terminal)
  }

  func terminalRecord(
    _ ending: RotationEnding, account: AccountName, rotation: RotationID, controller: String?
  ) -> OutcomeRecord {
    let kind: RecordKind =
      switch ending.outcome {
      case .succeeded: .rotationSucceeded
      case .degraded: .rotationDegraded
      case .failed: .rotationFailed
      }
    return OutcomeRecord(
      kind: kind, time: clock.now(), account: account, rotation: rotation, phase: ending.phase, nodes: ending.nodes,
      version: ending.version, domainController: controller, controllers: ending.controllers,
      message: ending.sentence(about: account),
      passwordChanged: ending.passwordChanged)
  }

  private func perform(
    _ action: RotationAction, of machine: RotationMachine, account: AccountName, effects: inout [Effect]
  ) {
    guard let settings = settings[account] else { return }
    let plan = machine.plan
    switch action {
    case .claim(let expected, let stamp):
      effects.append(swapStamp(settings, plan: plan, from: expected, to: stamp, as: .claim) { .claimAnswered($0) })
    case .announceAbsence(let expected, let stamp):
      effects.append(swapStamp(settings, plan: plan, from: expected, to: stamp, as: .claim) { .absenceAnnounced($0) })
    case .leaveBehind(let missing):
      effects.append { [fleet] in
        for node in missing { await fleet.leaveBehind(node, account: account) }
      }
    case .fence(let expected, let stamp):
      effects.append(swapStamp(settings, plan: plan, from: expected, to: stamp, as: .fence) { .fenceAnswered($0) })
    case .commit(let expected, let stamp): effects.append(setPassword(settings, plan: plan, from: expected, to: stamp))
    case .stage: pushOrders(of: account, for: .stage, effects: &effects)
    case .unstage: pushOrders(of: account, for: .unstage, effects: &effects)
    case .promote:
      pushOrders(of: account, for: .promote, effects: &effects)
      probeAwaitedControllers(of: account, effects: &effects)
    case .holdForeign: pushOrders(of: account, for: .holdForeign, effects: &effects)
    case .checkCommit: effects.append(checkCommit(settings, plan: plan))
    case .prove(let node): effects.append(prove(settings, plan: plan, node: node))
    case .wake(let instant): effects.append(wake(at: instant, .machine(account, plan.rotation, .timerFired)))
    case .reportUnknown: break
    case .end(let ending):
      rotationEnded(machine, accounts[account]?.record.lastEnding ?? ending, effects: &effects)
      removeLeftKeys(of: account, effects: &effects)
      // The ends of older keys count from now on.
      if machine.converged != nil || plan.compromise != nil { pushOrders(of: account, effects: &effects) }
    }
  }

  private func rotationEnded(_ machine: RotationMachine, _ ending: RotationEnding, effects: inout [Effect]) {
    let plan = machine.plan
    let account = plan.account
    scheduleInspection(of: account)
    // Whose key it is then, is looked at now: what comes next depends on it.
    if ending.passwordChanged == true, ending.outcome == .failed { accounts[account]?.nextInspection = nil }
    if ending.passwordChanged == true { accounts[account]?.late.formUnion(ending.nodes) }
    if ending.passwordChanged == nil, let fault = ending.fault { shutGate(of: account, because: fault) }
    shutGateUnlessTaken(plan)
    tellEnd(of: machine, ending, effects: &effects)
    accounts[account]?.tickets = []
    accounts[account]?.convergence.begin()
  }
}

// MARK: - Effects

extension RotationScheduler {
  private func swapStamp(
    _ settings: ManagedAccount, plan: RotationPlan, from expected: Stamp?, to stamp: Stamp, as step: Boundary.Step,
    event: @escaping @Sendable (DirectoryWriteAnswer) -> RotationEvent
  ) -> Effect {
    let query = settings.query(for: plan)
    return effect(step) {
      let answer = await settings.directory.swapStamp(of: query, from: expected, to: stamp)
      return .machine(settings.name, plan.rotation, event(answer))
    }
  }

  private func setPassword(_ settings: ManagedAccount, plan: RotationPlan, from expected: Stamp, to stamp: Stamp) -> Effect {
    let write = PasswordWrite(settings: settings, plan: plan, store: store, from: expected, to: stamp)
    return effect(.commit) {
      .machine(settings.name, plan.rotation, .commitAnswered(await write.run()))
    }
  }

  private func checkCommit(_ settings: ManagedAccount, plan: RotationPlan) -> Effect {
    guard let identity else { return {} }
    let check = CommitCheck(settings: settings, plan: plan, store: store, fingerprintSecret: identity.fingerprintSecret)
    return effect(.checkCommit) {
      let (evidence, tickets) = await check.run()
      return .commitWasChecked(settings.name, plan.rotation, evidence, tickets)
    }
  }

  private func prove(_ settings: ManagedAccount, plan: RotationPlan, node: NodeName) -> Effect {
    let tickets = accounts[settings.name]?.tickets ?? []
    let proof = AcceptanceProof(account: settings.name, fleet: fleet, timeout: .seconds(10))
    return effect(.prove) {
      let unissued = settings.ticketNames.first { name in
        !tickets.contains { $0.servicePrincipalName.description == name.description }
      }
      var event = RotationEvent.nodeProven(node)
      if let unissued {
        event = .nodeRefusedTicket(
          node, reason: "cannot be tried for \(unissued): the domain controller issues no ticket for it")
      }
      for ticket in tickets where unissued == nil {
        guard let fault = await proof.run(ticket, on: node).fault else { continue }
        // Silence refuses nothing: the node may be back before the deadline.
        event =
          fault.kind == .unavailable
          ? .nodeLost(node) : .nodeRefusedTicket(node, reason: "refuses \(ticket.servicePrincipalName): \(fault.problem)")
        break
      }
      return .machine(settings.name, plan.rotation, event)
    }
  }

  func later(_ seconds: TimeInterval, _ event: SchedulerEvent) -> Effect {
    wake(at: clock.now().addingTimeInterval(seconds), event)
  }

  private func wake(at instant: Date, _ event: SchedulerEvent) -> Effect {
    let wait = WallClockWait(from: clock.now(), until: instant)
    return { [clock, post] in
      while !wait.isOver(at: clock.now()) {
        do { try await clock.sleep(until: instant) } catch { return }
      }
      post.yield(event)
    }
  }
}
