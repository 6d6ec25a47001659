package import Foundation

/// Everything about one account that must survive a restart, without its secrets.
package struct AccountRecord: Sendable, Equatable, Codable {
  /// The account.
  package var account: AccountName
  /// The objectGUID that the account was bound to at its first rotation.
  package var objectGUID: UUID?

  /// A record of an account never seen before.
  package init(account: AccountName) { self.account = account }
}
