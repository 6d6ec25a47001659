import Foundation
import Logging
import SecretMemory

// MARK: - What nodes do

extension RotationScheduler {
  func nodeEventHappened(_ event: NodeEvent, effects: inout [Effect]) async {
    switch event {
    case .attached(let attachment): await nodeAttached(attachment)
    case .detached(let node, _): await nodeDetached(node, effects: &effects)
    case .reported(let node, let report): await nodeReported(node, report, effects: &effects)
    case .clockMeasured(let node, let offset): nodes[node]?.clockOffset = offset
    case .refused(let name, let fault):
      // The name is only what a certificate claims: it must not put a fault on a node whose stream is live.
      if let node = try? NodeName(name), nodes[node]?.attachment == nil { nodes[node]?.fault = fault.description }
    }
  }

  private func nodeAttached(_ attachment: NodeAttachment) async {
    guard var state = nodes[attachment.node] else { return }
    // Came in before the revocation that is about to cut it.
    if let revokedAt = state.record.revokedAt, attachment.since <= revokedAt { return }
    state.attachment = attachment
    state.fault = nil
    state.clockOffset = nil
    state.record.installation = attachment.installation
    state.record.lastSeen = attachment.since
    nodes[attachment.node] = state
    credentialWork.forgetWhatWasTold(to: attachment.node)
    for account in accountNames { accounts[account]?.nonces[attachment.node] = nil }
    await remember(state.record)
  }

  private func nodeDetached(_ node: NodeName, effects: inout [Effect]) async {
    guard nodes[node]?.attachment != nil else { return }
    nodes[node]?.attachment = nil
    nodes[node]?.record.lastSeen = clock.now()
    for account in accountNames { accounts[account]?.unanswered[node] = nil }
    consumersWereLost(on: node)
    credentialWorkWasLost(on: node)
    if let record = nodes[node]?.record { await remember(record) }
    for account in accountNames {
      guard let rotation = accounts[account]?.record.rotation, settings[account]?.nodes.contains(node) == true else { continue }
      await advance(account, rotation: rotation.plan.rotation, with: .nodeLost(node), effects: &effects)
    }
  }

  private func nodeReported(_ node: NodeName, _ report: NodeReport, effects: inout [Effect]) async {
    guard let settings = settings[report.account], settings.nodes.contains(node), var state = accounts[report.account],
      nodes[node]?.attachment != nil, !(await tookDecommissionReport(report, from: node, effects: &effects))
    else { return }
    if state.record.isWithheld(from: node) { return await withheldNodeReported(node, report, effects: &effects) }
    if report.isAhead(of: state.record.ledger) { state.record.ledger.nodeWasAhead(report.version) }
    overruleStrangers(in: report, &state.record)
    if state.record.rotation == nil { state.record.ledger.heldWasProven(report.slots) }
    let holding = NodeHolding(report, of: state.record.ledger, after: state.record.holdings[node])
    let isBehind = holding.isBehind(state.record.ledger)
    let nonce = state.nonces[node]
    state.record.holdings[node] = holding
    if isBehind, state.record.rotation == nil { state.late.insert(node) }
    accounts[report.account] = state
    await save(report.account)
    consumersWereReported(report, by: node)
    for drift in report.drift { await keytabWasRestored(drift, on: node, account: report.account) }
    if report.nonce.isEmpty, state.record.rotation == nil, let fault = holding.fault {
      accounts[report.account]?.late.insert(node)
      if !isAlarmed(.behind(report.account, node)) { await nodeFellBehind(node, account: report.account, problem: fault) }
    }
    if !report.nonce.isEmpty {
      // The answer to an order that a newer one has overtaken asks for nothing: the newer one's answer follows.
      if nonce == report.nonce { effects.append(judge(report, from: node, settings: settings)) }
    } else if state.record.ledger.epoch > .zero {
      if nonce == nil || isBehind { effects.append(contentsOf: orders(of: report.account, to: [node])) }
    } else {
      if isAlarmed(.behind(report.account, node)) { await nodeRecovered(node, account: report.account) }
      if !report.slots.isEmpty, !report.slots.contains(where: \.isProven) {
        proveHeld(by: node, settings: settings, effects: &effects)
      }
    }
  }

