import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf

extension Asa_Control_V1_EncryptionReply {
  init(_ report: EncryptionReport) {
    self.init()
    account = report.account.description
    distinguishedName = report.distinguishedName
    if let bits = report.attribute { attribute = bits }
    goal = report.goal
    mayWrite = report.mayWrite
    controllers = report.controllers.map(Asa_Control_V1_ControllerEncryption.init)
    nodes = report.nodes.map(Asa_Control_V1_NodeEncryption.init)
    steps = report.steps.map(Asa_Control_V1_EncryptionStep.init)
    done = report.done
  }
}

extension Asa_Control_V1_ControllerEncryption {
  init(_ controller: ControllerEncryption) {
    self.init()
    name = controller.name
    writer = controller.isWriter
    encryptionTypes = controller.encryptionTypes.map(EncryptionType.displayName)
    fault = controller.fault?.problem ?? ""
  }
}

extension Asa_Control_V1_NodeEncryption {
  init(_ holder: NodeEncryption) {
    self.init()
    node = holder.node.description
    slots = holder.slots.map(Asa_Control_V1_SlotStatus.init)
    fault = holder.problem ?? ""
  }
}

extension Asa_Control_V1_EncryptionStep {
  init(_ step: EncryptionStep) {
    self.init()
    kind = step.kind.rawValue
    state = step.state.rawValue
    detail = step.detail
    action = step.action?.rawValue ?? ""
    if let cause = step.fault { fault = .init(cause) }
    commands = step.commands
    if let end = step.until { until = .init(date: end) }
  }
}
