import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf

// What a rotation came to, as messages of the control protocol.

extension Asa_Control_V1_RotationReport {
  init(_ report: RotationReport) {
    self.init()
    destinations = report.destinations.map(Asa_Control_V1_ArrayMembers.init)
    credentials = report.credentials.map(Asa_Control_V1_SlotStatus.init)
    prune = report.prune.map(Asa_Control_V1_PruneStatus.init)
    pushes = report.pushes.map(Asa_Control_V1_PushStatus.init)
    if let change = report.change { self.change = .init(change) }
    if let read = report.properties { properties = .init(read) }
    nodes = report.nodes.map(Asa_Control_V1_NodeSlots.init)
    verdict = report.verdict.rawValue
  }
}

extension Asa_Control_V1_ArrayMembers {
  init(_ members: ArrayMembers) {
    self.init()
    array = members.array
    nodes = members.nodes.map(\.description)
  }
}

extension Asa_Control_V1_SlotStatus {
  init(_ report: CredentialReport) {
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

extension Asa_Control_V1_PruneStatus {
  init(_ standing: KeyStanding) {
    self.init()
    version = standing.version.number
    rotation = standing.rotation.description
    if let time = standing.destroyedAt { destroyedAt = .init(date: time) }
    if let end = standing.until { until = .init(date: end) }
    reason = standing.reason
  }
}

extension Asa_Control_V1_PushStatus {
  init(_ push: NodePush) {
    self.init()
    node = push.node.description
    result = push.last?.step.rawValue ?? "none"
    detail = push.last?.detail ?? push.remark
    steps = push.steps.map { mark in
      .with {
        $0.time = .init(date: mark.time)
        $0.step = mark.step.rawValue
        $0.detail = mark.detail
      }
    }
  }
}

extension Asa_Control_V1_DirectoryChange {
  init(_ change: DirectoryChange) {
    self.init()
    domainController = change.domainController
    versionBefore = change.versionBefore.number
    versionAfter = change.versionAfter?.number ?? 0
    stampBefore = change.stampBefore?.description ?? ""
    stampAfter = change.stampAfter?.description ?? ""
    if let changed = change.passwordChanged { passwordChanged = changed }
  }
}

extension Asa_Control_V1_AccountProperties {
  init(_ properties: AccountProperties) {
    self.init()
    kind = properties.kind.rawValue
    distinguishedName = properties.distinguishedName
    samAccountName = properties.samAccountName
    userPrincipalName = properties.userPrincipalName ?? ""
    if let date = properties.passwordLastSet { passwordLastSet = .init(date: date) }
    servicePrincipalNames = properties.servicePrincipalNames
    if let bits = properties.supportedEncryptionTypes { encryptionTypes = bits }
    readAt = .init(date: properties.readAt)
  }
}
