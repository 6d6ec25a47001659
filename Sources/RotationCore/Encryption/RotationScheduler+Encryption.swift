import Foundation
import Logging

/// Somebody asks where an account stands on its way to AES, or has it go on.
struct EncryptionRequest: Sendable {
  var account: AccountName
  /// Whether what can be done without a rotation is done.
  var isAdvancing: Bool
  /// What was done for it so far.
  var done: [String] = []
  /// Whether the attribute was written for it: once is enough.
  var hasWritten = false
  var reply: SchedulerEvent.Reply<EncryptionReport>
}

// MARK: - The way to AES

extension RotationScheduler {
  /// Looks at an account's encryption types in the directory, on the nodes and in tickets, and says which step to AES comes next.
  ///
  /// - Parameter isAdvancing: Whether the attribute is written where that is the next step, and steps that are done get their records. Rotations are
  ///   left to the caller.
  /// - Throws: ``OperatorFault`` if the account is not configured or the writer cannot be asked; when advancing, also if a rotation is in progress,
  ///   nothing may be pushed, the configuration names RC4, or the write is refused.
  package func encryption(
    of account: AccountName, isAdvancing: Bool
  ) async throws(OperatorFault) -> EncryptionReport {
    try await ask { .encryptionRequested(EncryptionRequest(account: account, isAdvancing: isAdvancing, reply: $0)) }
  }

  static func migrating(_ account: AccountName) -> OperatorFault {
    OperatorFault(
      .temporary, "account \(account)", "its encryption types are being changed in the directory",
      remedy: "try again in a moment")
  }

  func encryptionWasRequested(_ request: EncryptionRequest, effects: inout [Effect]) {
    do throws(OperatorFault) {
      guard let settings = settings[request.account], let state = accounts[request.account] else {
        throw OperatorFault(
          .noInput, "account \(request.account)", "is not configured", remedy: "name it under accounts")
      }
      if request.isAdvancing {
        try checkMayMigrate(state, settings)
        accounts[request.account]?.isMigrating = true
      }
      effects.append(encryptionSurvey(for: request, state.record, settings))
    } catch { request.reply(.failure(error)) }
  }

  private func encryptionSurvey(
    for request: EncryptionRequest, _ record: AccountRecord, _ settings: ManagedAccount
  ) -> Effect {
    let survey = EncryptionSurvey(
      settings: settings, fleet: fleet, store: store, record: record,
      members: settings.nodes.filter { !revokedNodes.contains($0) && !record.isWithheld(from: $0) })
    return { [post] in
      let result: Result<EncryptionFindings, OperatorFault>
      do throws(OperatorFault) { result = .success(try await survey.run()) } catch { result = .failure(error) }
      if case .terminated = post.yield(.encryptionWasSurveyed(request, result)) { request.reply(.failure(Self.stopping)) }
    }
  }

  private func checkMayMigrate(_ state: ManagedState, _ settings: ManagedAccount) throws(OperatorFault) {
    let subject = "account \(settings.name)"
    if let fault = state.gateFault { throw fault }
    guard !settings.encryptionTypes.contains(.rc4) else {
      throw OperatorFault(
        .configuration, subject, "its configuration names \(EncryptionType.rc4.name), which every rotation would make keys of",
        remedy: "take it out of encryptionTypes and 'asactl reload'")
    }
    guard state.record.rotation == nil, state.attempt == nil, !state.isAdopting, !state.isMigrating else {
      throw OperatorFault(
        .temporary, subject, "a rotation, an adoption or another change of its encryption types is in progress",
        remedy: "run this again when it has ended, see 'asactl status'")
    }
  }

  func encryptionWasSurveyed(
    _ request: EncryptionRequest, result: Result<EncryptionFindings, OperatorFault>, effects: inout [Effect]
  ) async {
    do throws(OperatorFault) {
      let findings = try result.get()
      var report = try encryptionReport(findings, of: request.account)
      var request = request
      if request.isAdvancing {
        try checkIsOurs(findings.account, report.account)
        request.done += try await note(report, findings.account)
        if let next = report.next, next.action == .write, next.state == .due, !request.hasWritten {
          return effects.append(try writeEncryption(report, findings.account, request))
        }
      }
      report.done = request.done
      conclude(request, .success(report))
    } catch { conclude(request, .failure(error)) }
  }

  /// Right after a start the stamp has not been held against the store yet; here it is.
  private func checkIsOurs(_ account: DirectoryAccount, _ name: AccountName) throws(OperatorFault) {
    guard let settings = settings[name], let record = accounts[name]?.record, let identity else { throw Self.stopping }
    try Preflight(settings: settings, fleet: fleet, clock: clock).checkStamp(
      account, record: record, rotator: identity.rotator)
  }

  private func encryptionReport(
    _ findings: EncryptionFindings, of account: AccountName
  ) throws(OperatorFault) -> EncryptionReport {
    guard let settings = settings[account], let record = accounts[account]?.record else { throw Self.stopping }
    return EncryptionJudgement(settings: settings, record: record, findings: findings, revoked: revokedNodes).report
  }

  private func conclude(_ request: EncryptionRequest, _ result: Result<EncryptionReport, OperatorFault>) {
    if request.isAdvancing { accounts[request.account]?.isMigrating = false }
    request.reply(result)
  }
}

// MARK: - The attribute

