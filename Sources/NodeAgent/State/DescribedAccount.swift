import Foundation
import RotationCore
import SecretMemory

/// An account in the slot file's description: everything but the keys, of which it has the types and lengths.
struct DescribedAccount: Codable {
  var account: AccountName
  var realm: Realm
  var servicePrincipalNames: [ServicePrincipalName]
  var formerServicePrincipalNames: [ServicePrincipalName]
  var applied: NodeSlots.AppliedOrder?
  var boundEpochs: [NodeSlots.BoundEpoch]
  var slots: [DescribedSlot]

  init(_ state: NodeSlots) {
    account = state.account
    realm = state.realm
    servicePrincipalNames = state.servicePrincipalNames
    formerServicePrincipalNames = state.formerServicePrincipalNames
    applied = state.applied
    boundEpochs = state.boundEpochs
    slots = state.slots.map(DescribedSlot.init)
  }

  /// Joins the description with the keys that follow it.
  func slots(reading keys: inout KeyReader) throws -> NodeSlots {
    var state = NodeSlots(account: account, realm: realm, servicePrincipalNames: servicePrincipalNames)
    state.formerServicePrincipalNames = formerServicePrincipalNames
    state.applied = applied
    state.boundEpochs = boundEpochs
    state.slots = try slots.map { try $0.slot(reading: &keys) }
    return state
  }
}

/// One slot in the description.
struct DescribedSlot: Codable {
  /// The type and the length of one key.
  struct Key: Codable {
    var encryptionType: Int32
    var length: Int
  }

  var rotation: RotationID
  var version: KeyVersion
  var position: SlotPosition
  var fingerprint: KeyFingerprint
  var salt: String?
  var keys: [Key]
  var setAt: Date
  var committedEpoch: Epoch?
  var isProven: Bool
  var retireAfter: Date?

  init(_ slot: HeldSlot) {
    rotation = slot.rotation
    version = slot.version
    position = slot.position
    fingerprint = slot.fingerprint
    salt = slot.keys.salt
    keys = slot.keys.keys.map { Key(encryptionType: $0.encryptionType, length: $0.bytes.count) }
    setAt = slot.setAt
    committedEpoch = slot.committedEpoch
    isProven = slot.isProven
    retireAfter = slot.retireAfter
  }

  /// Joins the description with the keys that follow it.
  func slot(reading reader: inout KeyReader) throws -> HeldSlot {
    var held: [AccountKey] = []
    for key in keys {
      held.append(AccountKey(encryptionType: key.encryptionType, bytes: try reader.next(key.length)))
    }
    return HeldSlot(
      rotation: rotation, version: version, position: position, fingerprint: fingerprint,
      keys: AccountKeys(keys: held, salt: salt), setAt: setAt, committedEpoch: committedEpoch, isProven: isProven,
      retireAfter: retireAfter)
  }
}
