import Foundation
import SecretMemory

// MARK: - From the request to the durable plan

extension RotationScheduler {
  func attemptWasRequested(_ request: AttemptRequest, effects: inout [Effect]) async {
    if let obstacle = await obstacle(to: request, effects: &effects) { return refuse(request, obstacle) }
    guard let settings = settings[request.account], var state = accounts[request.account], let identity else {
      return refuse(request, Self.stopping)
    }
    let attempt = ManagedState.Attempt(
      rotation: entropy.rotationID(), isDryRun: request.isDryRun, isScheduled: request.isScheduled,
      isTakeover: request.isTakeover, endsDrift: request.endsDrift, compromise: request.compromise,
      watchers: request.watcher.map { [$0] } ?? [])
    state.attempt = attempt
    state.since.preflight = clock.monotonicSeconds()
    state.phases = [PhaseMark(phase: "preflight", begin: clock.monotonicSeconds())]
    if !request.isDryRun {
      state.record.openAttempt = attempt.rotation
      state.record.fulfils = request.isScheduled ? state.record.nextDue : nil
    }
    accounts[request.account] = state
    if !request.isDryRun {
      reached(.beforeRecord(.attempt))
      await recordStart(of: attempt, account: request.account)
      reached(.recorded(.attempt))
    }
    tell(request.account, .phase("preflight", detail: "reading the directory and asking every node"))
    effects.append(preflight(settings, attempt: attempt, record: state.record, rotator: identity.rotator))
  }

  private func recordStart(of attempt: ManagedState.Attempt, account: AccountName) async {
    await record(
      OutcomeRecord(
        kind: .rotationStarted, time: clock.now(), account: account, rotation: attempt.rotation, phase: "preflight",
        message: begin(of: attempt, account: account)), saving: account)
  }

  private func begin(of attempt: ManagedState.Attempt, account: AccountName) -> String {
    if let compromise = attempt.compromise {
      return "A rotation of \(account) began because its keys are compromised: \(compromise.reason)."
    }
    return attempt.endsDrift
      ? "A rotation of \(account) began because somebody else has set its password (onDrift: rotate)."
      : "A \(attempt.isScheduled ? "scheduled" : "manual") rotation of \(account) began."
  }

  func refuse(_ request: AttemptRequest, _ fault: OperatorFault) {
    request.watcher?.yield(.refused(fault))
    request.watcher?.finish()
  }

  /// How long nodes may be busy with an order, in seconds, before a rotation that begins takes them for behind.
  private static let orderPatience = 10.0

  /// Why it cannot begin; the nodes that are to be shut out are, if it can.
  private func obstacle(to request: AttemptRequest, effects: inout [Effect]) async -> OperatorFault? {
    guard let state = accounts[request.account], settings[request.account] != nil else {
      return OperatorFault(.noInput, "account \(request.account)", "is not configured", remedy: "name it under accounts")
    }
    if let obstacle = obstacle(to: request, in: state) { return obstacle }
    if let scope = request.scope, let obstacle = obstacle(to: scope, of: request.account) { return obstacle }
    guard let compromise = request.compromise else { return nil }
    if let obstacle = obstacle(to: compromise, of: request.account) { return obstacle }
    return request.isDryRun ? nil : await shutOut(compromise.shutOut, effects: &effects)
  }

  /// One rotation of an account at a time.
  private func obstacle(to request: AttemptRequest, in state: ManagedState) -> OperatorFault? {
    if let open = state.record.rotation {
      return OperatorFault(
        .temporary, "account \(request.account)", "rotation \(open.plan.rotation) is in progress (\(open.phaseName))",
        remedy: "watch it with 'asactl status'")
    }
    if let attempt = state.attempt {
      return OperatorFault(
        .temporary, "account \(request.account)", "attempt \(attempt.rotation) is in preflight", remedy: "try again in a moment"
      )
    }
    if state.isAdopting { return Self.adopting(request.account) }
    if state.isMigrating { return Self.migrating(request.account) }
    return request.isTakeover ? state.record.takeoverObstacle(at: clock.now()) : nil
  }