  /// Lets a node accept tickets with what it holds outside a rotation: one that came with keys of its own finds out which of them the
  /// directory uses, and every node that it is in service. Without a ticket nothing is learned.
  private func proveHeld(by node: NodeName, settings: ManagedAccount, effects: inout [Effect]) {
    guard accounts[settings.name]?.proofs.insert(node).inserted == true else { return }
    let proof = AcceptanceProof(account: settings.name, fleet: fleet, timeout: .seconds(10))
    effects.append { [post] in
      var verdict = HeldVerdict.accepted
      for name in settings.ticketNames where verdict == .accepted {
        guard let ticket = try? await settings.tickets.requestTicket(for: name) else {
          verdict = .unknown
          break
        }
        // Silence is told of as such.
        if let fault = await proof.run(ticket, on: node).fault {
          verdict = fault.kind == .unavailable ? .unknown : .refused(fault)
        }
      }
      post.yield(.heldWasTried(settings.name, node, verdict))
    }
  }

  func heldWasTried(_ account: AccountName, node: NodeName, verdict: HeldVerdict) async {
    accounts[account]?.proofs.remove(node)
    guard let state = accounts[account], state.record.rotation == nil, nodes[node]?.attachment != nil,
      !state.record.isWithheld(from: node)
    else { return }
    switch verdict {
    case .unknown: return
    case .accepted:
      guard state.record.holdings[node]?.fault == nil, !(state.record.holdings[node]?.isBehind(state.record.ledger) ?? true)
      else {
        return
      }
      accounts[account]?.late.remove(node)
      if state.late.contains(node) || isWaitedFor(node, account: account) { await nodeRecovered(node, account: account) }
    case .refused(let fault):
      accounts[account]?.late.insert(node)
      guard !isAlarmed(.behind(account, node)) else { return }
      await nodeFellBehind(node, account: account, problem: "it does not accept the domain controller's tickets: \(fault)")
    }
  }

  /// Outside of a rotation, whose own record names its nodes, a node that cannot follow gets a record. One that can has caught up when it
  /// has also accepted a ticket.
  private func noteLateness(of answer: OrderAnswer) async {
    accounts[answer.account]?.unanswered[answer.node] = nil
    guard let state = accounts[answer.account], state.record.rotation == nil, let problem = answer.problem else { return }
    accounts[answer.account]?.late.insert(answer.node)
    guard !isAlarmed(.behind(state.record.account, answer.node)) else { return }
    await nodeFellBehind(answer.node, account: answer.account, problem: problem)
  }

  /// Whether an alarm stands that ends when the node has caught up.
  private func isWaitedFor(_ node: NodeName, account: AccountName) -> Bool {
    daemon.alarms.alarms.contains { alarm in
      alarm.endedAt == nil && alarm.key.account == account
        && (alarm.key.subject == node.description || alarm.record.nodes.contains(node))
    }
  }

  /// How long a node may be away before somebody is told, in seconds.
  static let toleratedAbsence: TimeInterval = 600

  /// How long an attached node may leave an order unanswered before somebody is told, in seconds.
  static let toleratedSilence: TimeInterval = 120

  func noteMissingNodes(of account: AccountName) async {
    guard let settings = settings[account] else { return }
    for node in settings.nodes where !isAlarmed(.behind(account, node)) {
      guard let state = nodes[node], !unawaitedNodes.contains(node) else { continue }
      let problem = state.attachment == nil ? absence(of: state) : silence(of: node, account: account)
      if let problem { await nodeFellBehind(node, account: account, problem: problem) }
    }
  }

  private func absence(of state: NodeState) -> String? {
    let now = clock.now()
    // While we were not running, or did not know of it, it could not attach; and a clock that was set back says nothing.
    let since = max(min(state.record.lastSeen ?? state.expectedSince, now), state.expectedSince)
    guard now >= since.addingTimeInterval(Self.toleratedAbsence) else { return nil }
    let seen = state.record.lastSeen.map { "has not been attached since \(Self.text($0))" } ?? "has never attached"
    return state.fault.map { "\(seen); \($0)" } ?? seen
  }

  private func silence(of node: NodeName, account: AccountName) -> String? {
    guard let wait = accounts[account]?.unanswered[node], wait.isOver(at: clock.now()) else { return nil }
    return "it is attached and has not answered an order since \(Self.text(wait.start))"
  }

  private func nodeFellBehind(_ node: NodeName, account: AccountName, problem: String) async {
    await record(
      OutcomeRecord(
        kind: .nodeBehind, time: clock.now(), account: account, nodes: [node],
        message: "\(node) does not hold what it should for \(account): \(problem)."))
  }

  private func nodeRecovered(_ node: NodeName, account: AccountName) async {
    let version = accounts[account]?.record.ledger.latest?.version
    let what = version.map { "holds kvno \($0)" } ?? "holds what it should"
    await record(
      OutcomeRecord(
        kind: .nodeRecovered, time: clock.now(), account: account, nodes: [node], version: version,
        message: "\(node) has caught up and \(what) of \(account)."))
  }

