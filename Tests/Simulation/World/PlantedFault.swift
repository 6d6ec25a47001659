import Foundation
import RotationCore

/// A fault put between the production core and the world, to see that the invariants would find the like of it. Each says which rule it breaks.
package enum PlantedFault: String, CaseIterable, Sendable {
  /// The claim is answered as applied and never written; the password write takes whatever stamp stands.
  case noClaimBeforeStaging
  /// The plan is on disk only when the claim has been answered.
  case planAfterClaim
  /// The fence is answered as applied and never written.
  case abortWithoutFence
  /// Every order drops what it does not name.
  case orderDropsUnnamed
  /// A commit whose answer was lost counts as refused, and its fence as applied.
  case unstageAfterLostAnswer
  /// Nodes confirm a staged key and write it to the keytab only when it is Latest.
  case pushAfterCommit
  /// The key before Latest is dropped with the order that brings the new Latest.
  case previousDroppedAtWriteTime
  /// The sealed password is destroyed when its write was not answered in time.
  case candidateDeletedOnTimeout
  /// Every ticket is said to open with our keys: the kvno alone decides.
  case versionTrustedWithoutProof
  /// Nodes find slots, and the store the secrets that belong to them, by kvno.
  case slotsKeyedByVersion
  /// The commit of the plan is not synced: a crash within seconds loses it.
  case unsyncedPlan
  /// The claim is written whatever stamp stands.
  case claimNotCompared
  /// The password write and its stamp are not one modify: the password is set whatever stamp stands.
  case passwordNotCompared
  /// Each time that the password is sent it is another one.
  case freshPasswordOnResend
  /// Nodes answer an order before it is on disk, and a crash then loses it.
  case answeredBeforeWritten
  /// Checksums of nodes are believed unseen, and one node writes no keys.
  case checksumsNotVerified
  /// Nodes carry out orders of any age.
  case oldOrdersCarriedOut
  /// Another writer takes a claim under the epoch of the one that stands, and nodes let two rotations stage under one epoch: each of these
  /// guards alone would make good what the other lets through.
  case sameEpochOnAnotherWriter
  /// The boot clock follows the wall clock, so a clock set ahead retires keys at once.
  case bootClockFollowsWallClock
  /// The terminal record is left out of its transaction.
  case recordLost
  /// The terminal record is written in another transaction than the state that it ends.
  case recordRepeated
  /// A key is destroyed in the store as soon as a newer one is Latest.
  case previousDestroyedInStore
  /// The key of before is not kept when an aborted rotation is taken back from the nodes.
  case unstageDropsLatest
}

// MARK: - Directory

/// Between the core and the directory.
struct WriteSeam {
  let process: RotatorProcess
  let modify: Modify

  func send(reply: @escaping (DirectoryWriteAnswer) -> Void) {
    let world = process.world
    var sent = modify
    switch (world.planted, modify.name) {
    case (.noClaimBeforeStaging, "claimed"), (.abortWithoutFence, "aborted"):
      return world.after(world.delay()) { reply(.applied) }
    case (.noClaimBeforeStaging, _), (.claimNotCompared, "claimed"), (.passwordNotCompared, "commit"): sent.isBlind = true
    case (.freshPasswordOnResend, "commit"): sent.password = world.unique()
    case (.unstageAfterLostAnswer, "aborted") where process.site.takenForRefused.contains(modify.rotation):
      return world.after(world.delay()) { reply(.applied) }
    default: break
    }
    world.send(sent, from: process) { reply(judged($0)) }
  }

  private func judged(_ answer: DirectoryWriteAnswer) -> DirectoryWriteAnswer {
    if process.world.planted == .sameEpochOnAnotherWriter { return judgedElsewhere(answer) }
    guard modify.name == "commit", case .unknown = answer else { return answer }
    switch process.world.planted {
    case .unstageAfterLostAnswer:
      process.site.takenForRefused.insert(modify.rotation)
      let claim = AccountState(stamp: modify.expected, version: KeyVersion(0))
      return .refused(WriteRefusal(.other, "taken for refused"), claim)
    case .candidateDeletedOnTimeout:
      process.site.disk.secrets[modify.rotation] = nil
      return answer
    default: return answer
    }
  }

  /// What a writer says that has not got the other claim of this epoch.
  private func judgedElsewhere(_ answer: DirectoryWriteAnswer) -> DirectoryWriteAnswer {
    guard modify.name == "claimed", case .refused(_, let state) = answer, let standing = state.stamp.flatMap(Stamp.init),
      standing.epoch == modify.replacement.epoch, standing.rotation != modify.rotation
    else { return answer }
    return .applied
  }
}

// MARK: - Store

/// Between the core and its store.
struct StoreSeam {
  let site: RotatorSite

