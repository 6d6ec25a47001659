import Foundation
import Logging

// MARK: - What becomes durable, and who is told

extension RotationScheduler {
  /// Makes a change durable together with the alarms that its records raise or end, and only then writes the records to the journal. Every
  /// write of an account goes through here.
  ///
  /// - Throws: ``OperatorFault`` of the store; nothing was changed then.
  func persist(_ change: consuming StoreChange, of account: AccountName?) async throws(OperatorFault) {
    var daemon = change.daemon ?? self.daemon
    for record in change.records { daemon.alarms.took(record) }
    if daemon != self.daemon { change.daemon = daemon }
    let records = change.records
    do throws(OperatorFault) { try await commit(change, of: account) } catch {
      storeRefused(error)
      throw error
    }
    self.daemon = daemon
    for record in records { recorder.record(record) }
    await storeAccepted()
  }

  /// Makes a change durable together with the records of the same account that the store has refused before: neither they nor the state that
  /// they tell of may become durable without the other.
  private func commit(_ change: consuming StoreChange, of account: AccountName?) async throws(OperatorFault) {
    let left = unsaved.filter { $0.account == account }
    if !left.isEmpty, change.account == nil, let account { change.account = accounts[account]?.record }
    change.records = left + change.records
    try await store.commit(change, of: account)
    unsaved.removeAll { $0.account == account }
  }

  /// Makes a record durable and then writes it to the journal: after a crash between the two it must not be told again. One that the store
  /// refuses is in the journal at once and kept for the next tick.
  func record(_ record: OutcomeRecord, saving account: AccountName? = nil, isInJournal: Bool = false) async {
    var change = StoreChange()
    change.records = [record]
    change.daemon = daemon
    change.daemon?.alarms.took(record)
    if let account { change.account = accounts[account]?.record }
    if let daemon = change.daemon { self.daemon = daemon }
    var refusal: OperatorFault?
    do throws(OperatorFault) { try await commit(change, of: record.account) } catch { refusal = error }
    if !isInJournal { recorder.record(record) }
    if let error = refusal {
      logger.critical(
        "The store refused a record (\(record.kind.rawValue)): \(error)",
        metadata: ["kind": "\(record.kind.rawValue)", "fault": "\(error)"])
      unsaved.append(record)
      storeRefused(error)
      return
    }
    await storeAccepted()
  }

  /// Tries again what the store has refused.
  func saveLeftRecords() async {
    while let record = unsaved.first {
      var change = StoreChange()
      change.daemon = daemon
      do throws(OperatorFault) { try await commit(change, of: record.account) } catch { return }
    }
    await storeAccepted()
  }

  private func storeRefused(_ fault: OperatorFault) {
    guard storeFault == nil else { return }
    storeFault = fault
    let record = OutcomeRecord(
      kind: .storeUnwritable, time: clock.now(), account: nil,
      message: "The store refuses writes: \(fault). It is tried again every \(Int(Self.tickInterval)) s.")
    daemon.alarms.took(record)
    recorder.record(record)
    unsaved.append(record)
  }

  private func storeAccepted() async {
    guard storeFault != nil, unsaved.isEmpty else { return }
    storeFault = nil
    for account in accountNames { accounts[account]?.since.rotationMoved = clock.monotonicSeconds() }
    await record(
      OutcomeRecord(kind: .storeWritable, time: clock.now(), account: nil, message: "The store takes writes again."))
  }
}

// MARK: - Alarms

extension RotationScheduler {
  /// One notice at a time: the unit of one outcome cannot run twice, and a flood of alarms must not become a flood of processes.
  func sendDueAlarm(effects: inout [Effect]) {
    guard let alarms else { return daemon.alarms.forgetEnded() }
    guard noticeSentAt == nil, let notice = daemon.alarms.dueNotice(at: clock.now()) else { return }
    noticeSentAt = clock.monotonicSeconds()
    effects.append { [post] in
      var fault: OperatorFault?
      do throws(OperatorFault) { try await alarms.raise(notice) } catch { fault = error }
      post.yield(.alarmEnded(notice, fault))
    }
  }

  func alarmEnded(_ notice: AlarmNotice, fault: OperatorFault?) async {
    noticeSentAt = nil
    daemon.alarms.noticeEnded(notice, fault: fault, at: clock.now())
    var record = notice.record
    record.kind = fault == nil ? .alarmDelivered : .alarmFailed
    record.alarm = notice.outcome
    record.time = clock.now()
    record.passwordChanged = nil
    let what = "Notice \(notice.count) of '\(notice.outcome.rawValue)'"
    record.message =
      fault.map { "\(what) reached nobody: \($0). It was about: \(notice.record.message)" }
      ?? "\(what) was sent: \(notice.record.message)"
    await self.record(record)
  }

  /// Whether an alarm stands that has this key.
  func isAlarmed(_ key: AlarmLedger.Key) -> Bool {
    daemon.alarms.alarms.contains { $0.key == key && $0.endedAt == nil }
  }
}
