package import Foundation
package import SecretMemory

/// What to look up, and the attribute that carries the stamp.
package struct AccountQuery: Sendable, Equatable {
  /// The account's name, used until its objectGUID is known.
  package var name: AccountName
  /// The objectGUID that the store has bound the account to; an account of the same name with another GUID is refused.
  package var objectGUID: UUID?
  /// The SPNs that must be on this account and on no other in the forest.
  package var servicePrincipalNames: [ServicePrincipalName]
  /// The attribute that carries the stamp, `adminDescription` unless configured otherwise; `nil` where rotations leave none.
  package var stampAttribute: String?
  /// The ``DirectoryServer/identity`` of the one domain controller that may answer; `nil`: whichever has the configured name.
  package var controller: String?

  /// Makes a query from its parts.
  package init(
    name: AccountName, objectGUID: UUID?, servicePrincipalNames: [ServicePrincipalName], stampAttribute: String?,
    controller: String? = nil
  ) {
    self.name = name
    self.objectGUID = objectGUID
    self.servicePrincipalNames = servicePrincipalNames
    self.stampAttribute = stampAttribute
    self.controller = controller
  }
}

/// The domain controller that answered.
package struct DirectoryServer: Sendable, Equatable, Codable {
  /// Its DNS host name (RootDSE dnsHostName).
  package var dnsHostName: String
  /// The objectGUID of its NTDS Settings object, or the distinguished name where the object cannot be read.
  package var serviceIdentity: String
  /// Its invocationId as a lower-case UUID; empty where it cannot be read.
  package var invocationID: String
  /// Whether it holds the PDC emulator role.
  package var isPDCEmulator: Bool
  /// Its clock less ours, in seconds (RootDSE currentTime, one second's resolution).
  package var clockOffset: TimeInterval
  /// The security strength factor that SASL negotiated, in bits.
  package var securityStrength: Int

  /// Makes a description from its parts.
  package init(
    dnsHostName: String, serviceIdentity: String, invocationID: String, isPDCEmulator: Bool,
    clockOffset: TimeInterval, securityStrength: Int
  ) {
    self.dnsHostName = dnsHostName
    self.serviceIdentity = serviceIdentity
    self.invocationID = invocationID
    self.isPDCEmulator = isPDCEmulator
    self.clockOffset = clockOffset
    self.securityStrength = securityStrength
  }

  /// What tells it from every other controller, and from itself restored from a backup: NTDS objectGUID and invocationId.
  package var identity: String { Self.identity(service: serviceIdentity, invocation: invocationID) }

  /// The ``identity`` made of its two parts.
  package static func identity(service: String, invocation: String) -> String { "\(service)/\(invocation)" }
}

/// An account as the directory describes it; reading it changes nothing.
package struct DirectoryAccount: Sendable, Equatable {
  /// The two kinds of account, which salt their keys differently.
  package enum Kind: String, Sendable, Codable {
    /// objectClass computer.
    case computer
    /// objectClass user, not computer.
    case user
  }

  /// Its immutable identity.
  package var objectGUID: UUID
  /// Where it is now.
  package var distinguishedName: String
  /// Its name as stored.
  package var samAccountName: String
  /// Computer or user.
  package var kind: Kind
  /// Its userPrincipalName, if it has one.
  package var userPrincipalName: String?
  /// msDS-KeyVersionNumber.
  package var version: KeyVersion
  /// Whether ACCOUNTDISABLE is clear.
  package var isEnabled: Bool
  /// msDS-SupportedEncryptionTypes; `nil` if unset.
  package var supportedEncryptionTypes: UInt32?
  /// The SPNs registered on it.
  package var servicePrincipalNames: [String]
  /// The raw value of the stamp attribute; `nil` if it is empty.
  package var stamp: String?
  /// pwdLastSet; `nil` if never.
  package var passwordLastSet: Date?
  /// Whether its DACL grants us Reset Password.
  package var mayResetPassword: Bool
  /// Whether its DACL grants us write on the stamp attribute; `true` where there is none.
  package var mayWriteStamp: Bool
  /// Whether its DACL grants us write on msDS-SupportedEncryptionTypes.
  package var mayWriteEncryptionTypes: Bool
  /// Other objects that hold one of the queried SPNs: SPN text to distinguished names.
  package var conflictingHolders: [String: [String]]
  /// The domain controllers of the account's domain as the one that answered lists them.
  package var domainControllers: [ListedController]
  /// The domain controller that answered.
  package var server: DirectoryServer

  /// Makes a description from its parts.
  package init(
    objectGUID: UUID, distinguishedName: String, samAccountName: String, kind: Kind, userPrincipalName: String?,
    version: KeyVersion, isEnabled: Bool, supportedEncryptionTypes: UInt32?, servicePrincipalNames: [String], stamp: String?,
    passwordLastSet: Date?, mayResetPassword: Bool, mayWriteStamp: Bool, mayWriteEncryptionTypes: Bool = false,
    conflictingHolders: [String: [String]],
    domainControllers: [ListedController] = [], server: DirectoryServer
  ) {
    self.objectGUID = objectGUID
    self.distinguishedName = distinguishedName
    self.samAccountName = samAccountName
    self.kind = kind
    self.userPrincipalName = userPrincipalName
    self.version = version
    self.isEnabled = isEnabled
    self.supportedEncryptionTypes = supportedEncryptionTypes
    self.servicePrincipalNames = servicePrincipalNames
    self.stamp = stamp
    self.passwordLastSet = passwordLastSet
    self.mayResetPassword = mayResetPassword
    self.mayWriteStamp = mayWriteStamp
    self.mayWriteEncryptionTypes = mayWriteEncryptionTypes
    self.conflictingHolders = conflictingHolders
    self.domainControllers = domainControllers
    self.server = server
  }
}

