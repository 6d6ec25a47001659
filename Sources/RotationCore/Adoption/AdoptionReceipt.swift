package import Foundation

/// Rebuilding what a store lost from what nodes hold.
package struct AdoptionRequest: Sendable, Equatable {
  /// The account.
  package var account: AccountName
  /// The attached node whose keys are tried.
  package var node: NodeName
  /// Whether only to say what would be taken.
  package var isDryRun: Bool

  /// Makes a request from its parts.
  package init(account: AccountName, node: NodeName, isDryRun: Bool) {
    self.account = account
    self.node = node
    self.isDryRun = isDryRun
  }
}

/// What was taken from nodes and what was not, and why. The keys themselves stay on the nodes.
package struct AdoptionReceipt: Sendable, Equatable {
  /// What a slot became.
  package enum Worth: String, Sendable {
    /// A domain controller's fresh ticket opened with it.
    case latest
    /// Older, and two nodes agree on it; it has an end.
    case retiring
    /// Newer than the directory's; its write may still come, or have come to a domain controller that is lost.
    case held
  }

  /// One slot that was taken.
  package struct Slot: Sendable, Equatable {
    /// What it became.
    package var worth: Worth
    /// The kvno.
    package var version: KeyVersion
    /// The rotation whose password gave the keys.
    package var rotation: RotationID
    /// The nodes that hold it.
    package var nodes: [NodeName]
    /// When the key may be destroyed, and, if it is held, until when no rotation can begin; `nil` while nothing limits it.
    package var retireAfter: Date?
  }

  /// One slot of one node that was not.
  package struct Refusal: Sendable, Equatable {
    /// The node.
    package var node: NodeName
    /// The kvno.
    package var version: KeyVersion
    /// The rotation that the node holds it under.
    package var rotation: RotationID
    /// Why, without a full stop.
    package var reason: String
  }

  /// What was asked.
  package var request: AdoptionRequest
  /// The stamp that the next claim is made from; `nil`: the attribute is empty.
  package var stamp: Stamp?
  /// What was taken, newest first.
  package var slots: [Slot]
  /// What was refused, and is left on its node to run out.
  package var refusals: [Refusal]
  /// What to know or to do.
  package var warnings: [String]
}

extension AdoptionReceipt {
  /// The adoption in one sentence for a person.
  package var sentence: String {
    let taken = slots.map { "kvno \($0.version) as \($0.worth.rawValue) (rotation \($0.rotation))" }.joined(separator: ", ")
    let left = refusals.map { "kvno \($0.version) of rotation \($0.rotation) on \($0.node): \($0.reason)" }
    let verb = request.isDryRun ? "would be" : "were"
    return "The keys of \(request.account) \(verb) adopted from \(request.node): \(taken)"
      + (left.isEmpty ? "." : "; refused: \(left.joined(separator: "; ")).")
  }
}
