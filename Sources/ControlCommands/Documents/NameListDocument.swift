package import Foundation
import RotationCore

/// What `asactl spn list --json` prints.
package struct NameListDocument: Encodable, Sendable, Equatable {
  /// One SPN.
  package struct Name: Encodable, Sendable, Equatable {
    /// As it is spelled on the account.
    package var name: String
    /// Whether the rotator's configuration names it; `null` where there is none.
    @NullIfAbsent package var configured: Bool?
  }

  /// `DOMAIN\name`.
  package var account: String
  /// Where it is.
  package var distinguishedName: String
  /// The domain controller that was asked.
  package var domainController: String
  /// Those on the account.
  package var servicePrincipalNames: [Name]
  /// Those that the configuration names and the account does not have.
  package var missing: [String]
}

/// What `asactl spn query --json` prints.
package struct NameQueryDocument: Encodable, Sendable, Equatable {
  /// What was searched for.
  package var pattern: String
  /// The objects that hold such an SPN.
  package var holders: [NameHolderDocument]
  /// Whether that is all of them.
  package var complete: Bool
}

/// An object that holds SPNs.
package struct NameHolderDocument: Encodable, Sendable, Equatable {
  /// Where it is.
  package var distinguishedName: String
  /// Its sAMAccountName.
  @NullIfAbsent package var samAccountName: String?
  /// Whether it is enabled; `null` where the global catalog does not say.
  @NullIfAbsent package var enabled: Bool?
  /// When its password was set; `null` where the global catalog does not say.
  @NullIfAbsent package var passwordLastSet: Date?
  /// The SPNs that were searched for.
  package var servicePrincipalNames: [String]

  /// Describes a holder.
  init(_ holder: ServicePrincipalNameHolder, showing isShown: (String) -> Bool) {
    distinguishedName = holder.distinguishedName.visible
    samAccountName = holder.samAccountName?.visible
    enabled = holder.isEnabled
    passwordLastSet = holder.passwordLastSet
    servicePrincipalNames = holder.servicePrincipalNames.filter(isShown).map(\.visible)
  }
}
