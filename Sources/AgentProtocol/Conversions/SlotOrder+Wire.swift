import Foundation
package import RotationCore
import SecretMemory
import SwiftProtobuf

extension SlotOrder {
  /// Reads an order from the wire. Keys arrive without their salt.
  ///
  /// - Throws: ``OperatorFault`` of kind `.protocol` naming the malformed field.
  package init(_ wire: Asa_Agent_V1_SlotOrder) throws(OperatorFault) {
    let reader = WireReader(message: "slot order")
    self.init(
      account: try reader.account(wire.account, "account"), realm: try reader.realm(wire.realm, "realm"),
      epoch: try reader.epoch(wire.hasEpoch ? wire.epoch : nil, "epoch"),
      rotation: try reader.rotation(wire.rotation, "rotation"), version: wire.version,
      servicePrincipalNames: try reader.list(
        wire.servicePrincipalNames, "service_principal_names", limit: WireLimits.servicePrincipalNames,
        reader.servicePrincipalName),
      slots: try reader.list(wire.slots, "slots", limit: WireLimits.slots, reader.orderedSlot),
      drop: try reader.list(wire.drop, "drop", limit: WireLimits.drops, reader.rotation),
      nonce: try reader.bytes(wire.nonce, "nonce", limit: WireLimits.nonceBytes))
  }

  /// The order as it travels.
  package var wire: Asa_Agent_V1_SlotOrder {
    .with {
      $0.account = account.description
      $0.realm = realm.description
      $0.epoch = epoch.wire
      $0.rotation = rotation.description
      $0.version = version
      $0.servicePrincipalNames = servicePrincipalNames.map(\.description)
      $0.slots = slots.map(\.wire)
      $0.drop = drop.map(\.description)
      $0.nonce = Data(nonce)
    }
  }
}

extension OrderedSlot {
  fileprivate var wire: Asa_Agent_V1_SlotEntry {
    .with { entry in
      entry.rotation = rotation.description
      entry.version = version.number
      entry.position = position.wire
      entry.fingerprint = fingerprint.description
      entry.keys = (keys?.keys ?? []).map(\.wire)
      entry.setAt = Google_Protobuf_Timestamp(date: setAt)
      if let committedEpoch { entry.committedEpoch = committedEpoch.wire }
      if let retireAfter { entry.retireAfter = Google_Protobuf_Timestamp(date: retireAfter) }
    }
  }
}

extension AccountKey {
  // Protobuf carries bytes in Data, which cannot be wiped: this copy, and those that serialisation and TLS make of it, live until
  // the message has been written. Build the wire form last and let go of it at once.
  fileprivate var wire: Asa_Agent_V1_AccountKey {
    .with {
      $0.encryptionType = encryptionType
      $0.key = bytes.withUnsafeBytes { Data($0) }
    }
  }
}

extension WireReader {
  fileprivate func orderedSlot(_ wire: Asa_Agent_V1_SlotEntry, _ field: String) throws(OperatorFault) -> OrderedSlot {
    OrderedSlot(
      rotation: try rotation(wire.rotation, "\(field).rotation"), version: KeyVersion(wire.version),
      position: try position(wire.position, "\(field).position"),
      fingerprint: try fingerprint(wire.fingerprint, "\(field).fingerprint"), keys: try keys(wire.keys, "\(field).keys"),
      setAt: try date(wire.hasSetAt ? wire.setAt : nil, "\(field).set_at"),
      committedEpoch: wire.hasCommittedEpoch ? try epoch(wire.committedEpoch, "\(field).committed_epoch") : nil,
      retireAfter: wire.hasRetireAfter ? try date(wire.retireAfter, "\(field).retire_after") : nil)
  }

  private func keys(_ wire: [Asa_Agent_V1_AccountKey], _ field: String) throws(OperatorFault) -> AccountKeys? {
    guard !wire.isEmpty else { return nil }
    let keys = try list(wire, field, limit: WireLimits.keysPerSlot, accountKey)
    guard Set(keys.map(\.encryptionType)).count == keys.count else { throw fault(field, "has two keys of one encryption type") }
    return AccountKeys(keys: keys, salt: nil)
  }

  private func accountKey(_ wire: Asa_Agent_V1_AccountKey, _ field: String) throws(OperatorFault) -> AccountKey {
    guard (1...WireLimits.keyBytes).contains(wire.key.count) else {
      throw fault("\(field).key", "is not between 1 and \(WireLimits.keyBytes) bytes long")
    }
    return AccountKey(encryptionType: wire.encryptionType, bytes: wire.key.withUnsafeBytes { SecretBytes(copying: $0) })
  }
}
