import Foundation

/// What a guard throws: the refusal to report.
struct RefusedOrder: Error {
  let refusal: OrderRefusal
}

extension SlotOrder {
  /// A refusal of this order.
  package func refusal(_ reason: OrderRefusal.Reason, _ message: String) -> OrderRefusal {
    OrderRefusal(reason, "\(account): \(message)", epoch: epoch, version: version)
  }

  /// A refusal of this order, to be thrown by a guard.
  func refused(_ reason: OrderRefusal.Reason, _ message: String) -> RefusedOrder {
    RefusedOrder(refusal: refusal(reason, message))
  }
}

extension NodeSlots {
  /// Refuses an order that is older than the last one, contradicts it, or comes from a rotation that the epoch is not bound to.
  func checkPlace(of order: SlotOrder) throws(RefusedOrder) {
    if let bound = boundEpochs.first(where: { $0.epoch == order.epoch }), bound.rotation != order.rotation {
      throw order.refused(
        .epochBoundElsewhere, "epoch \(order.epoch) is bound to rotation \(bound.rotation), not to \(order.rotation)")
    }
    guard let applied else {
      // Only a node whose keys were removed has seen epochs and applied nothing.
      guard let newest = boundEpochs.last, order.epoch < newest.epoch else { return }
      throw order.refused(.stale, "epoch \(order.epoch) is older than epoch \(newest.epoch), which was in force")
    }
    let (place, last) = ((order.epoch, order.version), (applied.epoch, applied.version))
    if place < last {
      throw order.refused(
        .stale,
        "order \(order.version) of epoch \(order.epoch) is older than order \(last.1) of epoch \(last.0), which is in force")
    }
    if place == last {
      throw order.refused(
        .conflictingOrder, "order \(order.version) of epoch \(order.epoch) was carried out before with other contents")
    }
  }

  /// Refuses an order that contradicts itself.
  func checkForm(of order: SlotOrder) throws(RefusedOrder) {
    let rotations = order.slots.map(\.rotation)
    if Set(rotations).count != rotations.count { throw order.refused(.other, "the order names a slot twice") }
    if let both = rotations.first(where: order.drop.contains) {
      throw order.refused(.other, "the order both names and drops slot \(both)")
    }
  }

  /// Refuses an order that stages a password anew which the directory has taken, or moves its keys to another kvno: its rotator does not know
  /// that yet, and the kvno that it has predicted may be another than the one that tickets have.
  func checkCommittedStays(in order: SlotOrder) throws(RefusedOrder) {
    for slot in order.slots where slot.committedEpoch == nil {
      guard let held = slots.first(where: { $0.rotation == slot.rotation && $0.committedEpoch != nil }),
        slot.position == .next || slot.version != held.version
      else { continue }
      throw order.refused(
        .stale,
        "slot \(held.rotation) (kvno \(held.version)) shall be \(slot.position.rawValue) under kvno \(slot.version), and the directory "
          + "has taken its password already")
    }
  }

  /// Refuses an order that would destroy the newest proven keys, unless it brings newer ones that the directory has taken, or their own end
  /// has come: a rotator that lost its store and its domain controller could never give the node anything else.
  func checkProvenSlotStays(_ result: [HeldSlot], in order: SlotOrder, at now: Date) throws(RefusedOrder) {
    if let end = newestProven?.retireAfter, end <= now { return }
    guard let proven = newestProven, !result.contains(where: { $0.fingerprint == proven.fingerprint }) else { return }
    let replaced = result.contains { slot in slot.committedEpoch.map { $0 > rank(of: proven) } ?? false }
    if !replaced {
      throw order.refused(
        .wouldDropProvenSlot,
        "slot \(proven.rotation) (kvno \(proven.version)) is the newest that a domain controller has used, and the order brings "
          + "no newer committed one")
    }
  }

  /// When the directory took a proven slot's password, as far as this node can tell: adopted keys are older than any claim, and a
  /// staged one was taken under the last epoch of its rotation.
  func rank(of slot: HeldSlot) -> Epoch {
    slot.committedEpoch ?? boundEpochs.last { $0.rotation == slot.rotation }?.epoch ?? .zero
  }

  /// Refuses two different keys under one kvno.
  func checkKeyVersions(_ result: [HeldSlot], in order: SlotOrder) throws(RefusedOrder) {
    for (index, slot) in result.enumerated() {
      guard let other = result[(index + 1)...].first(where: slot.conflicts(with:)) else { continue }
      throw order.refused(
        .versionHeldByAnotherKey,
        "kvno \(slot.version) of slot \(slot.rotation) is held under another key by slot \(other.rotation)")
    }
  }

  /// Refuses more slots of rotations than the node holds for an account; many kvnos make every acceptance slow. Keys that the node came with
  /// do not count: clients may hold tickets under each, and they end within a ticket's life of the first order.
  func checkCount(_ result: [HeldSlot], limit: Int, in order: SlotOrder) throws(RefusedOrder) {
    let count = result.count { !$0.rotation.isAdopted }
    guard count > limit else { return }
    throw order.refused(.tooManySlots, "the order makes \(count) slots, the node's limit is \(limit)")
  }
}
