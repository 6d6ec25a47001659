import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf

// The core's values as messages of the control protocol.

extension Asa_Control_V1_Fault {
  init(_ fault: OperatorFault) {
    self.init()
    kind = fault.kind.rawValue
    subject = fault.subject
    problem = fault.problem
    remedy = fault.remedy
  }
}

extension Asa_Control_V1_AccountStatus {
  init(_ snapshot: AccountSnapshot) {
    self.init()
    account = snapshot.account.description
    realm = snapshot.realm.description
    phase = snapshot.phase
    rotation = snapshot.rotation?.description ?? ""
    detail = snapshot.detail
    nextDue = .init(date: snapshot.nextDue)
    if let success = snapshot.lastSuccess { lastSuccess = .init(date: success) }
    servicePrincipalNames = snapshot.servicePrincipalNames.map(\.description)
    nodes = snapshot.nodes.map(Asa_Control_V1_NodeSlots.init)
    if snapshot.isDue { dueSince = .init(date: snapshot.nextDue) }
    if let failures = snapshot.failures {
      failuresInARow = UInt32(failures.count)
      nextTry = .init(date: failures.pause.end)
    }
    if let paused = snapshot.pause { pause = .init(paused) }
    controllers = snapshot.controllers.map(Asa_Control_V1_ControllerStatus.init)
    if let read = snapshot.properties { properties = .init(read) }
  }
}

extension Asa_Control_V1_ControllerStatus {
  init(_ snapshot: ControllerSnapshot) {
    self.init()
    name = snapshot.name
    writer = snapshot.isWriter
    if let since = snapshot.behindSince { behindSince = .init(date: since) }
    problem = snapshot.problem ?? ""
  }
}

extension Asa_Control_V1_NodeSlots {
  init(_ snapshot: NodeSnapshot) {
    self.init()
    node = snapshot.node.description
    connection = snapshot.connection.rawValue
    behind = snapshot.isBehind
    fault = snapshot.fault ?? ""
    slots = snapshot.slots.map(Asa_Control_V1_SlotStatus.init)
    keytabs = snapshot.keytabs
    if let date = snapshot.removedAt { removedAt = .init(date: date) }
    consumers = snapshot.consumers.map(Asa_Control_V1_ConsumerStatus.init)
  }
}

extension Asa_Control_V1_ConsumerStatus {
  init(_ report: ConsumerReport) {
    self.init()
    name = report.name
    state = report.state.rawValue
    problem = report.problem ?? ""
  }
}

extension Asa_Control_V1_SlotStatus {
  init(_ report: SlotReport) {
    self.init()
    position = report.position.rawValue
    setAt = .init(date: report.setAt)
    version = report.version.number
    encryptionTypes = report.encryptionTypes.map(EncryptionType.displayName)
    rotation = report.rotation.description
    proven = report.isProven
    if let end = report.retireAfter { retireAfter = .init(date: end) }
  }
}

extension Asa_Control_V1_HistoryRecord {
  init(_ record: OutcomeRecord) {
    self.init()
    time = .init(date: record.time)
    kind = record.kind.rawValue
    account = record.account?.description ?? ""
    rotation = record.rotation?.description ?? ""
    phase = record.phase ?? ""
    nodes = record.nodes.map(\.description)
    version = record.version?.number ?? 0
    domainController = record.domainController ?? ""
    message = record.message
    if let changed = record.passwordChanged { passwordChanged = changed }
    controllersBehind = record.controllers ?? []
  }
}

extension Asa_Control_V1_NodeStatus {
  init(_ snapshot: FleetNodeSnapshot) {
    self.init()
    node = snapshot.node.description
    connection = snapshot.connection.rawValue
    installation = snapshot.attachment?.installation ?? snapshot.record?.installation ?? ""
    agentVersion = snapshot.attachment?.agentVersion ?? ""
    if let seen = snapshot.record?.lastSeen { lastSeen = .init(date: seen) }
    if snapshot.connection == .revoked, let revoked = snapshot.record?.revokedAt { revokedAt = .init(date: revoked) }
    if let expiry = snapshot.attachment?.certificateNotAfter { certificateNotAfter = .init(date: expiry) }
    if let offset = snapshot.clockOffset { clockOffset = offset }
    arrays = snapshot.arrays
    accounts = snapshot.accounts.map(\.description)
    fault = snapshot.fault ?? ""
    if let exclusion = snapshot.exclusion {
      excludedUntil = .init(date: exclusion.until)
      exclusionReason = exclusion.reason
    }
  }
}

