import Foundation
import RotationCore

/// Says in words what an entry of a DACL grants, with the names that the schema has for its GUIDs.
struct RightNames {
  let connection: LDAPConnection
  let root: RootEntry

  // Of the rights on directory objects that "full control" stands for, those that change something (MS-ADTS 5.1.3.2).
  private static let fullControl: UInt32 = 0x000D_016B

  /// One word group per right.
  func words(for excess: AccessCheck.Excess) throws(LDAPFailure) -> [String] {
    typealias Bits = AccessCheck.Bits
    let has = { (bits: UInt32) in excess.mask & bits != 0 }
    let isFull = excess.mask & Self.fullControl == Self.fullControl && excess.objectType == nil
    if has(Bits.genericAll) || isFull { return ["full control"] }
    let target = try excess.objectType.map { (type) throws(LDAPFailure) in try name(of: type) }
    let limited = target ?? "every attribute"
    let candidates: [(UInt32, String)] = [
      (Bits.writePermissions, "change its permissions"), (Bits.writeOwner, "take ownership"), (Bits.deletion, "delete it"),
      (Bits.children, "create or delete objects below it"),
      (Bits.writeProperty | Bits.genericWrite, "write \(limited)"), (Bits.validatedWrite, "validated write of \(limited)"),
      (Bits.controlAccess, target.map { "extended right \($0)" } ?? "every extended right"),
    ]
    return candidates.filter { has($0.0) }.map(\.1)
  }

  /// The name of an attribute, a class, a property set or an extended right; its GUID where the directory has none.
  private func name(of identifier: UUID) throws(LDAPFailure) -> String {
    let inSchema = SearchFilter.equal("schemaIDGUID", bytes: identifier.directoryBytes)
    let schema = try connection.search(root.schema, .oneLevel, inSchema, ["lDAPDisplayName"])
    if let name = schema.first?.text("lDAPDisplayName") { return name }
    let text = identifier.uuidString.lowercased()
    let rights = try connection.search(
      "CN=Extended-Rights,\(root.configuration)", .oneLevel, .equal("rightsGuid", text), ["displayName", "cn"])
    return rights.first.flatMap { $0.text("displayName") ?? $0.text("cn") } ?? text
  }
}
