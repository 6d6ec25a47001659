package import ControlProtocol
package import Foundation

/// What `asactl credential adopt --json` prints.
package struct AdoptionDocument: Encodable, Sendable, Equatable {
  /// One slot that was taken.
  package struct Slot: Encodable, Sendable, Equatable {
    /// `latest`, `retiring` or `held`.
    package var worth: String
    /// The kvno.
    package var version: Int
    /// The rotation that made the keys.
    package var rotation: String
    /// The nodes that hold it.
    package var nodes: [String]
    /// When the keys may be destroyed; `null` while nothing limits that.
    @NullIfAbsent package var retireAfter: Date?
  }

  /// One slot of one node that was refused.
  package struct Refusal: Encodable, Sendable, Equatable {
    /// The node.
    package var node: String
    /// The kvno.
    package var version: Int
    /// The rotation that the node holds it under.
    package var rotation: String
    /// Why.
    package var reason: String
  }

  /// The account.
  package var account: String
  /// The node that was named.
  package var node: String
  /// Whether nothing was changed.
  package var dryRun: Bool
  /// The stamp that the next claim is made from; `null`: none.
  @NullIfAbsent package var stamp: String?
  /// What was taken, newest first.
  package var slots: [Slot]
  /// What was refused.
  package var refused: [Refusal]
  /// What to know or to do.
  package var warnings: [String]

  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_AdoptCredentialReply, isDryRun: Bool) {
    account = reply.account.visible
    node = reply.node.visible
    dryRun = isDryRun
    stamp = reply.stamp.isEmpty ? nil : reply.stamp.visible
    slots = reply.slots.map { slot in
      Slot(
        worth: slot.worth.visible, version: Int(slot.version), rotation: slot.rotation.visible,
        nodes: slot.nodes.map(\.visible),
        retireAfter: slot.hasRetireAfter ? slot.retireAfter.wholeSecond : nil)
    }
    refused = reply.refused.map { slot in
      Refusal(
        node: slot.node.visible, version: Int(slot.version), rotation: slot.rotation.visible, reason: slot.reason.visible)
    }
    warnings = reply.warnings.map(\.visible)
  }
}
