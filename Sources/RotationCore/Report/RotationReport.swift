package import Foundation

/// Everything that a person wants to have in hand when a rotation is over.
package struct RotationReport: Sendable {
  /// How it ended, in as many words as the report of RollAlternateServiceAccountPassword.ps1 has for it.
  package enum Verdict: String, Sendable {
    /// The password is new, and everybody accepts it.
    case succeeded = "SUCCEEDED"
    /// The password is new, and something is still to be done by itself.
    case succeededWithWarnings = "SUCCEEDED WITH WARNINGS"
    /// Neither.
    case failed = "FAILED"
  }

  /// All nodes of the account, by array.
  package var destinations: [ArrayMembers]
  /// The keys that exist, newest first.
  package var credentials: [CredentialReport]
  /// What becomes of each.
  package var prune: [KeyStanding]
  /// What the rotation came to on each node.
  package var pushes: [NodePush]
  /// What it changed in the directory; `nil`: it came to no plan.
  package var change: DirectoryChange?
  /// The account as it was last read; `nil`: it never was.
  package var properties: AccountProperties?
  /// What each node holds.
  package var nodes: [NodeSnapshot]
  /// The whole in one word.
  package var verdict: Verdict
}

extension RotationReport.Verdict {
  /// Judges an ending.
  init(_ ending: RotationEnding) {
    switch ending.outcome {
    case .succeeded: self = (ending.compromised?.kept ?? []).isEmpty ? .succeeded : .succeededWithWarnings
    case .degraded: self = .succeededWithWarnings
    case .failed: self = .failed
    }
  }
}

/// What one rotation came to on one node.
package struct NodePush: Sendable, Equatable {
  /// The node.
  package var node: NodeName
  /// The steps that it took, in order.
  package var steps: [NodeStepMark]
  /// What is to be said of a node that took none.
  package var remark: String

  /// The last step that it took.
  package var last: NodeStepMark? { steps.last }
}

/// A step that a node took.
package struct NodeStepMark: Sendable, Equatable {
  /// Which.
  package var step: RotationProgress.NodeStep
  /// More about it.
  package var detail: String
  /// When.
  package var time: Date
}

/// What a rotation changed in the directory.
package struct DirectoryChange: Sendable, Equatable {
  /// The domain controller that was written to.
  package var domainController: String
  /// The kvno before.
  package var versionBefore: KeyVersion
  /// The kvno after, where known.
  package var versionAfter: KeyVersion?
  /// The stamp before; `nil`: there was none.
  package var stampBefore: Stamp?
  /// The stamp as far as this rotation has moved it.
  package var stampAfter: Stamp?
  /// Whether the password changed; `nil`: that is for somebody else to know.
  package var passwordChanged: Bool?
}
