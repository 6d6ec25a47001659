import Foundation
import Logging

// MARK: - Another configuration

extension RotationScheduler {
  /// Everything that can refuse comes first; from the first change on nothing does.
  func reloadWasRequested(
    _ configured: [ManagedAccount], reply: SchedulerEvent.Reply<Void>, effects: inout [Effect]
  ) async {
    let new = Dictionary(configured.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    do throws(OperatorFault) {
      for account in accountNames { try checkNothingIsInProgress(account) }
      let known = try await store.accounts()
      var added: [AccountRecord] = []
      for settings in new.values.sorted(by: { $0.name.description < $1.name.description })
      where accounts[settings.name] == nil {
        added.append(try await restored(settings, from: known.first { $0.account == settings.name }))
      }
      for account in accountNames where new[account] == nil { forget(account) }
      settings = new
      addConfiguredNodes()
      for account in accountNames { await settingsChanged(of: account, effects: &effects) }
      for record in added { admit(record) }
      endUnconfiguredAlarms()
      reply(.success(()))
    } catch { reply(.failure(error)) }
  }

  /// The plan of an open rotation was made for the configuration of before.
  private func checkNothingIsInProgress(_ account: AccountName) throws(OperatorFault) {
    guard let state = accounts[account] else { return }
    if state.isAdopting { throw Self.adopting(account) }
    if state.isMigrating { throw Self.migrating(account) }
    guard state.record.rotation != nil || state.attempt != nil else { return }
    throw OperatorFault(
      .temporary, "account \(account)", "a rotation is in progress (\(state.record.rotation?.phaseName ?? "preflight"))",
      remedy: "reload again when it has ended, see 'asactl status'")
  }

  private func forget(_ account: AccountName) {
    finishWatchers(of: account)
    accounts[account] = nil
  }

  private func settingsChanged(of account: AccountName, effects: inout [Effect]) async {
    guard let settings = settings[account], let schedule = schedule(of: account), var state = accounts[account] else { return }
    state.record.holdings = state.record.holdings.filter { settings.nodes.contains($0.key) }
    state.record.forgetWithheld(allBut: settings.nodes)
    state.late.formIntersection(settings.nodes)
    state.record.ledger.configurationWasLoaded(
      settings.servicePrincipalNames, policyChanged: state.record.policy != settings.policy)
    state.record.policy = settings.policy
    state.record.reckonDue(schedule, at: clock.now(), boot: clock.bootInstant())
    state.nextInspection = nil
    accounts[account] = state
    namesWereRecalled(of: account)
    var change = StoreChange()
    change.account = state.record
    do throws(OperatorFault) { try await persist(change, of: account) } catch {
      logger.error(
        "The store refused the changed settings of \(account): \(error)",
        metadata: ["account": "\(account)", "fault": "\(error)"])
    }
    pushOrders(of: account, effects: &effects)
  }
}

// MARK: - Acknowledging

extension RotationScheduler {
  func acknowledgeWasRequested(_ request: AcknowledgeRequest, reply: SchedulerEvent.Reply<[Alarm]>) async {
    let alarms = daemon.alarms.acknowledge(account: request.account, outcomes: request.outcomes, at: clock.now())
    guard !alarms.isEmpty else { return reply(.success([])) }
    let names = alarms.map { alarm in
      [alarm.key.outcome.rawValue, alarm.key.account?.description, alarm.key.subject].compactMap(\.self).joined(separator: " ")
    }
    let comment = request.comment.isEmpty ? "" : " (\(request.comment))"
    await record(
      OutcomeRecord(
        kind: .alarmAcknowledged, time: clock.now(), account: request.account,
        message: "Acknowledged\(comment): \(names.joined(separator: "; "))."))
    reply(.success(alarms))
  }
}
