package import ControlProtocol

/// What `asactl credential prune --json` prints.
package struct PruneDocument: Encodable, Sendable, Equatable {
  /// One account.
  package struct Account: Encodable, Sendable, Equatable {
    /// `DOMAIN\name`.
    package var account: String
    /// The keys that this destroyed and those that stay, newest first.
    package var keys: [PrunedKeyDocument]
    /// The nodes that are away, and destroy the keys when they are back.
    package var away: [String]
  }

  /// Whether nothing was changed.
  package var dryRun: Bool
  /// The accounts.
  package var accounts: [Account]

  /// Reads the daemon's answer.
  package init(_ reply: Asa_Control_V1_PruneCredentialReply, isDryRun: Bool) {
    dryRun = isDryRun
    accounts = reply.accounts.map { account in
      Account(
        account: account.account.visible, keys: account.keys.map(PrunedKeyDocument.init), away: account.away.map(\.visible))
    }
  }
}
