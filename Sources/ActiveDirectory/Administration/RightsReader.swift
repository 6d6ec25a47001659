import Foundation
import RotationCore

/// Judges what a principal may do to an object, and says it in words.
struct RightsReader {
  let connection: LDAPConnection
  let root: RootEntry
  let realm: Realm
  /// The attribute that carries the stamp; `nil` where there is none.
  let stampAttribute: String?

  // OWNER_SECURITY_INFORMATION and DACL_SECURITY_INFORMATION.
  private static let ownerAndDACL: UInt8 = 0x05

  /// Finds the principal and reads what the object's descriptor gives it.
  func rights(of principal: String, on object: UUID) throws(LDAPFailure) -> TrusteeRights {
    try rights(of: TrusteeReader(connection: connection, root: root, realm: realm).find(principal), on: object)
  }

  /// Reads what the object's descriptor gives somebody.
  func rights(of found: TrusteeReader.Found, on object: UUID) throws(LDAPFailure) -> TrusteeRights {
    let entry = try read(object)
    let needed = try neededRights()
    let all = try check(entry, found.token)
    let own = try check(entry, [found.identifier])
    return TrusteeRights(
      trustee: found.trustee, own: Set(needed.filter { own.grantsByName($0.value) }.keys),
      effective: Set(needed.filter { all.grants($0.value) }.keys),
      excess: try words(for: all.excess(beyond: Array(needed.values))) + ownership(all))
  }

  /// The rights that a rotator has use for, as entries of a DACL name them.
  func neededRights() throws(LDAPFailure) -> [DelegatedRight: AccessCheck.Right] {
    var rights: [DelegatedRight: AccessCheck.Right] = [
      .resetPassword: .resetPassword, .writeEncryptionTypes: .writeEncryptionTypes,
    ]
    if let stampAttribute {
      let attribute = try StampAttribute(named: stampAttribute, over: connection, root: root)
      rights[.writeStamp] = .writeProperty(attribute.identifier, propertySet: attribute.propertySet)
    }
    return rights
  }

  /// The bytes of the object's descriptor, its owner and its DACL.
  func descriptor(of object: UUID) throws(LDAPFailure) -> [UInt8] {
    let entry = try read(object)
    return try entry.required("nTSecurityDescriptor", entry.bytes("nTSecurityDescriptor"))
  }

  private func read(_ object: UUID) throws(LDAPFailure) -> LDAPEntry {
    let attributes = ["nTSecurityDescriptor", "objectSid"]
    guard let entry = try connection.read(object.distinguishedName, attributes, descriptorParts: Self.ownerAndDACL) else {
      throw .fault(OperatorFault(.noInput, object.distinguishedName, "\(connection.host) has no such object"))
    }
    return entry
  }

  private func check(_ entry: LDAPEntry, _ token: Set<SecurityIdentifier>) throws(LDAPFailure) -> AccessCheck {
    let bytes = try entry.required("nTSecurityDescriptor", entry.bytes("nTSecurityDescriptor"))
    do throws(MalformedStructure) {
      let identifier = try entry.bytes("objectSid").map { (bytes) throws(MalformedStructure) in
        try SecurityIdentifier(bytes: bytes)
      }
      return AccessCheck(
        descriptor: try SecurityDescriptor(bytes: bytes), token: token, objectIdentifier: identifier)
    } catch {
      throw .fault(OperatorFault(.protocol, "nTSecurityDescriptor of \(entry.distinguishedName)", error.problem))
    }
  }

  private func ownership(_ check: AccessCheck) -> [ExcessRight] {
    guard check.isOwner, let owner = check.descriptor.owner else { return [] }
    let name = TrusteeReader(connection: connection, root: root, realm: realm).name(of: owner)
    return [ExcessRight(right: "change its permissions, as its owner", through: name, isInherited: false)]
  }

  private func words(for excess: [AccessCheck.Excess]) throws(LDAPFailure) -> [ExcessRight] {
    let trustees = TrusteeReader(connection: connection, root: root, realm: realm)
    let names = RightNames(connection: connection, root: root)
    var rights: [ExcessRight] = []
    for entry in excess {
      let through = trustees.name(of: entry.trustee)
      for right in try names.words(for: entry) {
        rights.append(ExcessRight(right: right, through: through, isInherited: entry.isInherited))
      }
    }
    // Several entries often say the same.
    return rights.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

extension AccessCheck {
  /// Whether entries for the caller itself grant it, and not those for everybody.
  fileprivate func grantsByName(_ right: Right) -> Bool {
    grants(right) && !AccessCheck(descriptor: descriptor, token: [], objectIdentifier: nil).grants(right)
  }
}
