package import Foundation

extension NodeSlots {
  /// What an order comes to.
  package enum OrderOutcome: Sendable, Equatable {
    /// Carried out: hold this from now on.
    case changed(NodeSlots)
    /// The order that was carried out last, again: there is nothing to do but to report.
    case repeated
    /// Not to be carried out.
    case refused(OrderRefusal)
  }

  /// How long a slot that an order no longer names stays usable: the default ticket lifetime of 10 hours and the default clock
  /// skew of 5 minutes (MS-KILE 3.3.1, RFC 4120 section 8.2).
  package static let unnamedSlotLifetime: TimeInterval = 10 * 3600 + 5 * 60

  /// Decides about an order. Changes nothing; the caller makes the outcome durable first.
  ///
  /// - Parameters:
  ///   - order: The order, for this account.
  ///   - now: The node's time, from which the end of an unnamed slot is counted.
  ///   - slotLimit: The most slots that the node holds for an account.
  package func apply(_ order: SlotOrder, now: Date, slotLimit: Int) -> OrderOutcome {
    if let applied, (order.epoch, order.version) == (applied.epoch, applied.version),
      OrderDigest(of: order) == applied.digest
    {
      return .repeated
    }
    do throws(RefusedOrder) {
      try checkPlace(of: order)
      try checkForm(of: order)
      try checkCommittedStays(in: order)
      let named = try order.slots.map { slot throws(RefusedOrder) in try resolve(slot, in: order) }
      let left = leftOver(by: order, named: named, now: now)
      try checkProvenSlotStays(named + left, in: order, at: now)
      try checkKeyVersions(named + left, in: order)
      try checkCount(named + left, limit: slotLimit, in: order)
      return .changed(becoming(named + left, by: order))
    } catch {
      return .refused(error.refusal)
    }
  }

  private func becoming(_ slots: [HeldSlot], by order: SlotOrder) -> NodeSlots {
    var next = self
    next.realm = order.realm
    next.rename(to: order.servicePrincipalNames)
    next.slots = slots
    next.applied = AppliedOrder(epoch: order.epoch, version: order.version, digest: OrderDigest(of: order))
    if !boundEpochs.contains(where: { $0.epoch == order.epoch }) {
      next.boundEpochs = (boundEpochs + [BoundEpoch(epoch: order.epoch, rotation: order.rotation)])
        .suffix(Self.boundEpochLimit)
    }
    return next
  }

  /// The slot that an order asks for, with its own keys or with those held under its fingerprint.
  private func resolve(_ slot: OrderedSlot, in order: SlotOrder) throws(RefusedOrder) -> HeldSlot {
    let sameKeys = slots.filter { $0.fingerprint == slot.fingerprint }
    let held = sameKeys.first { $0.rotation == slot.rotation } ?? sameKeys.first
    guard let keys = slot.keys ?? held?.keys else {
      throw order.refused(
        .unknownSlot,
        "slot \(slot.rotation) (kvno \(slot.version)) shall be kept, but no key with fingerprint \(slot.fingerprint) is held")
    }
    // A committed password is one that a domain controller has confirmed with a ticket.
    let isProven = slot.committedEpoch != nil || sameKeys.contains(where: \.isProven)
    return HeldSlot(
      rotation: slot.rotation, version: slot.version, position: slot.position, fingerprint: slot.fingerprint,
      keys: AccountKeys(keys: keys.keys, salt: keys.salt ?? held?.keys.salt), setAt: slot.setAt,
      committedEpoch: slot.committedEpoch ?? held?.committedEpoch, isProven: isProven, retireAfter: slot.retireAfter)
  }

  /// The slots that the order neither names nor drops. They get an end, never more than that.
  private func leftOver(by order: SlotOrder, named: [HeldSlot], now: Date) -> [HeldSlot] {
    slots.filter { held in
      !order.drop.contains(held.rotation)
        && !named.contains {
          $0.rotation == held.rotation || ($0.fingerprint == held.fingerprint && $0.version == held.version)
        }
    }.map { held in
      var left = held
      left.position = .retiring
      left.retireAfter = held.retireAfter ?? now.addingTimeInterval(Self.unnamedSlotLifetime)
      return left
    }
  }
}