  /// Verifies the checksums that the node made with the keys from its installed keytab.
  private func judge(_ report: NodeReport, from node: NodeName, settings: ManagedAccount) -> Effect {
    guard let record = accounts[report.account]?.record else { return {} }
    let ledger = record.ledger
    let step = accounts[report.account]?.nonceSteps[node] ?? .catchUp
    let staged = record.rotation.flatMap { $0.phase == .staging ? $0.plan.slot : nil }
    let judgement = OrderJudgement(
      settings: settings, ledger: ledger, store: store, node: node, report: report, staged: staged)
    return { [post, reached] in
      let problem = await judgement.problem()
      reached(.answered(step))
      post.yield(
        .orderWasAnswered(
          OrderAnswer(
            account: report.account, node: node, epoch: ledger.epoch, version: ledger.version, problem: problem)))
    }
  }

  func orderWasAnswered(_ answer: OrderAnswer, effects: inout [Effect]) async {
    guard var state = accounts[answer.account],
      (answer.epoch, answer.version) == (state.record.ledger.epoch, state.record.ledger.version)
    else { return }
    guard let answer = withConsumers(answer) else { return }
    state.record.holdings[answer.node]?.fault = answer.problem
    accounts[answer.account] = state
    await save(answer.account)
    await noteLateness(of: answer)
    credentialWasAnswered(answer)
    guard let machine = state.record.rotation else {
      // A node counts itself in service once it has accepted a ticket since its start.
      if answer.problem == nil, let settings = settings[answer.account] {
        proveHeld(by: answer.node, settings: settings, effects: &effects)
      }
      return
    }
    guard let event = machine.event(for: answer) else { return }
    await advance(answer.account, rotation: machine.plan.rotation, with: event, effects: &effects)
  }

  func revokeWasRequested(
    _ node: NodeName, reply: @Sendable (Result<RevocationReceipt, OperatorFault>) -> Void, effects: inout [Effect]
  ) async {
    guard var state = nodes[node] else {
      reply(.failure(Self.unknown(node)))
      return
    }
    let now = clock.now()
    let wasAttached = state.attachment != nil
    state.record.revokedAt = now
    // Seen by a clock that was ahead: it has not attached since.
    state.record.lastSeen = state.record.lastSeen.map { min($0, now) }
    state.record.installation = nil
    // Cut off first: nothing may attach with an old certificate while the record goes to disk.
    await fleet.revoke(node, at: now)
    state.attachment = nil
    nodes[node] = state
    do throws(OperatorFault) { try await store.remember(state.record) } catch {
      reply(.failure(error))
      return
    }
    reply(.success(RevocationReceipt(revokedAt: now, wasAttached: wasAttached)))
    for account in accountNames where settings[account]?.nodes.contains(node) == true {
      await nodeWasRevoked(node, account: account, at: now, effects: &effects)
    }
  }

  private func nodeWasRevoked(_ node: NodeName, account: AccountName, at now: Date, effects: inout [Effect]) async {
    accounts[account]?.late.remove(node)
    await record(
      OutcomeRecord(
        kind: .nodeRefused, time: now, account: account, nodes: [node],
        message: "\(node) was revoked: certificates issued up to now are refused and rotations do not wait for it."))
    guard let rotation = accounts[account]?.record.rotation else { return }
    await advance(account, rotation: rotation.plan.rotation, with: .nodeRevoked(node), effects: &effects)
  }

  private func remember(_ record: NodeRecord) async {
    do throws(OperatorFault) { try await store.remember(record) } catch {
      logger.error(
        "The store refused \(record.node)'s record: \(error)", metadata: ["node": "\(record.node)", "fault": "\(error)"])
    }
  }

  func save(_ account: AccountName) async {
    var change = StoreChange()
    change.account = accounts[account]?.record
    do throws(OperatorFault) { try await persist(change, of: account) } catch {
      logger.error(
        "The store refused a node's report of \(account): \(error)", metadata: ["account": "\(account)", "fault": "\(error)"])
    }
  }
}

// MARK: - Orders

extension RotationScheduler {
  func pushOrders(of account: AccountName, for step: Boundary.Step = .catchUp, effects: inout [Effect]) {
    guard let settings = settings[account] else { return }
    accounts[account]?.since.ordered = clock.monotonicSeconds()
    effects.append(contentsOf: orders(of: account, to: settings.nodes, for: step))
  }

