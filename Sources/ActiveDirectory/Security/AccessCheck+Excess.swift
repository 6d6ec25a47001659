package import Foundation

extension AccessCheck.Right {
  /// The bit of an access mask that, together with ``objectType``, is this right and nothing else.
  var exactMask: UInt32 {
    switch self {
    case .controlAccess: AccessCheck.Bits.controlAccess
    case .writeProperty: AccessCheck.Bits.writeProperty
    }
  }

  /// The GUID by which an entry names it; `nil` if it is not limited.
  var objectType: UUID? {
    switch self {
    case .controlAccess(let right): right
    case .writeProperty(let attribute, _): attribute
    }
  }
}

extension AccessCheck {
  /// What an entry grants that changes something and is not among the rights of a rotator.
  package struct Excess: Sendable, Equatable {
    /// The bits of the access mask (MS-ADTS 5.1.3.2).
    package let mask: UInt32
    /// The extended right, attribute, property set or class that it is limited to; `nil` if it is not.
    package let objectType: UUID?
    /// The member of the token that it is granted to.
    package let trustee: SecurityIdentifier
    /// Whether an object above gives it.
    package let isInherited: Bool
  }

  /// The bits of an access mask that let somebody change something.
  package enum Bits {
    /// RIGHT_DS_CREATE_CHILD and RIGHT_DS_DELETE_CHILD.
    package static let children: UInt32 = 0x3
    /// RIGHT_DS_WRITE_PROPERTY_EXTENDED: validated writes.
    package static let validatedWrite: UInt32 = 0x8
    /// RIGHT_DS_WRITE_PROPERTY.
    package static let writeProperty: UInt32 = 0x20
    /// RIGHT_DELETE and RIGHT_DS_DELETE_TREE.
    package static let deletion: UInt32 = 0x1_0040
    /// RIGHT_DS_CONTROL_ACCESS.
    package static let controlAccess: UInt32 = 0x100
    /// RIGHT_WRITE_DAC.
    package static let writePermissions: UInt32 = 0x4_0000
    /// RIGHT_WRITE_OWNER.
    package static let writeOwner: UInt32 = 0x8_0000
    /// GENERIC_WRITE.
    package static let genericWrite: UInt32 = 0x4000_0000
    /// GENERIC_ALL.
    package static let genericAll: UInt32 = 0x1000_0000

    fileprivate static let changing =
      children | validatedWrite | writeProperty | deletion | controlAccess | writePermissions | writeOwner | genericWrite
      | genericAll
  }

  /// User-Change-Password: whoever knows the password may set another, which is what everybody is allowed on every account (MS-ADTS 5.1.3.2.1).
  private static let changePassword = UUID(
    uuid: (0xAB, 0x72, 0x1A, 0x53, 0x1E, 0x2F, 0x11, 0xD0, 0x98, 0x19, 0x00, 0xAA, 0x00, 0x40, 0x52, 0x9B))

  /// What the caller may do beyond these rights, entry by entry; what an earlier entry refuses is left out.
  package func excess(beyond needed: [Right]) -> [Excess] {
    guard let entries = descriptor.entries else {
      return [Excess(mask: Bits.genericAll, objectType: nil, trustee: .everyone, isInherited: false)]
    }
    return entries.indices.compactMap { index in
      let entry = entries[index]
      guard entry.effect == .allow, concerns(entry) else { return nil }
      let refused = entries[..<index].filter { concerns($0) && $0.effect == .deny && $0.covers(entry) }
      let mask = entry.mask & Bits.changing & ~refused.reduce(0) { $0 | $1.mask } & ~Self.permitted(entry, needed)
      guard mask != 0 else { return nil }
      return Excess(mask: mask, objectType: entry.objectType, trustee: entry.trustee, isInherited: entry.isInherited)
    }
  }

  /// Whether an entry bears on what the caller may do to the object itself.
  private func concerns(_ entry: AccessControlEntry) -> Bool {
    !entry.isInheritOnly && identities.contains(entry.trustee)
  }

  /// Whether the caller owns the object, and so may change its permissions whatever they say.
  package var isOwner: Bool { descriptor.owner.map(identities.contains) ?? false }

  private static func permitted(_ entry: AccessControlEntry, _ needed: [Right]) -> UInt32 {
    if entry.objectType == changePassword { return Bits.controlAccess }
    // What comes from above is on everything below there.
    if entry.isInherited { return 0 }
    return needed.filter { $0.objectType == entry.objectType }.reduce(0) { $0 | $1.exactMask }
  }
}

extension AccessControlEntry {
  /// Whether it is about everything that another is about.
  fileprivate func covers(_ other: AccessControlEntry) -> Bool { objectType == nil || objectType == other.objectType }
}
