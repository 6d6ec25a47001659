package import ControlProtocol
package import Foundation
import RotationCore

/// What `asactl account enctypes --json` prints.
package struct EncryptionDocument: Encodable, Sendable, Equatable {
  /// What one domain controller issues.
  package struct Controller: Encodable, Sendable, Equatable {
    /// Its DNS name.
    package var name: String
    /// Whether passwords and attributes are written to it.
    package var writer: Bool
    /// The types of its tickets now, over all SPNs.
    package var encryptionTypes: [String]
    /// Why it issued none.
    @NullIfAbsent package var fault: String?
  }

  /// What one node holds.
  package struct Node: Encodable, Sendable, Equatable {
    /// The node.
    package var node: String
    /// Its slots, newest first.
    package var slots: [SlotDocument]
    /// Why it does not count.
    @NullIfAbsent package var fault: String?
  }

  /// One step to AES.
  package struct Step: Encodable, Sendable, Equatable {
    /// `keys`, `attribute`, `proof` or `drop`.
    package var kind: String
    /// `done`, `due`, `waiting`, `blocked` or `later`.
    package var state: String
    /// Why.
    package var detail: String
    /// `rotate` or `write` where it is due.
    @NullIfAbsent package var action: String?
    /// Why it is blocked.
    @NullIfAbsent package var fault: FaultDocument?
    /// For whoever has the right, where that is the way out.
    package var commands: [String]
    /// When it comes by itself.
    @NullIfAbsent package var until: Date?
  }

  /// The account.
  package var account: String
  /// Where it is in the directory.
  package var distinguishedName: String
  /// msDS-SupportedEncryptionTypes; `null`: not set.
  @NullIfAbsent package var attribute: UInt32?
  /// The value that it is to have.
  package var goal: UInt32
  /// Whether the rotator may write it.
  package var mayWrite: Bool
  /// The domain controllers, the one that is written to first.
  package var controllers: [Controller]
  /// The nodes.
  package var nodes: [Node]
  /// The steps, in order.
  package var steps: [Step]
  /// What has just been done, one sentence each.
  package var done: [String]
}

extension EncryptionDocument {
  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_EncryptionReply) {
    account = reply.account.visible
    distinguishedName = reply.distinguishedName.visible
    attribute = reply.hasAttribute ? reply.attribute : nil
    goal = reply.goal
    mayWrite = reply.mayWrite
    controllers = reply.controllers.map { controller in
      Controller(
        name: controller.name.visible, writer: controller.writer, encryptionTypes: controller.encryptionTypes.map(\.visible),
        fault: controller.fault.visibleOrNil)
    }
    nodes = reply.nodes.map { node in
      Node(node: node.node.visible, slots: node.slots.map(SlotDocument.init), fault: node.fault.visibleOrNil)
    }
    steps = reply.steps.map(Step.init)
    done = reply.done.map(\.visible)
  }

  /// The first step that is not done.
  var next: Step? { steps.first { $0.state != "done" } }

  /// Turns what stands in the way into a fault. That tickets have to end is nothing to fail for.
  ///
  /// - Throws: `OperatorFault`: the one that blocks the next step, or `.temporary` where it has to be waited for.
  func conclude() throws(OperatorFault) {
    guard let next else { return }
    if let fault = next.fault { throw fault.operatorFault }
    if next.kind == "drop", next.state == "waiting" { return }
    throw OperatorFault(
      .temporary, account, "step '\(next.kind)' is not done: \(next.detail)",
      remedy: "run this again in a while, it goes on from there")
  }
}

extension EncryptionDocument.Step {
  fileprivate init(_ step: Asa_Control_V1_EncryptionStep) {
    kind = step.kind.visible
    state = step.state.visible
    detail = step.detail.visible
    action = step.action.visibleOrNil
    fault = step.hasFault ? FaultDocument(step.fault) : nil
    commands = step.commands.map(\.visible)
    until = step.hasUntil ? step.until.wholeSecond : nil
  }

  /// Whether a rotation is what it takes.
  var needsRotation: Bool { state == "due" && action == "rotate" }

  /// Whether a domain controller has to catch up, which takes seconds and not the life of a ticket.
  var isWaitingForControllers: Bool { state == "waiting" && kind != "drop" }
}
