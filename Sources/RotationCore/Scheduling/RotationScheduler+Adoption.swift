import Foundation

// MARK: - Adopting the nodes' keys

extension RotationScheduler {
  /// Takes over into this store what nodes hold of keys that it lost. Nothing is pushed by it: the next rotation does that.
  ///
  /// - Throws: ``OperatorFault`` if the node's key is not the directory's, or there is nothing to adopt.
  package func adopt(_ request: AdoptionRequest) async throws(OperatorFault) -> AdoptionReceipt {
    try await ask { .adoptionRequested(request, reply: $0) }
  }

  func adoptionWasRequested(
    _ request: AdoptionRequest, reply: @escaping SchedulerEvent.Reply<AdoptionReceipt>, effects: inout [Effect]
  ) {
    do throws(OperatorFault) {
      let study = try adoptionStudy(for: request)
      accounts[request.account]?.isAdopting = true
      effects.append { [post] in
        let result: Result<AdoptionStudy.Findings, OperatorFault>
        do throws(OperatorFault) { result = .success(try await study.run()) } catch { result = .failure(error) }
        if case .terminated = post.yield(.adoptionWasStudied(request, result, reply: reply)) {
          reply(.failure(Self.stopping))
        }
      }
    } catch { reply(.failure(error)) }
  }

  private func adoptionStudy(for request: AdoptionRequest) throws(OperatorFault) -> AdoptionStudy {
    let subject = "account \(request.account)"
    guard let settings = settings[request.account], let state = accounts[request.account] else {
      throw OperatorFault(.noInput, subject, "is not configured", remedy: "name it under accounts")
    }
    guard settings.nodes.contains(request.node) else {
      throw OperatorFault(
        .noInput, "node \(request.node)", "is in no array of \(request.account)", remedy: "see 'asactl nodes list'")
    }
    let attached = settings.nodes.filter { nodes[$0]?.attachment != nil && state.record.holdings[$0] != nil }
    guard attached.contains(request.node) else {
      throw OperatorFault(
        .unavailable, "node \(request.node)", "is not attached", remedy: "start its agent, or name a node that is")
    }
    if let open = state.record.rotation?.plan.rotation ?? state.attempt?.rotation {
      throw OperatorFault(
        .temporary, subject, "rotation \(open) is in progress", remedy: "watch it with 'asactl status', adopt when it has ended"
      )
    }
    guard !state.isAdopting else { throw Self.adopting(request.account) }
    return AdoptionStudy(
      preflight: Preflight(settings: settings, fleet: fleet, clock: clock), store: store, record: state.record,
      request: request, nodes: attached)
  }

  static func adopting(_ account: AccountName) -> OperatorFault {
    OperatorFault(.temporary, "account \(account)", "keys are being adopted from a node", remedy: "try again in a moment")
  }

  func adoptionWasStudied(
    _ request: AdoptionRequest, result: Result<AdoptionStudy.Findings, OperatorFault>,
    reply: SchedulerEvent.Reply<AdoptionReceipt>
  ) async {
    accounts[request.account]?.isAdopting = false
    do throws(OperatorFault) { reply(.success(try await adopt(request, findings: try result.get()))) } catch {
      reply(.failure(error))
    }
  }

  private func adopt(
    _ request: AdoptionRequest, findings: AdoptionStudy.Findings
  ) async throws(OperatorFault) -> AdoptionReceipt {
    guard let settings = settings[request.account], var state = accounts[request.account] else { throw Self.stopping }
    try checkNothingAwaitsReplay(state.record, at: findings.account)
    let present = state.record.holdings.filter { nodes[$0.key]?.attachment != nil && settings.nodes.contains($0.key) }
    let verdict = try SlotAgreement(
      ledger: state.record.ledger, reports: present.mapValues(\.slots), source: request.node, accepted: findings.accepted,
      version: findings.account.version
    ).verdict()
    if state.record.ledger.latest?.rotation == verdict.latest.rotation, state.record.knownStamp == findings.stamp {
      throw OperatorFault(
        .usage, "account \(request.account)",
        "there is nothing to adopt: rotation \(verdict.latest.rotation) is Latest in this store already", remedy: "")
    }
    adopt(verdict, findings, into: &state.record, settings: settings)
    let receipt = receipt(for: request, verdict, findings, in: state.record, settings: settings)
    guard !request.isDryRun else { return receipt }
    var change = StoreChange()
    change.account = state.record
    change.records = [adoptionRecord(receipt, findings)]
    try await persist(change, of: request.account)
    // The study has just held the store against the stamp.
    state.gate = .open
    accounts[request.account] = state
    scheduleInspection(of: request.account)
    return receipt
  }