  private func preflight(
    _ settings: ManagedAccount, attempt: ManagedState.Attempt, record: AccountRecord, rotator: RotatorID
  ) -> Effect {
    let input = PreflightInput(
      rotation: attempt.rotation, record: record, rotator: rotator,
      attached: Set(nodes.filter { $0.value.attachment != nil }.keys),
      revoked: revokedNodes.union(attempt.compromise?.shutOut ?? []),
      unawaited: unawaitedNodes.union(attempt.compromise?.shutOut ?? []), consumerFaults: consumerFaults(of: settings.name),
      clockOffsets: nodes.compactMapValues(\.clockOffset),
      isOrderFresh: accounts[settings.name]?.since.ordered.map { clock.monotonicSeconds() - $0 < Self.orderPatience } ?? false,
      takeover: attempt.isTakeover ? Takeover(settings, record: record, rotator: rotator, store: store) : nil,
      isTrial: attempt.isDryRun)
    let preflight = Preflight(settings: settings, fleet: fleet, clock: clock)
    return effect(.preflight) { [store] in
      let outcome: PreflightOutcome
      do throws(OperatorFault) {
        var input = input
        if let newest = record.ledger.newestKnown?.rotation {
          input.newestKeys = try await store.secrets(of: newest, account: settings.name)?.keys
        }
        var ran = await preflight.run(input)
        if attempt.isDryRun, case .failure = ran.result {
          ran.survey = await ObstacleSurvey(preflight: preflight, input: input).run()
        }
        outcome = ran
      } catch { outcome = PreflightOutcome(result: .failure(error)) }
      return .preflightEnded(settings.name, attempt: attempt.rotation, outcome)
    }
  }

  func preflightEnded(
    _ account: AccountName, attempt rotation: RotationID, outcome: PreflightOutcome, effects: inout [Effect]
  ) async {
    guard let settings = settings[account], let attempt = accounts[account]?.attempt, attempt.rotation == rotation else {
      return
    }
    do throws(OperatorFault) {
      let findings = try outcome.result.get()
      let (plan, secrets) = try await makePlan(settings, attempt: attempt, findings: findings)
      tell(account, .planned(summary(of: plan, findings)))
      if attempt.isDryRun {
        tell(account, .dryRunEnded)
        endAttempt(account)
      } else {
        try await begin(plan, secrets: secrets, findings: findings)
        await advance(account, rotation: rotation, with: .planWasRecorded, effects: &effects)
        return
      }
    } catch {
      if attempt.isDryRun, let plan = refusedPlan(of: account, attempt, outcome.survey, fault: error) {
        tell(account, .planned(plan))
      }
      await attemptFailed(account, attempt: attempt, fault: error)
    }
    // The plan of a takeover replaces the stamp; without one, whoever wrote it is in charge. A dry run leaves finding that out to the next inspection.
    if let fault = outcome.superseded, !attempt.isDryRun { await wasSuperseded(account, because: fault) }
  }

  private func makePlan(
    _ settings: ManagedAccount, attempt: ManagedState.Attempt, findings: PreflightFindings
  ) async throws(OperatorFault) -> (RotationPlan, RotationSecrets) {
    guard let identity, let record = accounts[settings.name]?.record else {
      throw OperatorFault(.software, "account \(settings.name)", "has no state")
    }
    let replayed = try replay(in: record, on: findings.account)
    let secrets = try await secrets(for: settings, replayed: replayed, findings: findings)
    let expected = findings.takenOver ?? record.knownStamp
    let epoch = record.nextEpoch(after: expected, on: findings.account.server, isExplicit: findings.takenOver != nil)
    var plan = RotationPlan(
      rotation: attempt.rotation, account: settings.name, objectGUID: findings.account.objectGUID, expected: expected,
      claim: Stamp(epoch: epoch, rotation: attempt.rotation, state: .claimed, rotator: identity.rotator),
      currentVersion: findings.account.version, plannedVersion: findings.account.version.next,
      fingerprint: KeyFingerprint(of: secrets.keys, under: identity.fingerprintSecret),
      encryptionTypes: secrets.keys.keys.compactMap { EncryptionType(rawValue: $0.encryptionType) }.sorted(by: >),
      writer: findings.account.server, participants: findings.participants,
      quorum: unawaitedNodes.union(attempt.compromise?.shutOut ?? []).sorted().reduce(findings.quorum) { $0.without($1) },
      plannedAt: clock.now(),
      stagingSeconds: stagingSeconds(of: settings, participants: findings.participants),
      proofSeconds: Preflight.seconds(settings.policy.proofDeadline), replayed: replayed,
      isStampless: settings.stampAttribute == nil)
    plan.takenFrom = findings.takenOver?.rotator
    plan.absentGraceSeconds = settings.stampAttribute == nil ? nil : Preflight.seconds(settings.policy.absentGrace)
    plan.compromise = attempt.compromise
    plan.bystanders = bystanders(of: plan, record)
    plan.replicas = record.awaited(findings.replicas, beside: findings.account.server)
    return (plan, secrets)
  }

