import Foundation

/// Whether this rotator may claim the account although another claimant's stamp stands. Only somebody's word starts one, and only a Latest of
/// ours that the directory still uses permits it: nothing that the other one did may be lost by it.
struct Takeover: Sendable {
  private let check: StampCheck
  private let isStampless: Bool
  private let latest: SlotLedger.Slot?
  private let store: any RotationStoring

  init(_ settings: ManagedAccount, record: AccountRecord, rotator: RotatorID, store: any RotationStoring) {
    latest = record.ledger.latest
    isStampless = settings.stampAttribute == nil
    check = StampCheck(
      account: settings.name, attribute: settings.stampAttribute ?? "", rotator: rotator, known: record.knownStamp, open: nil,
      hasLatest: latest != nil)
    self.store = store
  }

  /// The other claimant's stamp, from the entry that the kvno was read in.
  func standing(_ raw: String?) throws(OperatorFault) -> Stamp {
    guard !isStampless else {
      throw OperatorFault(
        .usage, subject, "nothing can be taken over without a stamp: whose it is, is written nowhere",
        remedy: "let one rotator alone run for it, and rotate without --take-over")
    }
    guard raw != check.known?.description else {
      throw OperatorFault(
        .usage, subject, "there is nobody to take it over from: its stamp is the one that this store knows",
        remedy: "rotate without --take-over")
    }
    guard let stamp = raw.flatMap(Stamp.init) else {
      try check.check(raw)
      throw OperatorFault(.data, subject, "its stamp cannot be read")
    }
    try stamp.checkCanBeFollowed(on: check.account)
    return stamp
  }

  /// Throws unless the directory's key is our Latest, by its number and by the tickets.
  func checkLatest(
    at version: KeyVersion, tickets: [ServiceTicket], proven: Set<RotationID>
  ) async throws(OperatorFault) {
    guard let latest else { throw storeBehind("this store knows no key of the account") }
    guard latest.version == version, tickets.allSatisfy({ $0.version == version }) else {
      throw storeBehind("the directory has kvno \(version), the newest that this store knows is \(latest.version)")
    }
    if let keys = try await store.secrets(of: latest.rotation, account: check.account)?.keys {
      for ticket in tickets where !(await ticket.handle.opens(with: keys)) {
        throw storeBehind("the ticket for \(ticket.servicePrincipalName) opens with no key of this store")
      }
    } else if !proven.isEmpty, !proven.contains(latest.rotation) {
      throw storeBehind("no node has opened a ticket with the key of rotation \(latest.rotation), which is Latest here")
    }
  }

  private var subject: String { "account \(check.account)" }

  private func storeBehind(_ problem: String) -> OperatorFault {
    OperatorFault(
      .data, subject, "storeBehind: \(problem); taking the account over would lose the directory's key",
      remedy: "'asactl credential adopt --from NODE' takes the newer keys from a node")
  }
}

extension Stamp {
  /// Throws unless there are claims left above this one: somebody who writes the attribute by hand must not use them up.
  func checkCanBeFollowed(on account: AccountName) throws(OperatorFault) {
    guard epoch.era < .max / 2, epoch.number < .max / 2 else {
      throw OperatorFault(
        .data, "account \(account)", "its stamp '\(self)' leaves no epoch to follow it",
        remedy:
          "no rotator has written that: clear the attribute, then take the account over from what nodes hold with 'asactl credential adopt'"
      )
    }
  }

  /// What a person should know before saying yes.
  var takeoverWarning: String {
    "the account is taken over from rotator \(rotator) (\(state.rawValue), epoch \(epoch), rotation \(rotation)); it must be gone for good"
  }
}

extension RotationMachine {
  /// Whether another claimant's stamp may still stand, which this rotation is to replace. Nothing may be pushed until it has.
  var awaitsTakeover: Bool { plan.takenFrom != nil && knownStamp == plan.expected }
}

// MARK: - The claim

extension AccountRecord {
  /// How long a rotator that took the account, or lost it, takes it from nobody, in seconds.
  private static var takeoverPauseSeconds: TimeInterval { 600 }

  mutating func pauseTakeovers(at now: Date) {
    takeoverPause = WallClockWait(from: now, until: now.addingTimeInterval(Self.takeoverPauseSeconds))
  }

  /// Why nobody may take the account over with this rotator now.
  func takeoverObstacle(at now: Date) -> OperatorFault? {
    guard let takeoverPause, !takeoverPause.isOver(at: now) else { return nil }
    return OperatorFault(
      .temporary, "account \(account)",
      "this rotator took it over, or lost it to another one, at \(RotationScheduler.text(takeoverPause.start)); two rotators would take it from each other without end",
      remedy: "stop the other one for good; from \(RotationScheduler.text(takeoverPause.end)) on it can be taken over again")
  }
}

