import Foundation

extension AccountRecord {
  /// Writes go to the successor from now on, and what the lost controller alone may have had is set again there first.
  mutating func writerWasLost(
    _ loss: WriterLoss, during open: RotationMachine?, at now: Date, boot: BootInstant
  ) {
    if let open, rotation == nil, open.mayStrand { ledger.wasStranded(open.plan) }
    ledger.writerWasLost(successorHas: loss.version)
    writer = loss.successor
    knownStamp = loss.stamp
    ordersBegin(above: loss.epoch)
    writerLostAt = SlotLedger.Supersession(time: now, boot: boot)
  }

  /// The next claim is above all that nodes follow; what they have refused before as older than that is no fault of theirs.
  mutating func ordersBegin(above floor: Epoch) {
    epochFloor = floor
    for (node, holding) in holdings where isOvertaken(holding) { holdings[node]?.fault = nil }
  }

  /// Whether a node follows orders newer than any of this ledger, as this store knows: it refuses every order before the next claim.
  func isOvertaken(_ holding: NodeHolding) -> Bool { holding.epoch > ledger.epoch && holding.epoch <= highestEpoch }

  /// The slots that a loss of the writer would leave, the one of an open rotation among them.
  var strandedSlots: [SlotLedger.Slot] {
    var ledger = ledger
    if let rotation, rotation.mayStrand { ledger.wasStranded(rotation.plan) }
    return ledger.holding
  }

  /// When every ticket has ended that a lost domain controller may have issued under a key that this store does not know, or only holds; `nil`
  /// once that is certain on both clocks, or if nothing was lost.
  func strangersEnd(at now: Date, boot: BootInstant, policy: RotationPolicy) -> Date? {
    guard let lost = writerLostAt else { return nil }
    let life = SlotLedger.retention(of: policy)
    let left = life - boot.secondsCertainlyPassed(since: lost.boot)
    let end = max(lost.time.addingTimeInterval(life), now.addingTimeInterval(max(left, 0)))
    return end > now ? end : nil
  }

  /// Why no password can be set now that would get this kvno: a key is held under it or a later one, and no node can hold another one beside it.
  func heldKeyObstacle(
    to version: KeyVersion, at now: Date, boot: BootInstant, policy: RotationPolicy
  ) -> OperatorFault? {
    guard let held = ledger.heldKey(from: version), let end = strangersEnd(at: now, boot: boot, policy: policy) else {
      return nil
    }
    return OperatorFault(
      .temporary, "account \(account)",
      "kvno \(held.version) is kept for the key of rotation \(held.rotation): a domain controller that is lost may have issued tickets under it",
      remedy: "wait: at \(RotationScheduler.text(end)) those tickets have ended, and a new password can be set")
  }

  /// All that the nodes hold, in one order.
  var reports: [SlotReport] { holdings.sorted { $0.key < $1.key }.flatMap(\.value.slots) }

  /// The epoch of the next claim: above the stamp that the claim replaces and above everything that was ever ordered, so that no node
  /// takes it for an old one.
  ///
  /// - Parameters:
  ///   - standing: The stamp that the claim replaces.
  ///   - server: The domain controller that it is made on; another one than before begins a new era.
  ///   - isExplicit: Whether a person has said that this store goes on, whatever nodes were ordered by others.
  func nextEpoch(after standing: Stamp?, on server: DirectoryServer, isExplicit: Bool = false) -> Epoch {
    let ours = max(standing?.epoch ?? .zero, highestEpoch)
    let ordered =
      isExplicit ? holdings.values.map(\.epoch).filter { $0.era <= ours.era &+ Self.plausibleEras && $0.number < .max / 2 } : []
    let highest = max(ours, ordered.max() ?? .zero)
    let isMoved = writer.map { $0.identity != server.identity } ?? (highest.era == 0)
    return isMoved ? highest.nextEra : highest.next
  }

  /// Above every order and every claim that this store has made or accepted.
  var highestEpoch: Epoch { [knownStamp?.epoch, ledger.epoch, epochFloor].compactMap(\.self).max() ?? .zero }

  /// A node that reports an era further ahead than any number of lost controllers explains is not believed: it could use all epochs up.
  private static let plausibleEras: UInt32 = 1000
}

extension RotationMachine {
  /// Whether its password may live on a writer that is lost now and nowhere else, set by this run or by whoever else has its plan.
  fileprivate var mayStrand: Bool {
    switch phase {
    case .planned, .unstaging, .proving, .ended: false
    case .claiming, .staging, .committing, .outcomeUnknown, .fencing, .checking: true
    }
  }
}
