package import Foundation

/// Decides whether a descriptor grants a right, as a domain controller would (MS-ADTS 5.1.3.3, MS-DTYP 2.5.3.2).
package struct AccessCheck: Sendable {
  /// A right on one object.
  package enum Right: Sendable, Equatable {
    /// A control access right, by its rightsGuid.
    case controlAccess(UUID)
    /// Write on one attribute, by its schemaIDGUID and the attributeSecurityGUID of its property set, if it is in one.
    case writeProperty(UUID, propertySet: UUID?)

    /// User-Force-Change-Password, shown as Reset Password (MS-ADTS 5.1.3.2.1).
    package static let resetPassword = Right.controlAccess(
      UUID(uuid: (0x00, 0x29, 0x95, 0x70, 0x24, 0x6D, 0x11, 0xD0, 0xA7, 0x68, 0x00, 0xAA, 0x00, 0x6E, 0x05, 0x29)))

    /// Write on msDS-SupportedEncryptionTypes, which is in no property set (MS-ADA2).
    package static let writeEncryptionTypes = Right.writeProperty(
      UUID(uuid: (0x20, 0x11, 0x98, 0x67, 0x1D, 0x04, 0x4A, 0xB7, 0x93, 0x71, 0xCF, 0xC3, 0xD5, 0xDF, 0x0A, 0xFD)),
      propertySet: nil)

    // MS-ADTS 5.1.3.2; GENERIC_ALL and GENERIC_WRITE stand for what they map to on directory objects.
    fileprivate var mask: UInt32 {
      let (controlAccess, writeProperty): (UInt32, UInt32) = (0x0000_0100, 0x0000_0020)
      let (genericAll, genericWrite): (UInt32, UInt32) = (0x1000_0000, 0x4000_0000)
      return switch self {
      case .controlAccess: controlAccess | genericAll
      case .writeProperty: writeProperty | genericAll | genericWrite
      }
    }

    fileprivate func isWithin(_ objectType: UUID?) -> Bool {
      guard let objectType else { return true }
      return switch self {
      case .controlAccess(let right): objectType == right
      case .writeProperty(let attribute, let propertySet): objectType == attribute || objectType == propertySet
      }
    }
  }

  let descriptor: SecurityDescriptor
  let identities: Set<SecurityIdentifier>

  /// Prepares a check.
  ///
  /// - Parameters:
  ///   - descriptor: The object's owner and DACL.
  ///   - token: The caller's own SID and those of its groups. Everyone and Authenticated Users are added, since the caller is
  ///     bound.
  ///   - objectIdentifier: The object's own SID, to which SELF refers; `nil` if it has none.
  package init(
    descriptor: SecurityDescriptor, token: Set<SecurityIdentifier>, objectIdentifier: SecurityIdentifier?
  ) {
    var identities = token.union([.everyone, .authenticatedUsers])
    if let objectIdentifier, token.contains(objectIdentifier) { identities.insert(.principalSelf) }
    if let owner = descriptor.owner, token.contains(owner) { identities.insert(.ownerRights) }
    self.descriptor = descriptor
    self.identities = identities
  }

  /// Whether the right is granted: the first entry that matches decides, and without one it is refused. An owner's implicit
  /// rights (READ_CONTROL and WRITE_DAC) are not among those asked for here.
  package func grants(_ right: Right) -> Bool {
    guard let entries = descriptor.entries else { return true }
    let decisive = entries.first { entry in
      !entry.isInheritOnly && entry.mask & right.mask != 0 && right.isWithin(entry.objectType)
        && identities.contains(entry.trustee)
    }
    return decisive?.effect == .allow
  }
}