extension RotationScheduler {
  /// Our claim, or our fence, has replaced the other claimant's stamp.
  func accountWasTakenOver(by plan: RotationPlan, _ record: inout AccountRecord, _ change: inout StoreChange) {
    record.pauseTakeovers(at: clock.now())
    change.records.append(
      OutcomeRecord(
        kind: .accountTakenOver, time: clock.now(), account: plan.account, rotation: plan.rotation,
        domainController: plan.writer.dnsHostName,
        message:
          "\(plan.account) was taken over from '\(plan.expected?.description ?? "none")': the stamp of rotator \(plan.claim.rotator) stands now."
      ))
  }

  /// A rotation that was open when the daemon stopped, and whose claim somebody has replaced since, cannot go on and has nothing to take back:
  /// it ends as superseded, and its keys are kept.
  func endIfSuperseded(_ account: AccountName, by raw: String?, because fault: OperatorFault) async {
    guard let stamp = raw.flatMap(Stamp.init), var state = accounts[account], let rotation = state.record.rotation,
      // A lower one may be what a domain controller has that lags behind.
      stamp.epoch >= rotation.plan.claim.epoch
    else { return }
    let ending = RotationEnding(
      outcome: .failed, passwordChanged: nil, version: nil, fault: fault, phase: rotation.phaseName)
    var change = StoreChange()
    apply(ending, plan: rotation.plan, to: &state.record, change: &change)
    change.account = state.record
    do throws(OperatorFault) { try await persist(change, of: account) } catch { return }
    accounts[account] = state
    if let report = report(on: account, rotation, ending) { tell(account, .report(report)) }
    tell(account, .ended(rotation.plan.rotation, ending))
    finishWatchers(of: account)
  }

  /// A takeover that ended before its claim stood leaves the other claimant's: nothing is pushed beside it.
  func shutGateUnlessTaken(_ plan: RotationPlan) {
    guard plan.takenFrom != nil, let attribute = settings[plan.account]?.stampAttribute,
      let record = accounts[plan.account]?.record,
      record.knownStamp?.rotation != plan.rotation
    else { return }
    let check = StampCheck(
      account: plan.account, attribute: attribute, rotator: plan.claim.rotator, known: record.knownStamp,
      open: nil,
      hasLatest: record.ledger.latest != nil)
    do throws(OperatorFault) { try check.check(plan.expected?.description) } catch {
      shutGate(of: plan.account, because: error)
    }
  }
}

// MARK: - What claimants before us left on nodes

extension NodeHolding {
  /// Keys that are not ours to give.
  var unlisted: [SlotReport] { adopted + (strangers ?? []) }

  /// As many as a node could hold.
  private static let strangerLimit = 64

  static func strangers(in report: NodeReport, of ledger: SlotLedger, after earlier: NodeHolding?) -> [SlotReport] {
    let known = report.epoch == .zero ? [] : earlier?.strangers ?? []
    let reported = report.slots.filter { slot in
      !slot.rotation.isAdopted && !ledger.slots.contains { $0.rotation == slot.rotation && !$0.isKeyless }
    }
    let isNew = { (slot: SlotReport) in
      !known.contains { $0.rotation == slot.rotation && $0.version == slot.version && $0.fingerprint == slot.fingerprint }
    }
    let new = reported.filter(isNew)
    return (known.filter { slot in !new.contains { $0.rotation == slot.rotation } } + new).suffix(strangerLimit)
  }
}

extension RotationScheduler {
  /// A node that was away when a claim overruled what another claimant had staged comes back with it: under a kvno of ours it would refuse every
  /// order.
  func overruleStrangers(in report: NodeReport, _ record: inout AccountRecord) {
    guard record.rotation == nil, record.ledger.epoch > .zero, !strangersMayBeLive(in: record) else { return }
    record.ledger.strangersWereMet(report.slots)
  }
}

extension SlotLedger {
  /// Keys that are in no way of ours stand under a kvno that the directory has given to one of ours, and no ticket has shown them.
  mutating func strangersWereMet(_ reports: [SlotReport]) {
    let overruled = reports.filter { report in
      !report.rotation.isAdopted && !report.isProven && !dropped.contains(report.rotation)
        && !slots.contains { $0.rotation == report.rotation }
        && slots.contains { $0.version == report.version && $0.state == .live && $0.fingerprint != report.fingerprint }
    }
    guard !overruled.isEmpty else { return }
    for report in overruled { drop(report.rotation) }
    version += 1
  }
}
