package import Foundation
package import RotationCore
package import SecretMemory

/// Values of a node's slots and orders.
package enum Samples {
  /// The store's secret for fingerprints.
  package static let secret = SecretBytes.random(count: 32)
  /// The realm.
  package static let realm = Realm("LAB.EXAMPLE")
  /// When everything was set.
  package static let start = Date(timeIntervalSince1970: 1_790_000_000)

  /// The account.
  package static var account: AccountName { get throws { try AccountName("LAB\\EXCH2016ASA$") } }
  /// Its SPN.
  package static var mail: ServicePrincipalName { get throws { try ServicePrincipalName("http/mail.lab.example") } }

  /// Fresh keys.
  package static func keys() -> AccountKeys {
    AccountKeys(
      keys: [
        AccountKey(encryptionType: 18, bytes: .random(count: 32)), AccountKey(encryptionType: 17, bytes: .random(count: 16)),
      ], salt: nil)
  }

  /// A slot as the rotator orders it.
  package static func slot(
    _ version: UInt32, _ position: SlotPosition, rotation: RotationID = .make(), keys: AccountKeys = keys(),
    committed: Epoch? = nil
  ) -> OrderedSlot {
    OrderedSlot(
      rotation: rotation, version: KeyVersion(version), position: position,
      fingerprint: KeyFingerprint(of: keys, under: secret),
      keys: keys, setAt: start, committedEpoch: committed, retireAfter: nil)
  }

  /// An order.
  package static func order(
    _ number: UInt64 = 1, epoch: Epoch = Epoch(era: 1, number: 5), rotation: RotationID, slots: [OrderedSlot],
    drop: [RotationID] = []
  ) throws -> SlotOrder {
    SlotOrder(
      account: try account, realm: realm, epoch: epoch, rotation: rotation, version: number, servicePrincipalNames: [try mail],
      slots: slots, drop: drop, nonce: Array(1...16))
  }
}

extension OrderedSlot {
  /// The same slot without its keys: "keep what you hold".
  package var kept: OrderedSlot {
    var slot = self
    slot.keys = nil
    return slot
  }

  /// The same slot in another position.
  package func becoming(
    _ position: SlotPosition, version: UInt32? = nil, committed: Epoch? = nil, retireAfter: Date? = nil
  ) -> OrderedSlot {
    var slot = self
    slot.position = position
    slot.version = version.map(KeyVersion.init) ?? self.version
    slot.committedEpoch = committed ?? committedEpoch
    slot.retireAfter = retireAfter
    return slot
  }
}

extension NodeSlots {
  /// The state after an order that has to be carried out.
  package func after(_ order: SlotOrder, limit: Int = 8) throws -> NodeSlots {
    switch apply(order, now: Samples.start, slotLimit: limit) {
    case .changed(let next): return next
    case .repeated: return self
    case .refused(let refusal): throw OperatorFault(.software, "test", refusal.message)
    }
  }

  /// Why an order is refused; `nil` if it is not.
  package func refusal(of order: SlotOrder, limit: Int = 8) -> OrderRefusal.Reason? {
    guard case .refused(let refusal) = apply(order, now: Samples.start, slotLimit: limit) else { return nil }
    return refusal.reason
  }

  /// A node that holds nothing.
  package static var empty: NodeSlots {
    get throws {
      NodeSlots(account: try Samples.account, realm: Samples.realm, servicePrincipalNames: [try Samples.mail])
    }
  }
}