extension RotationScheduler {
  private func writeEncryption(
    _ report: EncryptionReport, _ account: DirectoryAccount, _ request: EncryptionRequest
  ) throws(OperatorFault) -> Effect {
    guard let settings = settings[report.account] else { throw Self.stopping }
    let query = settings.query(objectGUID: account.objectGUID, on: account.server.identity)
    return { [post] in
      let answer = await settings.directory.writeEncryptionTypes(of: query, from: report.attribute, to: report.goal)
      if case .terminated = post.yield(.encryptionWasWritten(request, account, report.goal, answer)) {
        request.reply(.failure(Self.stopping))
      }
    }
  }

  /// What was written is on record before anything follows from it.
  func encryptionWasWritten(
    _ request: EncryptionRequest, _ account: DirectoryAccount, goal: UInt32, answer: DirectoryWriteAnswer,
    effects: inout [Effect]
  ) async {
    do throws(OperatorFault) {
      try check(answer, of: account, goal: goal)
      var request = request
      var written = account
      written.supportedEncryptionTypes = goal
      let sentence =
        "msDS-SupportedEncryptionTypes of \(request.account) was set to \(goal) on \(account.server.dnsHostName) (it was \(SupportedEncryptionTypes(account.supportedEncryptionTypes)))."
      request.done.append(sentence)
      try await record(.attribute, as: .encryptionTypesWritten, sentence, account: written, of: request.account)
      request.hasWritten = true
      guard let settings = settings[request.account], let record = accounts[request.account]?.record else {
        throw Self.stopping
      }
      effects.append(encryptionSurvey(for: request, record, settings))
    } catch { conclude(request, .failure(error)) }
  }

  private func check(
    _ answer: DirectoryWriteAnswer, of account: DirectoryAccount, goal: UInt32
  ) throws(OperatorFault) {
    switch answer {
    case .applied: return
    case .notSent(let fault), .unknown(let fault):
      throw OperatorFault(
        fault.kind, fault.subject, "\(fault.problem) (writing msDS-SupportedEncryptionTypes \(goal))",
        remedy: "run this again: it begins with what the directory has then")
    case .refused(let refusal, _):
      throw OperatorFault(
        refusal.reason == .accessDenied ? .permission : .temporary, account.server.dnsHostName,
        "refused to set msDS-SupportedEncryptionTypes of \(account.distinguishedName) to \(goal): \(refusal.message)",
        remedy: refusal.reason == .accessDenied
          ? "'asactl account enctypes' shows how to grant the right" : "run this again: somebody may have changed it meanwhile")
    }
  }
}

// MARK: - Records

extension RotationScheduler {
  /// Makes durable what was found to be so and is not on record yet.
  ///
  /// - Returns: The records' sentences.
  private func note(
    _ report: EncryptionReport, _ account: DirectoryAccount
  ) async throws(OperatorFault) -> [String] {
    var told: [String] = []
    let name = report.account
    if accounts[name]?.record.migration == nil {
      guard report.next != nil else { return [] }
      let sentence =
        "The move of \(name) to AES began: msDS-SupportedEncryptionTypes is \(SupportedEncryptionTypes(report.attribute)) and is to be \(report.goal)."
      accounts[name]?.record.migration = EncryptionMigration(goal: report.goal, begunAt: clock.now())
      do throws(OperatorFault) {
        try await record(nil, as: .encryptionMigrationBegun, sentence, account: account, of: name)
      } catch {
        accounts[name]?.record.migration = nil
        throw error
      }
      told.append(sentence)
    }
    for step in report.steps where step.state == .done {
      if let sentence = try await note(step, account, of: name) { told.append(sentence) }
    }
    if let end = accounts[name]?.record.noteMigrationEnd(at: clock.now()) {
      await record(end, saving: name)
      told.append(end.message)
    }
    return told
  }

  private func note(
    _ step: EncryptionStep, _ account: DirectoryAccount, of name: AccountName
  ) async throws(OperatorFault) -> String? {
    guard let kind = step.kind.record, accounts[name]?.record.migration?.recorded.contains(step.kind) == false else {
      return nil
    }
    let sentence = "\(name): \(step.detail)."
    try await record(step.kind, as: kind, sentence, account: account, of: name)
    return sentence
  }

  /// A step is on record together with the account as it was found then: what it has brought about is no drift.
  private func record(
    _ step: EncryptionStep.Kind?, as kind: RecordKind, _ sentence: String, account: DirectoryAccount, of name: AccountName
  ) async throws(OperatorFault) {
    guard var record = accounts[name]?.record else { throw Self.stopping }
    if let step { record.migration?.recorded.insert(step) }
    if step == .attribute { record.baseline?.supportedEncryptionTypes = account.supportedEncryptionTypes }
    var change = StoreChange()
    change.account = record
    change.records = [
      OutcomeRecord(
        kind: kind, time: clock.now(), account: name, version: record.ledger.latest?.version,
        domainController: account.server.dnsHostName, message: sentence)
    ]
    try await persist(change, of: name)
    accounts[name]?.record = record
  }
}

extension EncryptionStep.Kind {
  /// The record that it gets when it is done; a rotation has records of its own, and the end is told when the last key is gone.
  fileprivate var record: RecordKind? {
    switch self {
    case .keys, .drop: nil
    case .attribute: .encryptionTypesWritten
    case .proof: .encryptionTypesProven
    }
  }
}
