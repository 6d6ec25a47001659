import Foundation
package import Kerberos
package import RotationCore
package import SecretMemory

/// Turns the keys that a node's keytabs already hold for an account into unproven slots.
package enum Adoption {
  /// Groups the keys by kvno, newest first. They are unproven until a domain controller's ticket opens with one.
  ///
  /// - Parameters:
  ///   - files: The account's entries in each of its keytabs.
  ///   - account: The account, for the fault.
  ///   - secret: The secret that fingerprints are computed under.
  ///   - slotLimit: The most slots that the node holds; one is left free for the next rotation.
  /// - Throws: ``OperatorFault`` of kind `.configuration` for two keys under one kvno and encryption type, or too many live kvnos.
  package static func slots(
    from files: [(path: String, entries: [KeytabEntry])], of account: AccountName, under secret: SecretBytes, slotLimit: Int
  ) throws(OperatorFault) -> [HeldSlot] {
    let found = files.flatMap { file in file.entries.map { Found(path: file.path, entry: $0) } }
    var slots: [HeldSlot] = []
    for (version, group) in Dictionary(grouping: found, by: \.entry.version).sorted(by: { $0.key > $1.key }) {
      slots.append(try slot(of: group, version: version, account: account, secret: secret))
    }
    return try alive(slots, room: slotLimit - 1, account: account, paths: files.map(\.path))
  }

  private struct Found {
    let path: String
    let entry: KeytabEntry
  }

  private static func slot(
    of group: [Found], version: KeyVersion, account: AccountName, secret: SecretBytes
  ) throws(OperatorFault) -> HeldSlot {
    var kept: [Found] = []
    for found in group {
      let same = kept.first { $0.entry.key.encryptionType == found.entry.key.encryptionType }
      guard let same else {
        kept.append(found)
        continue
      }
      guard same.entry.key.bytes == found.entry.key.bytes else { throw twoKeys(same, found, account: account) }
    }
    let keys = AccountKeys(keys: kept.map(\.entry.key), salt: nil)
    return HeldSlot(
      rotation: .adopted(version), version: version, position: .retiring, fingerprint: KeyFingerprint(of: keys, under: secret),
      keys: keys, setAt: group.map(\.entry.timestamp).max() ?? .distantPast, committedEpoch: nil, isProven: false,
      retireAfter: nil)
  }

  /// With more kvnos than room, leaves out those under which no ticket can be alive: a later one has been in the file for longer than a
  /// ticket lives.
  private static func alive(
    _ slots: [HeldSlot], room: Int, account: AccountName, paths: [String]
  ) throws(OperatorFault) -> [HeldSlot] {
    guard slots.count > room else { return slots }
    let newest = slots.map(\.setAt).max() ?? .distantPast
    let horizon = newest.addingTimeInterval(-NodeSlots.unnamedSlotLifetime)
    let alive = slots.enumerated().filter { index, _ in index == 0 || slots[index - 1].setAt > horizon }.map(\.element)
    guard alive.count <= room else {
      throw OperatorFault(
        .configuration, "keytab \(paths.joined(separator: ", "))",
        "holds \(slots.count) kvnos of \(account), the node's limit leaves room for \(room)",
        remedy: "remove the entries of old kvnos (ktutil: delent), or raise slotLimit")
    }
    return alive
  }

  private static func twoKeys(_ first: Found, _ second: Found, account: AccountName) -> OperatorFault {
    OperatorFault(
      .configuration, "\(account) kvno \(first.entry.version)",
      "has two keys of encryption type \(first.entry.key.encryptionType): \(first.entry.principal) in \(first.path) and "
        + "\(second.entry.principal) in \(second.path)",
      remedy: "find out which one the domain controllers use (kvno -k KEYTAB SPN) and remove the other (ktutil: delent)")
  }
}
