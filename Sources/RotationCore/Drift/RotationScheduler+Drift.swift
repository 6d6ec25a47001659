import Foundation
import Logging

// MARK: - What drift leads to

extension RotationScheduler {
  /// A key of ours stands under another number: the same keys become a slot of that number, on all nodes at once. The old number stays as
  /// long as tickets under it may be alive.
  func keySurfaced(_ key: SurfacedKey, of account: AccountName, effects: inout [Effect]) async {
    guard var state = accounts[account], let slot = state.record.ledger.holding.first(where: { $0.rotation == key.rotation })
    else { return }
    let now = SlotLedger.Supersession(time: clock.now(), boot: clock.bootInstant())
    var change = StoreChange()
    do throws(OperatorFault) {
      if slot.version == key.version {
        state.record.ledger.keySurfaced(key.rotation, awaiting: state.record.livingReplicas, at: now)
      } else {
        guard let secrets = try await store.secrets(of: key.rotation, account: account) else { return }
        let copy = key.rotation.renumbered(to: key.version)
        change.seal = [copy: secrets]
        state.record.ledger.keyWasRenumbered(
          key.rotation, to: key.version, as: copy, awaiting: state.record.livingReplicas, at: now)
      }
      change.account = state.record
      try await persist(change, of: account)
    } catch {
      logger.error(
        "The store refused a renumbered key of \(account): \(error)", metadata: ["account": "\(account)", "fault": "\(error)"])
      return
    }
    accounts[account] = state
    pushOrders(of: account, effects: &effects)
  }

  /// Somebody else's password refuses clients: with `onDrift: rotate` a rotation ends that, outside of windows too. A pause and a freeze hold it,
  /// and so does the backoff, so that two who set the password against each other do not do it without end.
  func healDrift(of account: AccountName, effects: inout [Effect]) async {
    guard let settings = settings[account], settings.policy.onDrift == .rotate, let state = accounts[account], state.isIdle,
      state.record.directoryFinding?.isForeignPassword == true, state.record.pause == nil,
      let schedule = schedule(of: account)
    else { return }
    let now = clock.now()
    guard !settings.policy.freezes.contains(where: { $0.span.contains(now) }),
      state.record.failures?.pause.isOver(at: now) ?? true, state.record.driftRotations?.pause.isOver(at: now) ?? true,
      isFleetGathered(for: account)
    else { return }
    accounts[account]?.record.noteDriftRotation(schedule, at: now)
    await attemptWasRequested(
      AttemptRequest(account: account, isDryRun: false, isScheduled: false, endsDrift: true, watcher: nil), effects: &effects)
  }
}

extension AccountRecord {
  /// Each rotation for somebody else's password doubles the wait before the next, until a whole longest pause has passed without one.
  mutating func noteDriftRotation(_ schedule: RotationSchedule, at now: Date) {
    let quiet = Preflight.seconds(schedule.policy.retry.maximum)
    let isSoon = driftRotations.map { now < $0.pause.end.addingTimeInterval(quiet) } ?? false
    let count = isSoon ? (driftRotations?.count ?? 0) + 1 : 1
    let pause = schedule.pause(afterFailures: count, seed: "drift")
    driftRotations = FailureStreak(count: count, pause: WallClockWait(from: now, until: now.addingTimeInterval(pause)))
  }
}

extension RotationID {
  /// The name of the same keys under another kvno.
  fileprivate func renumbered(to version: KeyVersion) -> RotationID {
    RotationID("\(description.prefix(50))-k\(version)") ?? self
  }
}

// MARK: - The ledger

extension SlotLedger {
  /// The directory uses a key that was held, or an older one, under the number that it has here: it is Latest.
  ///
  /// - Parameter replicas: The other domain controllers, which may not have it yet.
  mutating func keySurfaced(_ rotation: RotationID, awaiting replicas: [String], at now: Supersession) {
    guard let index = slots.firstIndex(where: { $0.rotation == rotation }) else { return }
    becomeLatest(slots.remove(at: index), awaiting: replicas, at: now)
  }

  /// The directory uses a key under another number than the slot's.
  ///
  /// - Parameter replicas: The other domain controllers, which may not have it yet.
  mutating func keyWasRenumbered(
    _ rotation: RotationID, to version: KeyVersion, as copy: RotationID, awaiting replicas: [String], at now: Supersession
  ) {
    guard var slot = slots.first(where: { $0.rotation == rotation }) else { return }
    // It may have had that number before.
    slots.removeAll { $0.rotation == copy }
    slot.rotation = copy
    slot.version = version
    becomeLatest(slot, awaiting: replicas, at: now)
  }

  private mutating func becomeLatest(_ slot: Slot, awaiting replicas: [String], at now: Supersession) {
    if replicas.isEmpty {
      for index in slots.indices where slots[index].superseded == nil && slots[index].state == .live {
        slots[index].superseded = now
      }
    }
    var latest = slot
    latest.state = .live
    latest.superseded = nil
    latest.unconverged = replicas.isEmpty ? nil : replicas
    latest.liveSince = replicas.isEmpty ? now : nil
    slots.insert(latest, at: slots.firstIndex { $0.state == .live } ?? slots.endIndex)
    version += 1
  }
}
