package import ControlProtocol
package import Foundation

/// What `asactl status --json` prints.
package struct StatusDocument: Encodable, Sendable, Equatable {
  /// The rotator's id, which its claims in the directory carry.
  package var rotator: String
  /// The version of the running asa-rotatord.
  package var daemonVersion: String
  /// The accounts, as configured.
  package var accounts: [AccountDocument]
  /// The alarms that are not over, or not acknowledged.
  package var alarms: [AlarmDocument]
}

/// One account of a ``StatusDocument``.
package struct AccountDocument: Encodable, Sendable, Equatable {
  /// `DOMAIN\name`.
  package var account: String
  /// The realm.
  package var realm: String
  /// `idle`, or the phase of the rotation in progress.
  package var phase: String
  /// The rotation in progress, or the last one.
  @NullIfAbsent package var rotation: String?
  /// What it waits for, or how the last attempt ended.
  @NullIfAbsent package var detail: String?
  /// When the next rotation is due.
  @NullIfAbsent package var nextDue: Date?
  /// Since when a rotation has been due that has not succeeded yet.
  @NullIfAbsent package var dueSince: Date?
  /// When the schedule tries again after failures.
  @NullIfAbsent package var nextTry: Date?
  /// How many attempts in a row have failed.
  package var failuresInARow: UInt32
  /// Why and until when the schedule stands still; `null` if it does not.
  @NullIfAbsent package var pause: PauseDocument?
  /// When the last rotation succeeded.
  @NullIfAbsent package var lastSuccess: Date?
  /// The SPNs.
  package var servicePrincipalNames: [String]
  /// The domain controllers, the one that is written to first.
  package var controllers: [ControllerDocument]
  /// The account in Active Directory as it was last read; `null`: it was not.
  @NullIfAbsent package var properties: AccountPropertiesDocument?
  /// The nodes.
  package var nodes: [NodeSlotsDocument]
}

/// One domain controller of an ``AccountDocument``.
package struct ControllerDocument: Encodable, Sendable, Equatable {
  /// Its DNS name.
  package var name: String
  /// Whether passwords are set on it; the others get them by replication.
  package var writer: Bool
  /// Since when its tickets may be issued under an older key; `null`: they are not.
  @NullIfAbsent package var behindSince: Date?
  /// What was wrong when it was last asked.
  @NullIfAbsent package var problem: String?
}

/// One node of an ``AccountDocument``.
package struct NodeSlotsDocument: Encodable, Sendable, Equatable {
  /// Its name.
  package var node: String
  /// `attached`, `detached`, `revoked` or `never-seen`.
  package var connection: String
  /// Whether it does not hold yet what it should.
  package var behind: Bool
  /// Since when it is not given the account's keys, because somebody has removed them; `null`: it is.
  @NullIfAbsent package var removedAt: Date?
  /// What is wrong on the node.
  @NullIfAbsent package var fault: String?
  /// The keytabs that hold the account's keys.
  package var keytabs: [String]
  /// The programs on it that cache a keytab.
  package var consumers: [ConsumerDocument]
  /// The slots, newest first.
  package var slots: [SlotDocument]
}

/// One slot of a ``NodeSlotsDocument``.
package struct SlotDocument: Encodable, Sendable, Equatable {
  /// `next`, `latest`, `previous` or `retiring`.
  package var position: String
  /// When the password was set.
  @NullIfAbsent package var setAt: Date?
  /// The kvno.
  package var version: UInt32
  /// The names of the encryption types held; empty once the keys are destroyed.
  package var encryptionTypes: [String]
  /// The rotation that made it.
  @NullIfAbsent package var rotation: String?
  /// Whether a domain controller's ticket has opened with it.
  package var proven: Bool
  /// When the keys may be, or were, destroyed.
  @NullIfAbsent package var retireAfter: Date?
  /// Whether the keys are destroyed and only the record is left.
  package var retired: Bool
}

extension StatusDocument {
  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_StatusReply) {
    rotator = reply.rotator.visible
    daemonVersion = reply.daemonVersion.visible
    accounts = reply.accounts.map(AccountDocument.init)
    alarms = reply.alarms.map(AlarmDocument.init)
  }
}

extension AccountDocument {
  fileprivate init(_ status: Asa_Control_V1_AccountStatus) {
    account = status.account.visible
    realm = status.realm.visible
    phase = status.phase.visible
    rotation = status.rotation.visibleOrNil
    detail = status.detail.visibleOrNil
    nextDue = status.hasNextDue ? status.nextDue.wholeSecond : nil
    dueSince = status.hasDueSince ? status.dueSince.wholeSecond : nil
    nextTry = status.hasNextTry ? status.nextTry.wholeSecond : nil
    failuresInARow = status.failuresInARow
    pause = status.hasPause ? PauseDocument(status.pause) : nil
    lastSuccess = status.hasLastSuccess ? status.lastSuccess.wholeSecond : nil
    servicePrincipalNames = status.servicePrincipalNames.map(\.visible)
    controllers = status.controllers.map(ControllerDocument.init)
    properties = status.hasProperties ? AccountPropertiesDocument(status.properties) : nil
    nodes = status.nodes.map(NodeSlotsDocument.init)
  }
}

extension ControllerDocument {
  fileprivate init(_ status: Asa_Control_V1_ControllerStatus) {
    name = status.name.visible
    writer = status.writer
    behindSince = status.hasBehindSince ? status.behindSince.wholeSecond : nil
    problem = status.problem.visibleOrNil
  }
}

extension NodeSlotsDocument {
  /// Reads what the daemon says of a node.
  init(_ status: Asa_Control_V1_NodeSlots) {
    node = status.node.visible
    connection = status.connection.visible
    behind = status.behind
    removedAt = status.hasRemovedAt ? status.removedAt.wholeSecond : nil
    fault = status.fault.visibleOrNil
    keytabs = status.keytabs.map(\.visible)
    consumers = status.consumers.map(ConsumerDocument.init)
    slots = status.slots.map(SlotDocument.init)
  }
}

extension SlotDocument {
  /// Reads a slot of the daemon's.
  init(_ status: Asa_Control_V1_SlotStatus) {
    position = status.position.visible
    setAt = status.hasSetAt ? status.setAt.wholeSecond : nil
    version = status.version
    encryptionTypes = status.encryptionTypes.map(\.visible)
    rotation = status.rotation.visibleOrNil
    proven = status.proven
    retireAfter = status.hasRetireAfter ? status.retireAfter.wholeSecond : nil
    retired = status.encryptionTypes.isEmpty
  }
}
