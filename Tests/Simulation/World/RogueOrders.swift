import Foundation
import RotationCore

/// Orders of a rotator that follows no rule: each is one that a node has to refuse, whatever it holds.
enum RogueOrder: CaseIterable {
  /// Another rotation under the epoch that is in force.
  case otherRotation
  /// The order of before.
  case older
  /// Other contents under the number of the order in force.
  case contradiction
  /// A newer order that destroys the newest proven key for nothing.
  case bareDrop
  /// Another key under the kvno of one that is held.
  case secondKey
  /// More slots than a node may hold.
  case tooMany
  /// One slot named twice.
  case twice
  /// A slot both named and dropped.
  case namedAndDropped
  /// A slot to be kept that was never held.
  case unknownSlot
  /// A password staged anew that the directory has taken.
  case committedAsNext
  /// The same under another kvno, as if nobody knew the one that tickets have.
  case committedMoved

  /// The order for a node that holds this and has accepted tickets with these keys; `nil` where there is nothing that it could break.
  func order(for held: NodeSlots, having accepted: Set<UInt64>, in world: World) -> SlotOrder? {
    guard let applied = held.applied, !held.slots.isEmpty else { return nil }
    let bound = held.boundEpochs.first { $0.epoch == applied.epoch }?.rotation
    var order = SlotOrder(
      account: held.account, realm: held.realm, epoch: applied.epoch, rotation: bound ?? Self.stranger(world),
      version: applied.version + 1,
      servicePrincipalNames: held.servicePrincipalNames, slots: held.slots.map(\.kept), drop: [], nonce: [1])
    switch self {
    case .otherRotation: order.rotation = Self.stranger(world)
    case .older:
      guard applied.version > 1 else { return nil }
      order.version = applied.version - 1
    case .contradiction:
      order.version = applied.version
      order.drop = [Self.stranger(world)]
    case .bareDrop:
      guard held.hasUnendedProof(at: Names.start.addingTimeInterval(world.now), by: accepted) else { return nil }
      (order.epoch, order.rotation) = (applied.epoch.next, Self.stranger(world))
      order.slots = []
      order.drop = held.slots.map(\.rotation)
    case .secondKey:
      guard let slot = held.slots.first else { return nil }
      order.slots.append(Self.slot(of: slot.version, in: world))
    case .tooMany: order.slots += (1...10).map { Self.slot(of: KeyVersion(1000 + $0), in: world) }
    case .twice: order.slots += held.slots.prefix(1).map(\.kept)
    case .namedAndDropped: order.drop = held.slots.prefix(1).map(\.rotation)
    case .unknownSlot:
      var slot = Self.slot(of: KeyVersion(1000), in: world)
      slot.keys = nil
      order.slots.append(slot)
    case .committedAsNext:
      guard let index = order.slots.firstIndex(where: { $0.committedEpoch != nil }) else { return nil }
      order.slots[index].position = .next
      order.slots[index].committedEpoch = nil
    case .committedMoved:
      guard let index = order.slots.firstIndex(where: { $0.committedEpoch != nil }) else { return nil }
      order.slots[index].version = KeyVersion(1000)
      order.slots[index].committedEpoch = nil
    }
    return order
  }

  private static func stranger(_ world: World) -> RotationID { RotationID("rogue-\(world.unique())") ?? .make() }

  private static func slot(of version: KeyVersion, in world: World) -> OrderedSlot {
    let keys = ToyKeys.keys(of: world.unique(), salt: "rogue", types: world.scenario.encryptionTypes)
    return OrderedSlot(
      rotation: stranger(world), version: version, position: .next, fingerprint: world.sites[0].fingerprint(of: keys),
      keys: keys, setAt: Names.start, committedEpoch: nil, retireAfter: nil)
  }
}

extension HeldSlot {
  /// The slot in an order that leaves it as it is.
  fileprivate var kept: OrderedSlot {
    OrderedSlot(
      rotation: rotation, version: version, position: position, fingerprint: fingerprint, keys: nil, setAt: setAt,
      committedEpoch: committedEpoch, retireAfter: retireAfter)
  }
}

extension NodeSlots {
  /// Whether the node knows of a key that domain controllers use, and none of those has come to its end.
  fileprivate func hasUnendedProof(at now: Date, by accepted: Set<UInt64>) -> Bool {
    let proven = slots.filter { slot in
      slot.committedEpoch != nil || slot.keys.keys.contains { accepted.contains(ToyKeys.keyName(of: $0)) }
    }
    return !proven.isEmpty && proven.allSatisfy { $0.retireAfter.map { $0 > now } ?? true }
  }
}

extension World {
  /// A rotator that follows no rule has got at a node; it gets nothing from it.
  func giveRogueOrder(to node: SimulatedNode) {
    guard node.isUp, let held = node.memory else { return }
    let kind = random.pick(RogueOrder.allCases)
    guard let order = kind.order(for: held, having: node.accepted, in: self) else { return }
    if case .refused = NodeSeam(world: self).apply(order, to: held, now: Names.start.addingTimeInterval(now)) { return }
    fail(.singleWriter, "\(node.name) carries out a rogue order: \(kind)")
  }
}