  /// Whoever is not waited for and was there after the last rotation may be in service without the next key.
  private func bystanders(of plan: RotationPlan, _ record: AccountRecord) -> [NodeName]? {
    let members = settings[plan.account]?.nodes.filter { !plan.quorum.members.contains($0) } ?? []
    let seen = members.filter { node in
      nodes[node].map { $0.attachment != nil || $0.record.lastSeen ?? .distantPast > record.lastSuccess ?? .distantPast }
        ?? false
    }
    return seen.isEmpty ? nil : seen
  }

  /// The slot whose password comes first: what a lost domain controller may have issued tickets under keeps its kvno only that way.
  private func replay(in record: AccountRecord, on account: DirectoryAccount) throws(OperatorFault) -> RotationID? {
    guard let slot = record.ledger.nextReplay(above: account.version) else { return nil }
    guard slot.version == account.version.next else {
      throw OperatorFault(
        .data, "account \(record.account)",
        "kvno \(slot.version) has to be set again, and \(account.server.dnsHostName) has gone back to kvno \(account.version)",
        remedy: "let it replicate; if it was restored from a backup, 'asactl dc forget \(account.server.dnsHostName)'")
    }
    return slot.rotation
  }

  private func secrets(
    for settings: ManagedAccount, replayed: RotationID?, findings: PreflightFindings
  ) async throws(OperatorFault) -> RotationSecrets {
    if let replayed {
      guard let sealed = try await store.secrets(of: replayed, account: settings.name) else {
        throw OperatorFault(
          .data, "account \(settings.name)", "the password of rotation \(replayed) has to be set again and is not in the store")
      }
      return sealed
    }
    let password = entropy.password()
    let keys = try await settings.tickets.deriveKeys(
      from: password, salt: KeySalt.forNextSet(of: findings.account, realm: settings.realm),
      encryptionTypes: findings.encryptionTypes)
    return RotationSecrets(password: password, keys: keys)
  }

  private func begin(
    _ plan: RotationPlan, secrets: RotationSecrets, findings: PreflightFindings
  ) async throws(OperatorFault) {
    guard var state = accounts[plan.account] else { return }
    state.record.ledger.keysWereAdopted(adoptableKeys(in: state.record, findings: findings))
    state.record.objectGUID = findings.account.objectGUID
    state.record.properties = AccountProperties(findings.account, at: clock.now())
    state.record.writer = findings.account.server
    state.record.replicasWereListed(findings.replicas, in: findings.account.domainControllers)
    state.record.rotation = RotationMachine(plan: plan)
    state.record.awaitsNames = findings.awaitsNames ? true : nil
    state.record.openAttempt = nil
    state.record.plannedBaseline = settings[plan.account].map { AccountBaseline(findings.account, realm: $0.realm) }
    var change = StoreChange()
    change.account = state.record
    if plan.replayed == nil { change.seal = [plan.rotation: secrets] }
    reached(.beforeRecord(.phase(.planned)))
    try await persist(change, of: plan.account)
    reached(.recorded(.phase(.planned)))
    state.since.preflight = nil
    state.since.rotationMoved = clock.monotonicSeconds()
    state.watchers = state.attempt?.watchers ?? []
    state.attempt = nil
    state.steps = [:]
    // The preflight has just held the store against the stamp.
    state.gate = .open
    accounts[plan.account] = state
    namesWereRecalled(of: plan.account)
  }

