package import Foundation

/// An account as whoever administers it reads it; reading it changes nothing.
package struct AdministeredAccount: Sendable, Equatable {
  /// Its immutable identity.
  package var objectGUID: UUID
  /// Where it is now.
  package var distinguishedName: String
  /// Its name as stored.
  package var samAccountName: String
  /// objectSid in its text form.
  package var securityIdentifier: String
  /// Computer or user.
  package var kind: DirectoryAccount.Kind
  /// The most specific of its object classes.
  package var objectClass: String
  /// Its userPrincipalName, if it has one.
  package var userPrincipalName: String?
  /// Its description, if it has one.
  package var description: String?
  /// userAccountControl, with what the domain controller computes of it now (locked out, password expired).
  package var control: UserAccountControl
  /// msDS-KeyVersionNumber; `nil` where it cannot be read.
  package var version: KeyVersion?
  /// pwdLastSet; `nil` if never.
  package var passwordLastSet: Date?
  /// msDS-SupportedEncryptionTypes; `nil` if unset.
  package var supportedEncryptionTypes: UInt32?
  /// The SPNs registered on it.
  package var servicePrincipalNames: [String]
  /// accountExpires; `nil` if never.
  package var expires: Date?
  /// whenCreated.
  package var createdAt: Date?
  /// Who owns the object, by name where it has one; `nil` where that was not asked for.
  package var owner: String?
  /// The raw value of the stamp attribute; `nil` if it is empty.
  package var stamp: String?

  /// Makes a description from its parts.
  package init(
    objectGUID: UUID, distinguishedName: String, samAccountName: String, securityIdentifier: String,
    kind: DirectoryAccount.Kind, objectClass: String, userPrincipalName: String? = nil, description: String? = nil,
    control: UserAccountControl, version: KeyVersion?, passwordLastSet: Date?, supportedEncryptionTypes: UInt32?,
    servicePrincipalNames: [String], expires: Date? = nil, createdAt: Date? = nil, owner: String? = nil, stamp: String? = nil
  ) {
    self.objectGUID = objectGUID
    self.distinguishedName = distinguishedName
    self.samAccountName = samAccountName
    self.securityIdentifier = securityIdentifier
    self.kind = kind
    self.objectClass = objectClass
    self.userPrincipalName = userPrincipalName
    self.description = description
    self.control = control
    self.version = version
    self.passwordLastSet = passwordLastSet
    self.supportedEncryptionTypes = supportedEncryptionTypes
    self.servicePrincipalNames = servicePrincipalNames
    self.expires = expires
    self.createdAt = createdAt
    self.owner = owner
    self.stamp = stamp
  }
}

/// How an account is found.
package enum AccountReference: Sendable, Hashable {
  /// By its sAMAccountName, in the domain of the controller that is asked.
  case named(String)
  /// By its objectGUID, wherever it has moved.
  case identified(UUID)
}