  /// Adopted keys count as older or as held, and what counts so is never set again: tickets under it would find another key under its kvno.
  private func checkNothingAwaitsReplay(_ record: AccountRecord, at account: DirectoryAccount) throws(OperatorFault) {
    guard let replay = record.ledger.nextReplay(above: account.version) else { return }
    throw OperatorFault(
      .temporary, "account \(record.account)",
      "kvno \(replay.version) is to be set again on \(account.server.dnsHostName) since another domain controller was forgotten",
      remedy:
        "that happens by itself, see 'asactl status'; where it cannot, because another rotator has the account, stop this one and adopt into an empty store: the nodes keep every key"
    )
  }

  private func adopt(
    _ verdict: SlotAgreement.Verdict, _ findings: AdoptionStudy.Findings, into record: inout AccountRecord,
    settings: ManagedAccount
  ) {
    let now = SlotLedger.Supersession(time: clock.now(), boot: clock.bootInstant())
    let floor = record.nextEpoch(after: findings.stamp, on: findings.account.server, isExplicit: true)
    record.writer = findings.account.server
    record.writerLostAt = now
    record.ledger.slotsWereAdopted(verdict, stamp: findings.stamp, at: now)
    record.ordersBegin(above: floor)
    record.knownStamp = findings.stamp
    record.baseline = AccountBaseline(findings.account, realm: settings.realm)
    record.objectGUID = findings.account.objectGUID
    record.reckonDue(
      RotationSchedule(policy: settings.policy, account: settings.name), at: clock.now(), boot: clock.bootInstant())
  }

  private func receipt(
    for request: AdoptionRequest, _ verdict: SlotAgreement.Verdict, _ findings: AdoptionStudy.Findings,
    in record: AccountRecord, settings: ManagedAccount
  ) -> AdoptionReceipt {
    let ends = Dictionary(
      record.ledger.slots.map { ($0.rotation, record.ledger.retireAfter($0, policy: settings.policy)) },
      uniquingKeysWith: { first, _ in first })
    let heldEnd = record.strangersEnd(at: clock.now(), boot: clock.bootInstant(), policy: settings.policy)
    let worths: [(AdoptionReceipt.Worth, [SlotReport])] = [
      (.held, verdict.held), (.latest, [verdict.latest]), (.retiring, verdict.retiring),
    ]
    let slots = worths.flatMap { worth, reports in
      reports.map { report in
        AdoptionReceipt.Slot(
          worth: worth, version: report.version, rotation: report.rotation, nodes: verdict.holders[report.rotation] ?? [],
          retireAfter: worth == .held ? heldEnd : ends[report.rotation] ?? nil)
      }
    }
    return AdoptionReceipt(
      request: request, stamp: findings.stamp, slots: slots, refusals: verdict.refusals,
      warnings: warnings(verdict, findings, settings: settings) + [wait(in: record, settings: settings)].compactMap(\.self))
  }

  private func wait(in record: AccountRecord, settings: ManagedAccount) -> String? {
    guard let latest = record.ledger.latest else { return nil }
    let obstacle = record.heldKeyObstacle(
      to: latest.version.next, at: clock.now(), boot: clock.bootInstant(), policy: settings.policy)
    return obstacle.map { "no rotation can begin yet: \($0.problem); \($0.remedy)" }
  }

  private func warnings(
    _ verdict: SlotAgreement.Verdict, _ findings: AdoptionStudy.Findings, settings: ManagedAccount
  ) -> [String] {
    let absent = settings.nodes.filter { nodes[$0]?.attachment == nil && !(nodes[$0]?.record.isRevoked ?? false) }
    let lacking = verdict.lacking.map { node in
      "\(node) does not hold Latest, and this store has no key to give it: copy a healthy node's keytab to it, see 'Recover' in the README"
    }
    let silent = findings.silent.filter { !verdict.lacking.contains($0.key) }.sorted { $0.key < $1.key }
    return absent.map { "\($0) is not attached and was not asked" } + lacking + silent.map { "\($0.key) \($0.value)" }
  }

  private func adoptionRecord(_ receipt: AdoptionReceipt, _ findings: AdoptionStudy.Findings) -> OutcomeRecord {
    let latest = receipt.slots.first { $0.worth == .latest }
    return OutcomeRecord(
      kind: .credentialAdopted, time: clock.now(), account: receipt.request.account, rotation: latest?.rotation,
      nodes: latest?.nodes ?? [], version: latest?.version, domainController: findings.account.server.dnsHostName,
      message: receipt.sentence)
  }
}
