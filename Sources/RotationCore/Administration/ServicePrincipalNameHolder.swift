package import Foundation

/// An object somewhere in the forest that holds SPNs.
package struct ServicePrincipalNameHolder: Sendable, Equatable {
  /// Its immutable identity.
  package var objectGUID: UUID
  /// Where it is.
  package var distinguishedName: String
  /// Its sAMAccountName, if it has one.
  package var samAccountName: String?
  /// All SPNs registered on it.
  package var servicePrincipalNames: [String]
  /// Whether it is enabled; `nil` where the global catalog does not say.
  package var isEnabled: Bool?
  /// When its password was set; `nil` if never, or where the global catalog does not say.
  package var passwordLastSet: Date?

  /// Makes a holder from its parts.
  package init(
    objectGUID: UUID, distinguishedName: String, samAccountName: String?, servicePrincipalNames: [String], isEnabled: Bool?,
    passwordLastSet: Date?
  ) {
    self.objectGUID = objectGUID
    self.distinguishedName = distinguishedName
    self.samAccountName = samAccountName
    self.servicePrincipalNames = servicePrincipalNames
    self.isEnabled = isEnabled
    self.passwordLastSet = passwordLastSet
  }
}

/// What a bounded search found.
package struct BoundedFindings<Element: Sendable & Equatable>: Sendable, Equatable {
  /// What was found, at most as many as were asked for.
  package var found: [Element]
  /// Whether that is all there is.
  package var isComplete: Bool

  /// Makes findings from their parts.
  package init(found: [Element], isComplete: Bool) {
    self.found = found
    self.isComplete = isComplete
  }
}
