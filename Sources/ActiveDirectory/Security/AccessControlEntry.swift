package import Foundation

/// One entry of a DACL, as far as it bears on whether an access is granted (MS-DTYP 2.4.4).
package struct AccessControlEntry: Sendable, Equatable {
  /// What an entry does when it matches.
  package enum Effect: Sendable {
    /// Grants the access.
    case allow
    /// Refuses it, whatever follows.
    case deny
  }

  /// What it does.
  package let effect: Effect
  /// Its access mask.
  package let mask: UInt32
  /// The extended right, property set, property or class that it is limited to; `nil` if it is not.
  package let objectType: UUID?
  /// Whom it concerns.
  package let trustee: SecurityIdentifier
  /// Whether it is there for children only and does not bear on the object itself (INHERIT_ONLY_ACE).
  package let isInheritOnly: Bool
  /// Whether an object above gave it (INHERITED_ACE).
  package let isInherited: Bool

  private static let inheritedFlag: UInt8 = 0x10
  private static let inheritOnlyFlag: UInt8 = 0x08
  private static let objectTypePresent: UInt32 = 1
  private static let inheritedObjectTypePresent: UInt32 = 2

  /// Reads the entry at the front of `reader`; `nil` if it is of a kind that grants nothing and refuses nothing.
  ///
  /// A conditional entry cannot be evaluated here: one that allows is passed over and one that denies counts as denying, so
  /// that the answer errs towards "no".
  init?(from reader: inout LittleEndianReader) throws(MalformedStructure) {
    let type = try reader.integer(UInt8.self, of: "an ACE")
    let flags = try reader.integer(UInt8.self, of: "an ACE")
    let size = try reader.integer(UInt16.self, of: "an ACE")
    var body = LittleEndianReader(try reader.take(Int(size) - 4, of: "an ACE"))
    guard let (effect, hasObjectType) = Self.kind(of: type) else { return nil }
    self.effect = effect
    isInheritOnly = flags & Self.inheritOnlyFlag != 0
    isInherited = flags & Self.inheritedFlag != 0
    mask = try body.integer(of: "an ACE")
    objectType = hasObjectType ? try Self.objectType(from: &body) : nil
    trustee = try SecurityIdentifier(from: &body)
  }

  private static func kind(of type: UInt8) -> (Effect, hasObjectType: Bool)? {
    switch type {
    case 0x00: (.allow, false)
    case 0x01, 0x0A: (.deny, false)
    case 0x05: (.allow, true)
    case 0x06, 0x0C: (.deny, true)
    default: nil
    }
  }

  private static func objectType(from body: inout LittleEndianReader) throws(MalformedStructure) -> UUID? {
    let present = try body.integer(UInt32.self, of: "an object ACE")
    let objectType = present & objectTypePresent != 0 ? try body.take(16, of: "an object ACE") : nil
    if present & inheritedObjectTypePresent != 0 { _ = try body.take(16, of: "an object ACE") }
    return objectType.flatMap { UUID(directoryBytes: $0) }
  }
}
