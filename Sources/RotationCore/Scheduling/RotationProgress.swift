package import Foundation

/// What a person who watches a rotation is told, as it happens.
package enum RotationProgress: Sendable {
  /// Preflight is done and this is the plan.
  case planned(PlanSummary)
  /// The rotation entered a phase.
  case phase(String, detail: String)
  /// A node took a step.
  case node(NodeName, NodeStep, detail: String)
  /// Everything to know about how it ended; the ending follows.
  case report(RotationReport)
  /// The rotation ended.
  case ended(RotationID?, RotationEnding)
  /// It never began.
  case refused(OperatorFault)
  /// A dry run ends with its plan.
  case dryRunEnded

  /// The steps of a node.
  package enum NodeStep: String, Sendable {
    /// Holds the next key.
    case staged
    /// Holds the new key as Latest.
    case promoted
    /// Accepted a ticket for every SPN.
    case proven
    /// Is back in its former slots.
    case restored
    /// Could not.
    case failed
  }
}

/// The plan in the words of the preflight.
package struct PlanSummary: Sendable, Equatable {
  /// The account.
  package var account: AccountName
  /// The attempt.
  package var rotation: RotationID
  /// The kvno before.
  package var currentVersion: KeyVersion
  /// The kvno after.
  package var plannedVersion: KeyVersion
  /// The domain controller that is written to.
  package var domainController: String
  /// The nodes that take part.
  package var participants: [NodeName]
  /// The configured nodes that are not ready.
  package var absent: [NodeName]
  /// How many nodes are required.
  package var required: Int
  /// What a person should know before saying yes.
  package var warnings: [String]
  /// The kvnos whose keys are destroyed at the end, where they are compromised.
  package var dropped: [KeyVersion] = []
  /// Until when at most clients with tickets under them are refused.
  package var refusedUntil: Date?
  /// The nodes that are revoked first.
  package var shutOut: [NodeName] = []
  /// What stands in the way, each found apart from the others; empty for a plan that can be carried out.
  package var obstacles: [OperatorFault] = []
  /// All nodes, by array.
  package var destinations: [ArrayMembers] = []
}

/// One verdict of an acceptance proof.
package struct ProofVerdict: Sendable, Equatable {
  /// The node.
  package var node: NodeName
  /// The SPN of the ticket.
  package var servicePrincipalName: ServicePrincipalName
  /// The domain controller that issued the ticket, or should have, where several were asked.
  package var domainController: String?
  /// The kvno of the ticket.
  package var version: KeyVersion?
  /// The encryption type of the ticket (RFC 3961 number).
  package var encryptionType: Int32?
  /// The rotation whose key opened it on the node.
  package var rotation: RotationID?
  /// Why it was not accepted; `nil` if it was.
  package var fault: OperatorFault?
}

/// One account as `asactl status` shows it.
package struct AccountSnapshot: Sendable {
  /// The account.
  package var account: AccountName
  /// Its realm.
  package var realm: Realm
  /// `idle`, `preflight`, or the rotation's phase.
  package var phase: String
  /// The rotation in progress.
  package var rotation: RotationID?
  /// One true sentence.
  package var detail: String
  /// When the next rotation begins by itself at the earliest, windows, freezes and jitter included.
  package var nextDue: Date
  /// Whether that has come and the rotation has not succeeded yet.
  package var isDue: Bool
  /// The failures since the last success.
  package var failures: FailureStreak?
  /// Why the schedule stands still, if it does.
  package var pause: SchedulePause?
  /// Why nothing is pushed, if that is so.
  package var gateFault: OperatorFault?
  /// The slots.
  package var ledger: SlotLedger
  /// How many attempts have ended in each way.
  package var endings: [RotationOutcome: Int]
  /// What each phase of the last attempt took.
  package var phaseDurations: [PhaseDuration]
  /// The domain controllers that issue tickets for it, the one that is written to first.
  package var controllers: [ControllerSnapshot]
  /// When the last one succeeded.
  package var lastSuccess: Date?
  /// The SPNs.
  package var servicePrincipalNames: [ServicePrincipalName]
  /// The account as it was last read; `nil`: it never was.
  package var properties: AccountProperties?
  /// The member nodes with what they hold.
  package var nodes: [NodeSnapshot]
}

/// One domain controller of one account.
package struct ControllerSnapshot: Sendable, Equatable {
  /// Its DNS name.
  package var name: String
  /// Whether passwords are set on it.
  package var isWriter: Bool
  /// Since when its tickets may be issued under an older key than Latest; `nil`: they are not.
  package var behindSince: Date?
  /// What is wrong with it.
  package var problem: String?

  /// Whether it is on record as one that cannot be relied on.
  package var isBehind: Bool { behindSince != nil || isWriter && problem != nil }
}

/// One node of one account.
package struct NodeSnapshot: Sendable {
  /// The node.
  package var node: NodeName
  /// How it stands to the rotator.
  package var connection: NodeConnection
  /// Whether it has not applied the newest order.
  package var isBehind: Bool
  /// What is wrong with it.
  package var fault: String?
  /// What it said it holds, newest first.
  package var slots: [SlotReport]
  /// Its keytabs.
  package var keytabs: [String]
  /// Since when it is not given the account's keys, by command; `nil`: it is.
  package var removedAt: Date?
  /// What it said of its programs that cache a keytab.
  package var consumers: [ConsumerReport] = []
}

/// How a node stands to the rotator.
package enum NodeConnection: String, Sendable {
  /// Its stream is live.
  case attached
  /// It was attached before.
  case detached
  /// Its certificates are refused.
  case revoked
  /// It has never attached.
  case neverSeen = "never-seen"
}

/// One node over all accounts, as `asactl nodes list` shows it.
package struct FleetNodeSnapshot: Sendable {
  /// The node.
  package var node: NodeName
  /// How it stands to the rotator.
  package var connection: NodeConnection
  /// The live stream.
  package var attachment: NodeAttachment?
  /// What the store remembers.
  package var record: NodeRecord?
  /// Its clock less the rotator's, in seconds.
  package var clockOffset: TimeInterval?
  /// The arrays that it is a member of.
  package var arrays: [String]
  /// The accounts that it holds.
  package var accounts: [AccountName]
  /// The last refusal or fault.
  package var fault: String?
  /// Until when rotations do not wait for it.
  package var exclusion: NodeExclusion?
}

/// The next dates of one account.
package struct AccountDates: Sendable {
  /// The account.
  package var account: AccountName
  /// Why the schedule stands still, if it does.
  package var pause: SchedulePause?
  /// The next dates.
  package var dates: [RotationSchedule.Start]
}
