import Foundation

extension AccountRecord {
  /// Writes go to the successor from now on, and what the lost controller alone may have had is set again there first.
  mutating func writerWasLost(
    _ loss: WriterLoss, during open: RotationMachine?, at now: Date, boot: BootInstant
  ) {
    if let open, rotation == nil, open.phase != .planned, open.phase != .proving { ledger.wasStranded(open.plan) }
    ledger.writerWasLost(successorHas: loss.version)
    writer = loss.successor
    knownStamp = loss.stamp
    epochFloor = loss.epoch
    writerLostAt = SlotLedger.Supersession(time: now, boot: boot)
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
