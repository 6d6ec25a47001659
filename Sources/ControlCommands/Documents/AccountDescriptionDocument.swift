package import Foundation
import RotationCore

/// What `asactl account show --json` prints.
package struct AccountDescriptionDocument: Encodable, Sendable, Equatable {
  /// What one domain controller has.
  package struct Controller: Encodable, Sendable, Equatable {
    /// Its DNS name.
    package var name: String
    /// Whether it is the one that is written to.
    package var writer: Bool
    /// The kvno there.
    @NullIfAbsent package var version: UInt32?
    /// When the password that it has was set.
    @NullIfAbsent package var passwordLastSet: Date?
    /// Why it told nothing.
    @NullIfAbsent package var fault: String?
  }

  /// `DOMAIN\name`, as the directory spells it.
  package var account: String
  /// Where it is.
  package var distinguishedName: String
  /// Its objectGUID.
  package var objectGUID: UUID
  /// Its objectSid.
  package var securityIdentifier: String
  /// `computer` or `user`.
  package var kind: String
  /// The most specific of its object classes.
  package var objectClass: String
  /// Its userPrincipalName.
  @NullIfAbsent package var userPrincipalName: String?
  /// Its description.
  @NullIfAbsent package var description: String?
  /// When it was made.
  @NullIfAbsent package var createdAt: Date?
  /// Who owns the object.
  @NullIfAbsent package var owner: String?
  /// Whether it is enabled.
  package var enabled: Bool
  /// Whether it is locked out now.
  package var lockedOut: Bool
  /// Whether its password has expired.
  package var passwordExpired: Bool
  /// When it expires; `null`: never.
  @NullIfAbsent package var expires: Date?
  /// userAccountControl in words.
  package var control: [String]
  /// When its password was set.
  @NullIfAbsent package var passwordLastSet: Date?
  /// The domain controllers, the one that is written to first.
  package var controllers: [Controller]
  /// msDS-SupportedEncryptionTypes; `null`: not set.
  @NullIfAbsent package var supportedEncryptionTypes: UInt32?
  /// The types that tickets may come with.
  package var encryptionTypes: [String]
  /// The SPNs registered on it.
  package var servicePrincipalNames: [String]
  /// The claim on it; `null`: none.
  @NullIfAbsent package var stamp: StampDocument?
  /// What the rotator may do to it; `null`: that is not known.
  @NullIfAbsent package var rights: RightsDocument?
  /// Why it is not known.
  @NullIfAbsent package var rightsFault: String?
}

/// What somebody may do to an account.
package struct RightsDocument: Encodable, Sendable, Equatable {
  /// A right that no rotation needs.
  package struct Excess: Encodable, Sendable, Equatable {
    /// What.
    package var right: String
    /// Through whom: the trustee itself, or a group.
    package var through: String
    /// Whether an object above gives it.
    package var inherited: Bool

    /// Reads the directory's answer.
    init(_ excess: ExcessRight) {
      (right, through, inherited) = (excess.right.visible, excess.through.visible, excess.isInherited)
    }
  }

  /// Who, `DOMAIN\name`.
  package var trustee: String
  /// Reset Password.
  package var resetPassword: Bool
  /// Write on the attribute that carries the stamp.
  package var writeStamp: Bool
  /// Write on msDS-SupportedEncryptionTypes.
  package var writeEncryptionTypes: Bool
  /// What it may do beyond that.
  package var excess: [Excess]

  /// Reads the directory's answer.
  init(_ rights: TrusteeRights) {
    trustee = rights.trustee.name.visible
    resetPassword = rights.effective.contains(.resetPassword)
    writeStamp = rights.effective.contains(.writeStamp)
    writeEncryptionTypes = rights.effective.contains(.writeEncryptionTypes)
    excess = rights.excess.map(Excess.init)
  }
}
