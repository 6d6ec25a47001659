/// A right that a rotator has use for on the object of an account, and no other.
package enum DelegatedRight: String, Sendable, Codable, CaseIterable {
  /// The control access right Reset Password (User-Force-Change-Password).
  case resetPassword
  /// Write on the attribute that carries the stamp.
  case writeStamp
  /// Write on msDS-SupportedEncryptionTypes.
  case writeEncryptionTypes
}

/// Who holds rights on an account.
package struct DirectoryTrustee: Sendable, Equatable {
  /// `DOMAIN\name`.
  package var name: String
  /// Where it is.
  package var distinguishedName: String
  /// objectSid in its text form.
  package var securityIdentifier: String

  /// Makes a trustee from its parts.
  package init(name: String, distinguishedName: String, securityIdentifier: String) {
    self.name = name
    self.distinguishedName = distinguishedName
    self.securityIdentifier = securityIdentifier
  }
}

/// What somebody may do to an account that no rotation needs.
package struct ExcessRight: Sendable, Hashable {
  /// What, in words: `write servicePrincipalName`.
  package var right: String
  /// Through whom: the trustee itself, or a group that it is in.
  package var through: String
  /// Whether an object above gives it.
  package var isInherited: Bool

  /// Makes a right from its parts.
  package init(right: String, through: String, isInherited: Bool) {
    self.right = right
    self.through = through
    self.isInherited = isInherited
  }
}

/// The rights that a trustee has on the object of an account.
package struct TrusteeRights: Sendable, Equatable {
  /// Who.
  package var trustee: DirectoryTrustee
  /// Those that entries for the trustee itself grant.
  package var own: Set<DelegatedRight>
  /// Those that it has in the end, groups and refusals taken into account.
  package var effective: Set<DelegatedRight>
  /// What it may do beyond all of them.
  package var excess: [ExcessRight]

  /// Makes a judgement from its parts.
  package init(
    trustee: DirectoryTrustee, own: Set<DelegatedRight>, effective: Set<DelegatedRight>, excess: [ExcessRight]
  ) {
    self.trustee = trustee
    self.own = own
    self.effective = effective
    self.excess = excess
  }
}
