package import Foundation
package import RotationCore

/// An account with everything about it that Kerberos, or somebody who rotates its password, can stumble over.
package struct ExaminedPrincipal: Sendable, Equatable {
  /// The account as its domain controller describes it.
  package var account: AdministeredAccount
  /// When its password expires; `nil`: never, or the controller does not say.
  package var passwordExpires: Date?
  /// When too many wrong passwords were tried for it last, if they were: it stays until somebody unlocks it or signs on, so that an account that
  /// has it need not be locked out any more.
  package var lockedSince: Date?
  /// The administrative groups that it belongs to, directly or not, by their English names; `nil` if its groups cannot be read.
  package var administrativeGroups: [String]?

  /// Makes a description from its parts.
  package init(
    account: AdministeredAccount, passwordExpires: Date? = nil, lockedSince: Date? = nil, administrativeGroups: [String]? = []
  ) {
    self.account = account
    self.passwordExpires = passwordExpires
    self.lockedSince = lockedSince
    self.administrativeGroups = administrativeGroups
  }
}