  /// The found key that has just opened a DC's ticket is Latest before the first password of ours, and older ones may still be in tickets. The
  /// nodes' reports may not say so yet: the proof is newer than they are.
  private func adoptableKeys(in record: AccountRecord, findings: PreflightFindings) -> [SlotReport] {
    let found = record.holdings.sorted { $0.key < $1.key }.flatMap(\.value.slots).filter(\.rotation.isAdopted)
    let newest = found.filter { $0.isProven || findings.proven.contains($0.rotation) }.map(\.version).max()
    guard let newest else { return [] }
    return found.filter { $0.version <= newest }
  }

  private func summary(of plan: RotationPlan, _ findings: PreflightFindings) -> PlanSummary {
    var summary = PlanSummary(
      account: plan.account, rotation: plan.rotation, currentVersion: plan.currentVersion, plannedVersion: plan.plannedVersion,
      domainController: plan.writer.dnsHostName, participants: plan.participants, absent: plan.absent,
      required: plan.quorum.requiredCount, warnings: findings.warnings,
      destinations: settings[plan.account]?.destinations ?? [])
    guard let compromise = plan.compromise, let state = accounts[plan.account], let policy = settings[plan.account]?.policy
    else { return summary }
    summary.warnings += warnings(
      of: compromise, plan, state.record, behind: Set(findings.behind).union(state.record.ledger.laggards).sorted())
    summary.dropped = state.record.compromisedVersions(upTo: plan.currentVersion)
    summary.refusedUntil = clock.now().addingTimeInterval(SlotLedger.retention(of: policy))
    summary.shutOut = compromise.shutOut
    return summary
  }

  /// What would be done, if nothing stood in the way of it; `nil`: nobody knows.
  private func refusedPlan(
    of account: AccountName, _ attempt: ManagedState.Attempt, _ survey: ObstacleSurvey.Findings?, fault: OperatorFault
  ) -> PlanSummary? {
    guard let survey, let found = survey.account else { return nil }
    return PlanSummary(
      account: account, rotation: attempt.rotation, currentVersion: found.version, plannedVersion: found.version.next,
      domainController: found.server.dnsHostName, participants: survey.ready,
      absent: survey.quorum.members.filter { !survey.ready.contains($0) }, required: survey.quorum.requiredCount,
      warnings: survey.warnings,
      shutOut: attempt.compromise?.shutOut ?? [], obstacles: survey.obstacles.isEmpty ? [fault] : survey.obstacles,
      destinations: settings[account]?.destinations ?? [])
  }

  private func attemptFailed(_ account: AccountName, attempt: ManagedState.Attempt, fault: OperatorFault) async {
    let ending = RotationEnding(outcome: .failed, passwordChanged: false, version: nil, fault: fault, phase: "preflight")
    if attempt.isDryRun {
      tell(account, .refused(fault))
    } else {
      if var record = accounts[account]?.record {
        record.lastEnding = ending
        record.openAttempt = nil
        noteFailure(of: &record, rotation: attempt.rotation)
        record.attemptEnded(.failed, phases: accounts[account]?.phases ?? [], at: clock.monotonicSeconds())
        accounts[account]?.record = record
      }
      await record(terminalRecord(ending, account: account, rotation: attempt.rotation, controller: nil), saving: account)
      if let report = report(on: account, nil, ending) { tell(account, .report(report)) }
      tell(account, .ended(attempt.rotation, ending))
    }
    endAttempt(account)
  }

  private func endAttempt(_ account: AccountName) {
    for watcher in accounts[account]?.attempt?.watchers ?? [] { watcher.finish() }
    accounts[account]?.attempt = nil
    accounts[account]?.since.preflight = nil
  }

  /// The nodes that rotations do not wait for.
  var unawaitedNodes: Set<NodeName> {
    let now = clock.now()
    return revokedNodes.union(nodes.filter { $0.value.record.isExcluded(at: now) }.keys)
  }

  /// The nodes that are shut out. A node that has attached again with a newer certificate counts as before.
  var revokedNodes: Set<NodeName> { Set(nodes.filter { $0.value.record.isRevoked }.keys) }
}
