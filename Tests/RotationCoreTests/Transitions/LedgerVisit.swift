import Foundation
import SecretMemory

@testable import RotationCore

/// A ledger on its way, with the rotation that is open beside it.
struct LedgerVisit {
  var ledger = SlotLedger()
  var open: RotationPlan?
  /// The epoch of the last claim, which the ledger forgets when it adopts keys.
  var claimed: Epoch = .zero
  /// Seconds since the beginning, on both clocks.
  var now: TimeInterval = 0

  static let stranger = rotation("stranger")
  static let fingerprint = KeyFingerprint(of: AccountKeys(keys: [], salt: nil), under: .random(count: 32))
  static let policy = RotationPolicy(every: .seconds(86_400))

  /// Longer than any ticket lives.
  static let ticketLifetime: TimeInterval = 1_000_000

  static func rotation(_ name: String) -> RotationID { RotationID(name) ?? .make() }

  /// Three keys are enough for every neighbourhood that a slot can be in.
  var hasRoom: Bool { ledger.holding.count < 3 }

  var instant: SlotLedger.Supersession {
    SlotLedger.Supersession(
      time: Fixture.start.addingTimeInterval(now), boot: BootInstant(boot: "boot-1", seconds: 1000 + now))
  }

  /// Everything whose condition an event can change.
  var rotations: Set<RotationID> { Set(ledger.slots.map(\.rotation)).union([Self.stranger]) }

  /// The kvno that the directory has, as far as the ledger knows.
  var currentVersion: KeyVersion { ledger.latest?.version ?? KeyVersion(6) }

  func version(of rotation: RotationID) -> KeyVersion? { ledger.slots.first { $0.rotation == rotation }?.version }

  /// A key as a node reports it.
  func report(_ rotation: RotationID, version: KeyVersion, retireAfter: Date? = nil) -> SlotReport {
    SlotReport(
      rotation: rotation, version: version, position: .retiring,
      fingerprint: Self.fingerprint,
      encryptionTypes: [18], setAt: Fixture.start, isProven: false, retireAfter: retireAfter)
  }

  func plan(version: KeyVersion, replaying replayed: RotationID? = nil) -> RotationPlan {
    var plan = Script.plan(require: .all, participants: Script.nodes, expected: nil)
    plan.rotation = Self.rotation("rotation-\(claimed.next.number)")
    plan.claim = Stamp(
      epoch: claimed.next, rotation: plan.rotation, state: .claimed, rotator: plan.claim.rotator)
    plan.plannedVersion = version
    plan.replayed = replayed
    return plan
  }
}