/// The stamp and kvno of an account, read in one search entry.
package struct AccountState: Sendable, Equatable {
  /// The raw value of the stamp attribute; `nil` if it is empty.
  package var stamp: String?
  /// msDS-KeyVersionNumber.
  package var version: KeyVersion

  /// Pairs a stamp with a kvno.
  package init(stamp: String?, version: KeyVersion) {
    self.stamp = stamp
    self.version = version
  }
}

/// How a write to the directory ended, as far as the caller can know.
package enum DirectoryWriteAnswer: Sendable, Equatable {
  /// The domain controller answered success.
  case applied
  /// It answered with an error and, read again, the account is in this state. Result codes of a lost compare-and-swap differ between makes
  /// of DC (16, 19, 20), so the state decides and not the code.
  case refused(WriteRefusal, AccountState)
  /// No answer, or an error without a readable state: the write may have been applied, or may still be.
  case unknown(OperatorFault)
  /// It is certain that nothing was sent: no connection could be made.
  case notSent(OperatorFault)
}

/// The classes of a refused write.
package struct WriteRefusal: Sendable, Equatable {
  /// The classes.
  package enum Reason: String, Sendable, Codable {
    /// The stamp was not what the modify expected.
    case stampMismatch
    /// constraintViolation with Win32 code 0x52D: the domain's password policy.
    case passwordPolicy
    /// insufficientAccessRights.
    case accessDenied
    /// Anything else.
    case other
  }

  /// The class.
  package var reason: Reason
  /// The LDAP result code and the server's own diagnostic text, which never holds a value that we sent.
  package var message: String

  /// Pairs a class with its message.
  package init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }
}

/// The one domain controller that a rotation is pinned to, over LDAP sealed with GSSAPI.
package protocol PasswordDirectory: Sendable {
  /// Reads the account, our rights on it, duplicate SPNs in the forest, and what the server says of itself.
  ///
  /// - Throws: ``OperatorFault``: `.unavailable` if no DC answers, `.permission` if the bind is refused or the SSF is below 128,
  ///   `.noInput` if the account does not exist, `.data` if its objectGUID is not the one bound.
  func readAccount(_ query: AccountQuery) async throws(OperatorFault) -> DirectoryAccount

  /// Reads stamp and kvno together.
  ///
  /// - Throws: ``OperatorFault``, as ``readAccount(_:)``.
  func readState(of query: AccountQuery) async throws(OperatorFault) -> AccountState

  /// Compare-and-swap of the stamp in one modify. `expected == nil` means that the attribute must be empty.
  func swapStamp(of query: AccountQuery, from expected: Stamp?, to replacement: Stamp) async -> DirectoryWriteAnswer

  /// Compare-and-swap of the stamp and reset of the password, in ONE modify: both or neither.
  ///
  /// - Parameter password: ASCII; it is quoted and converted to UTF-16LE inside secret memory (MS-ADTS 3.1.1.3.1.5.1).
  func setPassword(
    of query: AccountQuery, to password: SecretBytes, from expected: Stamp, to replacement: Stamp
  ) async -> DirectoryWriteAnswer

  /// Reset of the password alone, for directories without a stamp: nothing keeps it from being applied twice, or late.
  ///
  /// - Parameter password: As for ``setPassword(of:to:from:to:)``.
  func resetPassword(of query: AccountQuery, to password: SecretBytes) async -> DirectoryWriteAnswer

  /// Compare-and-swap of msDS-SupportedEncryptionTypes. `expected == nil` means that the attribute must not be set.
  func writeEncryptionTypes(
    of query: AccountQuery, from expected: UInt32?, to replacement: UInt32
  ) async -> DirectoryWriteAnswer
}
