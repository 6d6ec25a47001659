package import Foundation
import RotationCore

/// What `asactl account list --json` prints.
package struct AccountListDocument: Encodable, Sendable, Equatable {
  /// The realm.
  package var realm: String
  /// The accounts, those of the configuration first.
  package var accounts: [ListedAccountDocument]
  /// Whether those are all of the domain that carry a stamp.
  package var complete: Bool
}

/// One account of an ``AccountListDocument``.
package struct ListedAccountDocument: Encodable, Sendable, Equatable {
  /// `DOMAIN\name`.
  package var account: String
  /// Whether the rotator's configuration names it.
  package var configured: Bool
  /// Where it is; `null` if it is not in the directory.
  @NullIfAbsent package var distinguishedName: String?
  /// Whether it is enabled.
  @NullIfAbsent package var enabled: Bool?
  /// Its kvno.
  @NullIfAbsent package var version: UInt32?
  /// When its password was set.
  @NullIfAbsent package var passwordLastSet: Date?
  /// The SPNs registered on it.
  package var servicePrincipalNames: [String]
  /// The claim on it; `null`: none.
  @NullIfAbsent package var stamp: StampDocument?
  /// Why nothing is known of it.
  @NullIfAbsent package var fault: String?
}

extension ListedAccountDocument {
  /// Describes an account that is in the directory.
  init(_ account: AdministeredAccount, named name: String, isConfigured: Bool) {
    self.init(
      account: name.visible, configured: isConfigured, distinguishedName: account.distinguishedName.visible,
      enabled: !account.control.contains(.disabled), version: account.version?.number,
      passwordLastSet: account.passwordLastSet, servicePrincipalNames: account.servicePrincipalNames.map(\.visible),
      stamp: account.stamp.map { StampDocument($0) }, fault: nil)
  }

  /// Describes an account that the configuration names and the directory does not have.
  init(missing name: String, on controller: String) {
    self.init(
      account: name.visible, configured: true, distinguishedName: nil, enabled: nil, version: nil, passwordLastSet: nil,
      servicePrincipalNames: [], stamp: nil, fault: "\(controller) has no such account")
  }
}