  func rewritten(_ change: StoreChange) -> StoreChange {
    var change = change
    switch site.world.planted {
    case .unsyncedPlan: hold(change, until: site.disk.unsyncedSince.map { site.world.now > $0.time + 3 } ?? false)
    case .planAfterClaim:
      let phase = change.account?.rotation?.phase
      hold(change, until: change.account != nil && phase != .planned && phase != .claiming)
    case .recordLost: change.records.removeAll { $0.isTerminal }
    case .recordRepeated: change.records += change.records.filter { $0.isTerminal && $0.passwordChanged == false }
    case .previousDestroyedInStore:
      let superseded = change.account?.ledger.slots.filter { $0.superseded != nil }.map(\.rotation) ?? []
      change.destroy += superseded
    case .slotsKeyedByVersion:
      let destroyed = change.destroy
      change.destroy = site.disk.secrets.keys.sorted { $0.description < $1.description }.filter {
        sharesVersion($0, with: destroyed)
      }
    default: break
    }
    return change
  }

  private func sharesVersion(_ rotation: RotationID, with others: [RotationID]) -> Bool {
    let plans = site.world.truth.plans
    guard let version = plans[rotation]?.plan.plannedVersion else { return others.contains(rotation) }
    return others.contains { plans[$0]?.plan.plannedVersion == version }
  }

  private func hold(_ change: StoreChange, until isSynced: Bool) {
    if !change.seal.isEmpty, site.disk.unsyncedSince == nil {
      site.disk.unsyncedSince = UnsyncedDisk(disk: site.disk, time: site.world.now)
    } else if isSynced {
      site.disk.unsyncedSince = nil
    }
  }
}

extension OutcomeRecord {
  var isTerminal: Bool { [.rotationSucceeded, .rotationDegraded, .rotationFailed].contains(kind) }
}

// MARK: - Orders and nodes

/// Between the core and its nodes.
struct OrderSeam {
  let world: World

  func rewritten(_ order: SlotOrder, for node: SimulatedNode) -> SlotOrder {
    var order = order
    let named = Set(order.slots.map(\.rotation)).union(order.drop)
    switch world.planted {
    case .orderDropsUnnamed:
      order.drop += (node.memory?.slots ?? []).map(\.rotation).filter { !named.contains($0) }
    case .previousDroppedAtWriteTime where order.slots.contains { $0.position == .latest && $0.committedEpoch != nil }:
      order.drop += order.slots.filter { $0.position == .previous }.map(\.rotation)
      order.slots.removeAll { $0.position == .previous }
    case .unstageDropsLatest where !order.drop.isEmpty && !order.slots.contains { $0.position == .next }:
      order.drop += order.slots.filter { $0.position == .previous || $0.position == .retiring }.map(\.rotation)
      order.slots.removeAll { $0.position == .previous || $0.position == .retiring }
    default: break
    }
    return order
  }
}

/// Around the production rules of a node.
struct NodeSeam {
  let world: World

  func apply(_ order: SlotOrder, to held: NodeSlots, now: Date) -> NodeSlots.OrderOutcome {
    var (order, held) = (order, held)
    switch world.planted {
    case .slotsKeyedByVersion: (order, held) = keyedByVersion(order, held)
    case .oldOrdersCarriedOut:
      if let applied = held.applied, (order.epoch, order.version) < (applied.epoch, applied.version) { held.applied = nil }
    case .sameEpochOnAnotherWriter: held.boundEpochs = []
    case .pushAfterCommit:
      order.slots.removeAll { $0.position == .next }
      held.applied = nil
    default: break
    }
    return held.apply(order, now: now, slotLimit: 9)
  }

  /// A slot of a kvno is the slot of that kvno, whoever made it.
  private func keyedByVersion(_ order: SlotOrder, _ held: NodeSlots) -> (SlotOrder, NodeSlots) {
    var (order, held) = (order, held)
    let dropped = held.slots.filter { order.drop.contains($0.rotation) }.map(\.version)
    held.slots.removeAll { slot in order.slots.contains { $0.version == slot.version && $0.rotation != slot.rotation } }
    order.slots.removeAll { dropped.contains($0.version) }
    return (order, held)
  }

  /// What a node answers that does not do what it says.
  func forgedReport(of node: SimulatedNode, for order: SlotOrder) -> NodeReport? {
    switch world.planted {
    case .pushAfterCommit where order.slots.contains { $0.position == .next }: break
    case .answeredBeforeWritten where world.random.chance(0.3): break
    case .checksumsNotVerified where node.index == 0: break
    default: return nil
    }
    var report = node.report(refusal: nil, checksums: [], nonce: order.nonce)
    (report.epoch, report.version) = (order.epoch, order.version)
    report.slots = order.slots.map { slot in
      SlotReport(
        rotation: slot.rotation, version: slot.version, position: slot.position, fingerprint: slot.fingerprint,
        encryptionTypes: slot.keys?.keys.map(\.encryptionType) ?? [], setAt: slot.setAt, isProven: slot.committedEpoch != nil,
        retireAfter: slot.retireAfter)
    }
    report.checksums = order.slots.flatMap { slot in
      (slot.keys?.keys ?? []).map { key in
        let message = KeyChecksum.message(
          nonce: order.nonce, node: node.name, rotation: slot.rotation, fingerprint: slot.fingerprint)
        return KeyChecksum(
          rotation: slot.rotation, encryptionType: key.encryptionType,
          bytes: ToyKeys.tag(message, with: ToyKeys.number(of: key.bytes)))
      }
    }
    return report
  }
}
