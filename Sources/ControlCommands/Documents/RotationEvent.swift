package import ControlProtocol
package import Foundation
import SwiftProtobuf

/// One line of `asactl rotate --json`: what happened, and when. The field `type` says which of the events it is.
package struct RotationEvent: Encodable, Sendable, Equatable {
  /// The kinds of event.
  package enum Content: Sendable, Equatable {
    /// `planned`: what will be done.
    case planned(RotationPlan)
    /// `phase`: the rotation entered a phase.
    case phase(PhaseEntry)
    /// `node`: a node took a step.
    case node(NodeStep)
    /// `fault`: the request was refused.
    case fault(FaultDocument)
    /// `ended`: the outcome; always the last line.
    case ended(RotationOutcome)
  }

  /// When, on the rotator's clock.
  @NullIfAbsent package var time: Date?
  /// The account: rotations of several run side by side.
  @NullIfAbsent package var account: String?
  /// What.
  package var content: Content
  /// When to the last digit, for people.
  var moment: Date?

  private enum Keys: CodingKey { case time, type, account }

  /// Encodes the event's own fields beside `time` and `type`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(_time, forKey: .time)
    try container.encode(_account, forKey: .account)
    try container.encode(typeName, forKey: .type)
    switch content {
    case .planned(let plan): try plan.encode(to: encoder)
    case .phase(let phase): try phase.encode(to: encoder)
    case .node(let step): try step.encode(to: encoder)
    case .fault(let fault): try fault.encode(to: encoder)
    case .ended(let outcome): try outcome.encode(to: encoder)
    }
  }

  private var typeName: String {
    switch content {
    case .planned: "planned"
    case .phase: "phase"
    case .node: "node"
    case .fault: "fault"
    case .ended: "ended"
    }
  }
}

/// The plan of a rotation.
package struct RotationPlan: Encodable, Sendable, Equatable {
  /// The account.
  package var account: String
  /// The rotation's id.
  @NullIfAbsent package var rotation: String?
  /// The kvno now.
  package var currentVersion: UInt32
  /// The kvno after it.
  package var plannedVersion: UInt32
  /// The domain controller that is written to.
  package var domainController: String
  /// The nodes that take part.
  package var nodes: [String]
  /// The configured nodes that are not there.
  package var missingNodes: [String]
  /// How many nodes must confirm before the password is changed.
  package var required: UInt32
  /// What to know before saying yes.
  package var warnings: [String]
  /// The kvnos whose keys are destroyed at the end; empty unless they are compromised.
  package var droppedVersions: [UInt32]
  /// Until when at most clients with tickets under them are refused.
  @NullIfAbsent package var refusedUntil: Date?
  /// The nodes that are revoked first.
  package var shutOut: [String]
  /// What stands in the way, each found apart from the others; empty unless this is a dry run that is refused.
  package var obstacles: [FaultDocument]
  /// All nodes, by array.
  package var destinations: [ArrayDocument]
}

/// A phase of a rotation.
package struct PhaseEntry: Encodable, Sendable, Equatable {
  /// `claimed`, `staging`, `committing`, `outcomeUnknown`, `verifying`, `promoting`, `proving`, `fencing` or `unstaging`.
  package var phase: String
  /// What it waits for.
  @NullIfAbsent package var detail: String?
}

/// A step of one node in a rotation.
package struct NodeStep: Encodable, Sendable, Equatable {
  /// The node.
  package var node: String
  /// `staged`, `promoted`, `proven`, `restored` or `failed`.
  package var step: String
  /// More about it.
  @NullIfAbsent package var detail: String?
}

/// How a rotation ended.
package struct RotationOutcome: Encodable, Sendable, Equatable {
  /// `succeeded`, `degraded` or `failed`; `planned` for a dry run.
  package var outcome: String
  /// Whether the password in the directory was changed; `null`: nobody knows.
  @NullIfAbsent package var passwordChanged: Bool?
  /// The kvno in the directory now, where known.
  @NullIfAbsent package var version: UInt32?
  /// One sentence.
  package var message: String
  /// The nodes that have to catch up.
  package var nodesBehind: [String]
  /// The domain controllers that have not got the new password yet.
  package var controllersBehind: [String]
  /// The kvnos whose keys were destroyed because they were compromised.
  package var droppedVersions: [UInt32]
  /// Those whose keys are still to be.
  package var keptVersions: [UInt32]
  /// The rotation's id.
  @NullIfAbsent package var rotation: String?
  /// Why it failed.
  @NullIfAbsent package var fault: FaultDocument?
  /// Everything to have in hand when it is over; `null` for a dry run.
  @NullIfAbsent package var report: RotationReportDocument?
}

extension RotationEvent {
  /// Reads the daemon's message; `nil` for an event that this version does not know.
  package init?(_ progress: Asa_Control_V1_RotateProgress) {
    guard let event = progress.event else { return nil }
    time = progress.hasTime ? progress.time.wholeSecond : nil
    moment = progress.hasTime ? progress.time.date : nil
    account = progress.account.visibleOrNil
    switch event {
    case .planned(let plan): content = .planned(RotationPlan(plan))
    case .phase(let entered):
      content = .phase(PhaseEntry(phase: entered.phase.visible, detail: entered.detail.visibleOrNil))
    case .node(let step):
      content = .node(NodeStep(node: step.node.visible, step: step.step.visible, detail: step.detail.visibleOrNil))
    case .ended(let ended): content = .ended(RotationOutcome(ended))
    case .fault(let fault): content = .fault(FaultDocument(fault))
    }
  }
}

extension RotationPlan {
  fileprivate init(_ plan: Asa_Control_V1_RotationPlanned) {
    account = plan.account.visible
    rotation = plan.rotation.visibleOrNil
    currentVersion = plan.currentVersion
    plannedVersion = plan.plannedVersion
    domainController = plan.domainController.visible
    nodes = plan.nodes.map(\.visible)
    missingNodes = plan.missingNodes.map(\.visible)
    required = plan.required
    warnings = plan.warnings.map(\.visible)
    droppedVersions = plan.droppedVersions
    refusedUntil = plan.hasRefusedUntil ? plan.refusedUntil.wholeSecond : nil
    shutOut = plan.shutOut.map(\.visible)
    obstacles = plan.obstacles.map(FaultDocument.init)
    destinations = plan.destinations.map(ArrayDocument.init)
  }
}

extension RotationOutcome {
  fileprivate init(_ ended: Asa_Control_V1_RotationEnded) {
    outcome = ended.outcome.visible
    passwordChanged = ended.hasPasswordChanged ? ended.passwordChanged : nil
    version = ended.version == 0 ? nil : ended.version
    message = ended.message.visible
    nodesBehind = ended.nodesBehind.map(\.visible)
    controllersBehind = ended.controllersBehind.map(\.visible)
    droppedVersions = ended.droppedVersions
    keptVersions = ended.keptVersions
    rotation = ended.rotation.visibleOrNil
    fault = ended.hasFault ? FaultDocument(ended.fault) : nil
    report = ended.hasReport ? RotationReportDocument(ended.report) : nil
  }
}
