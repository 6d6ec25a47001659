import ControlProtocol
package import Foundation

/// Everything to have in hand when a rotation is over.
package struct RotationReportDocument: Encodable, Sendable, Equatable {
  /// All nodes of the account, by array.
  package var destinations: [ArrayDocument]
  /// The keys that exist, newest first.
  package var credentials: [SlotDocument]
  /// What becomes of each key.
  package var prune: [PrunedKeyDocument]
  /// What the rotation came to on each node.
  package var pushes: [PushDocument]
  /// What it changed in Active Directory; `null`: it came to no plan.
  @NullIfAbsent package var change: DirectoryChangeDocument?
  /// The account in Active Directory as it was last read; `null`: it was not.
  @NullIfAbsent package var properties: AccountPropertiesDocument?
  /// What each node holds.
  package var nodes: [NodeSlotsDocument]
  /// `SUCCEEDED`, `SUCCEEDED WITH WARNINGS` or `FAILED`.
  package var verdict: String
}

/// The members of one array.
package struct ArrayDocument: Encodable, Sendable, Equatable {
  /// Its name.
  package var array: String
  /// The nodes.
  package var nodes: [String]
}

/// What becomes of one key.
package struct PrunedKeyDocument: Encodable, Sendable, Equatable {
  /// The kvno.
  package var version: UInt32
  /// The rotation that made it.
  package var rotation: String
  /// When it was destroyed; `null`: it exists.
  @NullIfAbsent package var destroyedAt: Date?
  /// When it may be destroyed; `null`: nothing limits it yet, or it is destroyed.
  @NullIfAbsent package var until: Date?
  /// Why it stays, or why it went.
  package var reason: String
}

/// What a rotation came to on one node.
package struct PushDocument: Encodable, Sendable, Equatable {
  /// The node.
  package var node: String
  /// The last step that it took: `staged`, `promoted`, `proven`, `restored`, `failed` or `none`.
  package var result: String
  /// More about it.
  @NullIfAbsent package var detail: String?
  /// The steps, in order.
  package var steps: [PushStepDocument]
}

/// One step of a node in a rotation.
package struct PushStepDocument: Encodable, Sendable, Equatable {
  /// When.
  @NullIfAbsent package var time: Date?
  /// `staged`, `promoted`, `proven`, `restored` or `failed`.
  package var step: String
  /// More about it.
  @NullIfAbsent package var detail: String?
}

/// What a rotation changed in Active Directory.
package struct DirectoryChangeDocument: Encodable, Sendable, Equatable {
  /// The domain controller that was written to.
  package var domainController: String
  /// The kvno before.
  package var versionBefore: UInt32
  /// The kvno after, where known.
  @NullIfAbsent package var versionAfter: UInt32?
  /// The stamp before; `null`: there was none.
  @NullIfAbsent package var stampBefore: String?
  /// The stamp after.
  @NullIfAbsent package var stampAfter: String?
  /// Whether the password was changed; `null`: nobody knows.
  @NullIfAbsent package var passwordChanged: Bool?
}

/// An account in Active Directory as it was last read.
package struct AccountPropertiesDocument: Encodable, Sendable, Equatable {
  /// `computer` or `user`.
  package var kind: String
  /// Where it is.
  package var distinguishedName: String
  /// Its sAMAccountName.
  package var samAccountName: String
  /// Its userPrincipalName.
  @NullIfAbsent package var userPrincipalName: String?
  /// When its password was last set.
  @NullIfAbsent package var passwordLastSet: Date?
  /// The SPNs that are registered on it.
  package var servicePrincipalNames: [String]
  /// msDS-SupportedEncryptionTypes; `null`: not set.
  @NullIfAbsent package var encryptionTypes: UInt32?
  /// When it was read.
  @NullIfAbsent package var readAt: Date?
}

extension RotationReportDocument {
  /// Reads the daemon's report.
  init(_ report: Asa_Control_V1_RotationReport) {
    destinations = report.destinations.map(ArrayDocument.init)
    credentials = report.credentials.map(SlotDocument.init)
    prune = report.prune.map(PrunedKeyDocument.init)
    pushes = report.pushes.map(PushDocument.init)
    change = report.hasChange ? DirectoryChangeDocument(report.change) : nil
    properties = report.hasProperties ? AccountPropertiesDocument(report.properties) : nil
    nodes = report.nodes.map(NodeSlotsDocument.init)
    verdict = report.verdict.visible
  }
}

extension ArrayDocument {
  /// Reads the daemon's list.
  init(_ members: Asa_Control_V1_ArrayMembers) {
    array = members.array.visible
    nodes = members.nodes.map(\.visible)
  }
}

extension PrunedKeyDocument {
  /// Reads what the daemon says of a key.
  init(_ status: Asa_Control_V1_PruneStatus) {
    version = status.version
    rotation = status.rotation.visible
    destroyedAt = status.hasDestroyedAt ? status.destroyedAt.wholeSecond : nil
    until = status.hasUntil ? status.until.wholeSecond : nil
    reason = status.reason.visible
  }
}

extension PushDocument {
  fileprivate init(_ status: Asa_Control_V1_PushStatus) {
    node = status.node.visible
    result = status.result.visible
    detail = status.detail.visibleOrNil
    steps = status.steps.map { step in
      PushStepDocument(
        time: step.hasTime ? step.time.wholeSecond : nil, step: step.step.visible, detail: step.detail.visibleOrNil)
    }
  }
}

extension DirectoryChangeDocument {
  fileprivate init(_ change: Asa_Control_V1_DirectoryChange) {
    domainController = change.domainController.visible
    versionBefore = change.versionBefore
    versionAfter = change.versionAfter == 0 ? nil : change.versionAfter
    stampBefore = change.stampBefore.visibleOrNil
    stampAfter = change.stampAfter.visibleOrNil
    passwordChanged = change.hasPasswordChanged ? change.passwordChanged : nil
  }
}

extension AccountPropertiesDocument {
  /// Reads what the daemon has read.
  init(_ properties: Asa_Control_V1_AccountProperties) {
    kind = properties.kind.visible
    distinguishedName = properties.distinguishedName.visible
    samAccountName = properties.samAccountName.visible
    userPrincipalName = properties.userPrincipalName.visibleOrNil
    passwordLastSet = properties.hasPasswordLastSet ? properties.passwordLastSet.wholeSecond : nil
    servicePrincipalNames = properties.servicePrincipalNames.map(\.visible)
    encryptionTypes = properties.hasEncryptionTypes ? properties.encryptionTypes : nil
    readAt = properties.hasReadAt ? properties.readAt.wholeSecond : nil
  }
}
