import Foundation
import RotationCore

/// What really happened in a world, for the invariants; no rotator and no node sees it.
struct Truth {
  /// One key as clients meet it.
  struct KeyLife {
    /// The rotation that made it; `nil` for the key of before and for somebody else's.
    var rotation: RotationID?
    /// Whether we were ever given it.
    var isOurs: Bool
    /// The controllers that issue under it now, one bit each.
    var issuers: UInt8 = 0
    /// Until when tickets under it may be alive, besides those that are still issued.
    var ticketsUntil = 0.0
    /// The kvnos that it was issued under.
    var versions: [KeyVersion] = []
    /// Whether somebody has said that it is in the wrong hands: then tickets under it count only for as long as a controller issues them.
    var isCompromised = false
  }

  /// A rotation as one of the sites sees it; a copied store goes on with the same one.
  struct Claimant: Hashable {
    let rotation: RotationID
    let site: Int
  }

  /// A password in a directory.
  struct Application {
    var password: UInt64
    var key: UInt64
    var version: KeyVersion
  }

  var keys: [UInt64: KeyLife] = [:]
  /// The passwords that a controller has taken from us.
  var applied: [RotationID: Application] = [:]
  /// The passwords that were committed under each epoch.
  var committed: [Epoch: UInt64] = [:]
  /// The rotations whose key was staged under each epoch.
  var staged: [Epoch: RotationID] = [:]
  /// The passwords that were made for each rotation.
  var sealed: [RotationID: UInt64] = [:]
  /// The newest plan of each rotation and the site that made it.
  var plans: [RotationID: (plan: RotationPlan, site: Int)] = [:]
  /// Whom each site that goes on with a rotation had to wait for, while it staged and since.
  var quorums: [Claimant: [Quorum]] = [:]
  /// The rotations on record as failed with the password unchanged.
  var aborted: Set<RotationID> = []
  /// Those of them that got no further than their claim.
  var abortedUnclaimed: Set<RotationID> = []
  /// Those of which nobody can tell what the directory did.
  var undecided: Set<RotationID> = []
  /// Where the history of the last rotation of all begins.
  var lastRotation = 0
  /// When that was asked for.
  var lastRequest: Date?
  /// Whether somebody else has ever reset the password: then kvnos are no longer what we predict.
  var wasReset = false

  func isLive(_ key: UInt64, at now: Double) -> Bool {
    guard let life = keys[key], life.isOurs else { return false }
    return life.issuers != 0 || !life.isCompromised && now < life.ticketsUntil
  }

  /// A ledger says which keys are compromised: all that are older than this kvno.
  mutating func keysWereCompromised(before version: KeyVersion) {
    for (key, life) in keys where life.versions.allSatisfy({ $0 < version }) { keys[key]?.isCompromised = true }
  }
}
