import Foundation

extension SlotLedger.Slot {
  /// Whether the store cannot give the keys to anybody: they are on nodes alone.
  var isKeyless: Bool { rotation.isAdopted || isOnNodesAlone == true }
}

extension SlotLedger {
  /// Keys that the store has lost, or never knew, were found on nodes. Orders begin anew with the next claim: what nodes have carried out since
  /// is newer than every order of this ledger.
  ///
  /// - Parameters:
  ///   - stamp: The stamp that stands; if it is the one that the newest key's write left, the key is dated by it.
  ///   - supersession: The instant from which the ends of all older keys are counted.
  mutating func slotsWereAdopted(_ verdict: SlotAgreement.Verdict, stamp: Stamp?, at supersession: Supersession) {
    (epoch, rotation, version) = (.zero, nil, 0)
    for index in slots.indices {
      // What ours has above the directory's key was set, if at all, on a domain controller that is lost.
      if slots[index].state == .live {
        slots[index].superseded = slots[index].superseded ?? supersession
        if slots[index].version >= verdict.latest.version { slots[index].state = .held }
      }
      slots[index].awaitsReplay = nil
    }
    for report in verdict.retiring { insert(Slot(report, .held, superseded: supersession)) }
    adoptLatest(verdict.latest, stamp: stamp, at: supersession)
    for report in verdict.held { insert(Slot(report, .held, superseded: nil)) }
  }

  /// The key may be one of the store's own, held since its write was left to another rotator.
  private mutating func adoptLatest(_ report: SlotReport, stamp: Stamp?, at now: Supersession) {
    var latest = slots.first { $0.rotation == report.rotation } ?? Slot(report, .live, superseded: nil)
    slots.removeAll { $0.rotation == report.rotation }
    latest.state = .live
    latest.version = report.version
    latest.superseded = nil
    latest.liveSince = now
    if let stamp, stamp.rotation == report.rotation, stamp.state == .done { latest.committedEpoch = stamp.epoch }
    let index = slots.firstIndex { $0.state == .live || $0.version < latest.version } ?? slots.endIndex
    slots.insert(latest, at: index)
  }

  private mutating func insert(_ slot: Slot) {
    slots.insert(slot, at: slots.firstIndex { $0.version < slot.version } ?? slots.endIndex)
  }
}

extension SlotLedger.Slot {
  fileprivate init(_ report: SlotReport, _ state: SlotLedger.State, superseded: SlotLedger.Supersession?) {
    self.init(
      rotation: report.rotation, version: report.version,
      fingerprint: report.rotation.isAdopted ? nil : report.fingerprint, encryptionTypes: report.encryptionTypes,
      setAt: report.setAt, committedEpoch: nil, state: state, superseded: superseded, isOnNodesAlone: true)
  }
}
