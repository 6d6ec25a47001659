package import Foundation

/// What an account in the directory was when the rotator last read it, for people; nothing is decided by it.
package struct AccountProperties: Sendable, Equatable, Codable {
  /// Computer or user.
  package var kind: DirectoryAccount.Kind
  /// Where it is.
  package var distinguishedName: String
  /// Its name as stored.
  package var samAccountName: String
  /// Its userPrincipalName, if it has one.
  package var userPrincipalName: String?
  /// pwdLastSet; `nil`: never.
  package var passwordLastSet: Date?
  /// The SPNs that are registered on it.
  package var servicePrincipalNames: [String]
  /// msDS-SupportedEncryptionTypes; `nil`: not set.
  package var supportedEncryptionTypes: UInt32?
  /// When it was read.
  package var readAt: Date

  /// Takes what was read.
  package init(_ account: DirectoryAccount, at now: Date) {
    kind = account.kind
    distinguishedName = account.distinguishedName
    samAccountName = account.samAccountName
    userPrincipalName = account.userPrincipalName
    passwordLastSet = account.passwordLastSet
    servicePrincipalNames = account.servicePrincipalNames
    supportedEncryptionTypes = account.supportedEncryptionTypes
    readAt = now
  }
}