extension Asa_Control_V1_RevokeNodeReply {
  init(_ receipt: RevocationReceipt) {
    self.init()
    revokedAt = .init(date: receipt.revokedAt)
    wasAttached = receipt.wasAttached
  }
}

extension Asa_Control_V1_NodeVerdict {
  init(_ verdict: ProofVerdict) {
    self.init()
    node = verdict.node.description
    servicePrincipalName = verdict.servicePrincipalName.description
    accepted = verdict.fault == nil
    version = verdict.version?.number ?? 0
    encryptionType = verdict.encryptionType.map(EncryptionType.displayName) ?? ""
    rotation = verdict.rotation?.description ?? ""
    error = verdict.fault?.problem ?? ""
    domainController = verdict.domainController ?? ""
  }
}

extension Asa_Control_V1_RotateProgress {
  init(_ progress: RotationProgress, of account: AccountName, at time: Date) {
    self.init()
    self.time = .init(date: time)
    self.account = account.description
    switch progress {
    case .planned(let plan): planned = .init(plan)
    case .phase(let name, let text):
      phase = .with {
        $0.phase = name
        $0.detail = text
      }
    case .node(let name, let step, let text):
      node = .with {
        $0.node = name.description
        $0.step = step.rawValue
        $0.detail = text
      }
    case .report: break
    case .ended(let rotation, let ending): ended = .init(ending, of: account, rotation: rotation)
    case .refused(let refusal): fault = .init(refusal)
    case .dryRunEnded:
      ended = .with {
        $0.outcome = "planned"
        $0.message = "Nothing was changed."
      }
    }
  }
}

extension Asa_Control_V1_RotationPlanned {
  init(_ plan: PlanSummary) {
    self.init()
    account = plan.account.description
    rotation = plan.rotation.description
    currentVersion = plan.currentVersion.number
    plannedVersion = plan.plannedVersion.number
    domainController = plan.domainController
    nodes = plan.participants.map(\.description)
    missingNodes = plan.absent.map(\.description)
    required = UInt32(plan.required)
    warnings = plan.warnings
    droppedVersions = plan.dropped.map(\.number)
    if let end = plan.refusedUntil { refusedUntil = .init(date: end) }
    shutOut = plan.shutOut.map(\.description)
    obstacles = plan.obstacles.map(Asa_Control_V1_Fault.init)
    destinations = plan.destinations.map(Asa_Control_V1_ArrayMembers.init)
  }
}

extension Asa_Control_V1_RotationEnded {
  init(_ ending: RotationEnding, of account: AccountName, rotation: RotationID?) {
    self.init()
    outcome = ending.outcome.rawValue
    if let changed = ending.passwordChanged { passwordChanged = changed }
    version = ending.version?.number ?? 0
    nodesBehind = ending.nodes.map(\.description)
    controllersBehind = ending.controllers ?? []
    self.rotation = rotation?.description ?? ""
    message = ending.sentence(about: account)
    if let cause = ending.fault { fault = .init(cause) }
    droppedVersions = (ending.compromised?.dropped ?? []).map(\.number)
    keptVersions = (ending.compromised?.kept ?? []).map(\.number)
  }
}

extension Compromise {
  /// - Throws: `OperatorFault` of kind `.usage` without a reason, or with a name that is none.
  init(_ message: Asa_Control_V1_Compromise) throws(OperatorFault) {
    guard !message.reason.isEmpty else {
      throw OperatorFault(.usage, "--compromised", "has no reason", remedy: "give one with --reason")
    }
    var nodes: [NodeName] = []
    for name in message.shutOut { nodes.append(try NodeName(name)) }
    self.init(reason: message.reason, shutOut: nodes, dropsAtOnce: message.dropNow)
  }
}
