import Foundation

// MARK: - A domain controller that is gone for good

extension RotationScheduler {
  /// Only a person can know that a controller will never answer again; what it may have taken is then kept for ever, and set once more.
  func forgetWasRequested(_ request: ForgetRequest, effects: inout [Effect]) {
    guard let settings = settings[request.account], let state = accounts[request.account] else {
      return request.reply(
        .failure(
          OperatorFault(.noInput, "account \(request.account)", "is not configured", remedy: "name it under accounts")))
    }
    guard let writer = state.record.writer, writer.isNamed(request.controller) else {
      if state.record.replicas?[request.controller.comparableHostName] != nil {
        return tryReplica(request, settings: settings, effects: &effects)
      }
      let last = state.record.writer.map { "is not where \(settings.name) was last written: that is \($0.dnsHostName)" }
      return request.reply(
        .failure(OperatorFault(.noInput, request.controller, last ?? "holds nothing of \(settings.name): it was never rotated"))
      )
    }
    guard state.attempt == nil else {
      return request.reply(
        .failure(
          OperatorFault(
            .temporary, "account \(settings.name)", "an attempt is in preflight", remedy: "try again in a moment")))
    }
    let reading = SuccessorReading(
      settings: settings, record: state.record, lost: writer, store: store, fleet: fleet, clock: clock,
      attached: settings.nodes.filter { nodes[$0]?.attachment != nil })
    effects.append { [post] in
      let result: Result<SuccessorFindings, OperatorFault>
      do throws(OperatorFault) { result = .success(try await reading.run()) } catch { result = .failure(error) }
      post.yield(.successorWasRead(request, lost: writer, result))
    }
  }

  func successorWasRead(
    _ request: ForgetRequest, lost: DirectoryServer, result: Result<SuccessorFindings, OperatorFault>,
    effects: inout [Effect]
  ) async {
    let account = request.account
    do throws(OperatorFault) {
      let findings = try result.get()
      guard let state = accounts[account], state.attempt == nil, state.record.writer?.identity == lost.identity else {
        throw OperatorFault(
          .temporary, "account \(account)", "moved on while \(lost.dnsHostName) was being forgotten", remedy: "try again")
      }
      let epoch = state.record.nextEpoch(after: findings.stamp, on: findings.server, isExplicit: true)
      let loss = WriterLoss(
        successor: findings.server, stamp: findings.stamp, version: findings.version, epoch: epoch)
      try await follow(loss, account: account, effects: &effects)
      guard accounts[account]?.record.writer?.identity == findings.server.identity else {
        throw storeFault ?? OperatorFault(.inputOutput, "store", "refused the step", remedy: "try again")
      }
      let receipt = ForgetReceipt(
        account: account, forgotten: lost.dnsHostName, successor: findings.server.dnsHostName, version: findings.version,
        replays: accounts[account]?.record.ledger.slots.filter { $0.awaitsReplay == true }.map(\.version).sorted() ?? [])
      await record(forgottenRecord(receipt), saving: account)
      request.reply(.success(receipt))
    } catch { request.reply(.failure(error)) }
  }

  /// The stamp that was just read is what the store holds now, so the gate opens.
  private func follow(_ loss: WriterLoss, account: AccountName, effects: inout [Effect]) async throws(OperatorFault) {
    if let rotation = accounts[account]?.record.rotation?.plan.rotation {
      accounts[account]?.gate = .open
      await advance(account, rotation: rotation, with: .writerWasLost(loss), effects: &effects)
      return
    }
    guard var state = accounts[account] else { return }
    state.record.writerWasLost(loss, during: nil, at: clock.now(), boot: clock.bootInstant())
    state.gate = .open
    var change = StoreChange()
    change.account = state.record
    try await persist(change, of: account)
    accounts[account] = state
    daemon.alarms.end(.storeBehind(account), at: clock.now())
    pushOrders(of: account, effects: &effects)
  }

  /// Begins to set a password again that a lost controller alone may have had. Windows and due dates are for new passwords; a pause and the
  /// backoff after failures hold here too.
  ///
  /// - Returns: Whether there is such a password: then nothing else is due.
  func replayIfDue(_ account: AccountName, effects: inout [Effect]) async -> Bool {
    guard let state = accounts[account], state.record.ledger.nextReplay != nil else { return false }
    guard state.isIdle, state.record.pause == nil, state.record.failures?.pause.isOver(at: clock.now()) ?? true,
      isFleetGathered(for: account), isFleetSettled(for: account)
    else { return true }
    await attemptWasRequested(
      AttemptRequest(account: account, isDryRun: false, isScheduled: true, watcher: nil), effects: &effects)
    return true
  }

