import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf

extension Asa_Control_V1_AdoptCredentialReply {
  init(_ receipt: AdoptionReceipt) {
    self.init()
    account = receipt.request.account.description
    node = receipt.request.node.description
    stamp = receipt.stamp?.description ?? ""
    slots = receipt.slots.map(Asa_Control_V1_AdoptedSlot.init)
    refused = receipt.refusals.map(Asa_Control_V1_RefusedSlot.init)
    warnings = receipt.warnings
    message = receipt.sentence
  }
}

extension Asa_Control_V1_AdoptedSlot {
  init(_ slot: AdoptionReceipt.Slot) {
    self.init()
    worth = slot.worth.rawValue
    version = slot.version.number
    rotation = slot.rotation.description
    nodes = slot.nodes.map(\.description)
    if let end = slot.retireAfter { retireAfter = .init(date: end) }
  }
}

extension Asa_Control_V1_RefusedSlot {
  init(_ refusal: AdoptionReceipt.Refusal) {
    self.init()
    node = refusal.node.description
    version = refusal.version.number
    rotation = refusal.rotation.description
    reason = refusal.reason
  }
}