  /// One effect per attached node; nothing while the store may not speak for the account.
  func orders(of account: AccountName, to members: [NodeName], for step: Boundary.Step = .catchUp) -> [Effect] {
    guard let settings = settings[account], let state = accounts[account], case .open = state.gate,
      state.record.rotation?.awaitsTakeover != true
    else { return [] }
    let reachable = members.filter { node in
      nodes[node]?.attachment != nil && decommissions[node] == nil && !state.record.isWithheld(from: node)
        && !(state.record.holdings[node].map(state.record.isOvertaken) ?? false)
    }
    return reachable.compactMap { node -> Effect? in
      let (nonce, step) = nonce(for: node, in: state, step: step)
      let order = state.record.ledger.order(
        for: account, realm: settings.realm, held: state.record.holdings[node]?.unlisted ?? [],
        present: state.record.holdings[node]?.slots ?? [], policy: settings.policy, nonce: nonce)
      guard let order else { return nil }
      accounts[account]?.nonces[node] = nonce
      accounts[account]?.nonceSteps[node] = step
      let (epoch, version) = (state.record.ledger.epoch, state.record.ledger.version)
      return { [fleet, store, logger, post, reached] in
        reached(.before(step))
        do throws(OperatorFault) {
          await fleet.send(try await order.filled(from: store), to: node)
          reached(.after(step))
        } catch {
          post.yield(
            .orderWasAnswered(
              OrderAnswer(
                account: account, node: node, epoch: epoch, version: version,
                problem: "no order can be made for it: \(error)")))
          logger.error("An order could not be made for \(node): \(error)", metadata: ["node": "\(node)", "fault": "\(error)"])
        }
      }
    }
  }
}

extension RotationScheduler {
  /// Fresh for each order and each stream; the same for a repeat, so that a slow node's answer to the first still counts.
  private func nonce(
    for node: NodeName, in state: ManagedState, step: Boundary.Step
  ) -> (nonce: [UInt8], step: Boundary.Step) {
    let place = OrderPlace(epoch: state.record.ledger.epoch, version: state.record.ledger.version)
    if let nonce = state.nonces[node], state.noncePlaces[node] == place { return (nonce, state.nonceSteps[node] ?? step) }
    accounts[state.record.account]?.noncePlaces[node] = place
    return (entropy.nonce(), step)
  }
}

/// Which order, as every node counts them.
struct OrderPlace: Sendable, Equatable {
  var epoch: Epoch
  var version: UInt64
}

extension SlotOrder {
  /// The order with the keys that the store holds; adopted keys stay where they are.
  func filled(from store: any RotationStoring) async throws(OperatorFault) -> SlotOrder {
    var order = self
    for index in order.slots.indices where !order.slots[index].rotation.isAdopted {
      order.slots[index].keys = try await store.secrets(of: order.slots[index].rotation, account: account)?.keys
    }
    return order
  }
}

extension NodeReport {
  /// Whether the node has applied a later order of this epoch than the ledger remembers giving, or another one under the same number: the store
  /// was restored.
  func isAhead(of ledger: SlotLedger) -> Bool {
    guard epoch > .zero, epoch == ledger.epoch else { return false }
    if version > ledger.version { return true }
    return version == ledger.version && refusal?.reason == .conflictingOrder && refusal?.epoch == epoch
      && refusal?.version == version
  }
}

extension NodeHolding {
  /// What a report says of holdings, after what was known before.
  init(_ report: NodeReport, of ledger: SlotLedger, after earlier: NodeHolding?) {
    // A late refusal of an order that a newer one has overtaken says nothing about the node.
    let refusal = report.refusal.flatMap { refusal in
      refusal.reason == .accountNotConfigured || (refusal.epoch, refusal.version) == (ledger.epoch, ledger.version)
        ? refusal : nil
    }
    let fault =
      refusal?.message ?? report.keytabs.compactMap { keytab in keytab.fault.map { "\(keytab.path): \($0)" } }.first
    self.init(
      slots: report.slots, epoch: report.epoch, version: report.version, fault: fault, keytabs: report.keytabs.map(\.path))
    // A node that does not hold what it is to keep was installed anew meanwhile.
    let isNew = report.epoch == .zero || refusal?.reason == .unknownSlot
    let known = isNew ? [] : earlier?.adopted ?? []
    adopted =
      known + report.slots.filter { slot in slot.rotation.isAdopted && !known.contains { $0.rotation == slot.rotation } }
    strangers = Self.strangers(in: report, of: ledger, after: earlier)
  }
}

extension RotationMachine {
  /// What a node's answer to the newest order means in this phase.
  func event(for answer: OrderAnswer) -> RotationEvent? {
    switch (phase, answer.problem) {
    case (.staging, nil): .nodeStaged(answer.node)
    case (.staging, let problem?): .nodeFailed(answer.node, reason: problem)
    case (.unstaging, nil): .nodeRestored(answer.node)
    case (.proving, nil): .nodePromoted(answer.node)
    case (.proving, let problem?): .nodeRefusedTicket(answer.node, reason: problem)
    default: nil
    }
  }
}