  /// Whether a lost controller may have issued tickets, still alive, under a key that this store does not know, or only holds.
  func strangersMayBeLive(in record: AccountRecord) -> Bool {
    guard let settings = settings[record.account] else { return false }
    return record.strangersEnd(at: clock.now(), boot: clock.bootInstant(), policy: settings.policy) != nil
  }

  private func forgottenRecord(_ receipt: ForgetReceipt) -> OutcomeRecord {
    let versions = receipt.replays.map(\.description).joined(separator: ", ")
    let next = versions.isEmpty ? "it has every password of ours" : "these are set again there: kvno \(versions)"
    return OutcomeRecord(
      kind: .controllerForgotten, time: clock.now(), account: receipt.account, version: receipt.version,
      domainController: receipt.successor,
      message:
        "\(receipt.forgotten) was given up for good; \(receipt.account) is written to \(receipt.successor) from now on, which has kvno \(receipt.version): \(next)."
    )
  }
}

// MARK: - One that only issued tickets

extension RotationScheduler {
  private func tryReplica(_ request: ForgetRequest, settings: ManagedAccount, effects: inout [Effect]) {
    let query = settings.query(objectGUID: accounts[request.account]?.record.objectGUID)
    effects.append { [post] in
      post.yield(.replicaWasTried(request, answers: await settings.isAlive(request.controller, query)))
    }
  }

  func replicaWasTried(_ request: ForgetRequest, answers: Bool, effects: inout [Effect]) async {
    let name = request.controller.comparableHostName
    guard let settings = settings[request.account], let record = accounts[request.account]?.record, record.rotation == nil,
      !answers
    else {
      let problem = answers ? "answers: it is not gone" : "is waited for by a rotation that is in progress"
      return request.reply(
        .failure(
          OperatorFault(
            .temporary, request.controller, problem,
            remedy: "forget a domain controller only when it will never come back, and not during a rotation")))
    }
    guard await controllerIsGone(name, from: request.account, why: "somebody gave it up for good", effects: &effects) else {
      return request.reply(
        .failure(storeFault ?? OperatorFault(.inputOutput, "store", "refused the step", remedy: "try again")))
    }
    request.reply(
      .success(
        ForgetReceipt(
          account: request.account, forgotten: name, successor: record.writer?.dnsHostName ?? settings.controllerName,
          version: record.ledger.latest?.version ?? KeyVersion(0), replays: [])))
  }
}

extension ManagedAccount {
  /// Whether a domain controller beside the writer answers at all, over LDAP or as a KDC: a refusal is an answer.
  fileprivate func isAlive(_ controller: String, _ query: AccountQuery) async -> Bool {
    do throws(OperatorFault) {
      guard let replica = try replicas?.replica(named: controller.comparableHostName) else { return false }
      do throws(OperatorFault) {
        _ = try await replica.directory.readReplica(of: query)
        return true
      } catch  where error.kind == .unavailable {}
      if let name = ticketNames.first { _ = try await replica.tickets.requestTicket(for: name) }
      return true
    } catch { return error.kind != .unavailable }
  }
}

/// Somebody says that a domain controller will never answer again.
struct ForgetRequest: Sendable {
  var controller: String
  var account: AccountName
  var reply: SchedulerEvent.Reply<ForgetReceipt>
}

/// What forgetting a domain controller did for one account.
package struct ForgetReceipt: Sendable, Equatable {
  /// The account.
  package var account: AccountName
  /// The controller that was given up.
  package var forgotten: String
  /// The controller that writes go to from now on.
  package var successor: String
  /// The kvno that the successor has.
  package var version: KeyVersion
  /// The kvnos of the passwords that are set again there, oldest first.
  package var replays: [KeyVersion]
}

extension DirectoryServer {
  /// Whether this is its DNS name, in any case, with or without the root's dot.
  func isNamed(_ name: String) -> Bool {
    name.comparableHostName == dnsHostName.comparableHostName
  }
}
