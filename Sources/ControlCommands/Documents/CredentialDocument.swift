package import ControlProtocol
package import Foundation

/// What `asactl credential show --json` prints.
package struct CredentialDocument: Encodable, Sendable, Equatable {
  /// One account of the node.
  package struct Account: Encodable, Sendable, Equatable {
    /// `DOMAIN\name`.
    package var account: String
    /// `attached`, `detached`, `revoked` or `never-seen`.
    package var connection: String
    /// Whether the node does not hold yet what it should.
    package var behind: Bool
    /// Since when the node is not given the keys, because somebody has removed them; `null`: it is.
    @NullIfAbsent package var removedAt: Date?
    /// What is wrong on the node.
    @NullIfAbsent package var fault: String?
    /// The keytabs that hold the keys.
    package var keytabs: [String]
    /// The slots, newest first.
    package var slots: [SlotDocument]
  }

  /// The node.
  package var node: String
  /// The accounts whose keys it holds, or should.
  package var accounts: [Account]

  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_StatusReply, node: String) {
    self.node = node
    accounts = reply.accounts.flatMap { account in
      account.nodes.map { status in
        let slots = NodeSlotsDocument(status)
        return Account(
          account: account.account.visible, connection: slots.connection, behind: slots.behind, removedAt: slots.removedAt,
          fault: slots.fault, keytabs: slots.keytabs, slots: slots.slots)
      }
    }
  }
}
