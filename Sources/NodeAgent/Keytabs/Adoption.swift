import Foundation
package import Kerberos
package import RotationCore
package import SecretMemory

/// Turns the keys that a node's keytabs already hold for an account into unproven slots.
package enum Adoption {
  /// The most kvnos that are taken over. A keytab grows by a kvno a month; this bounds what is reported and written, not what is usual.
  package static let limit = 128

  /// Groups the keys by kvno, newest first. They are unproven until a domain controller's ticket opens with one.
  ///
  /// All of them, however many: the time stamps of entries tell when somebody wrote them, not when the directory used a key, so none can be
  /// left out that a client might still hold a ticket under.
  ///
  /// - Parameters:
  ///   - files: The account's entries in each of its keytabs.
  ///   - account: The account, for the fault.
  ///   - secret: The secret that fingerprints are computed under.
  /// - Throws: ``OperatorFault`` of kind `.configuration` for two keys under one kvno and encryption type, or more kvnos than ``limit``.
  package static func slots(
    from files: [(path: String, entries: [KeytabEntry])], of account: AccountName, under secret: SecretBytes
  ) throws(OperatorFault) -> [HeldSlot] {
    let found = files.flatMap { file in file.entries.map { Found(path: file.path, entry: $0) } }
    var slots: [HeldSlot] = []
    for (version, group) in Dictionary(grouping: found, by: \.entry.version).sorted(by: { $0.key > $1.key }) {
      slots.append(try slot(of: group, version: version, account: account, secret: secret))
    }
    guard slots.count <= limit else { throw tooMany(slots.count, account: account, paths: files.map(\.path)) }
    return slots
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

  private static func twoKeys(_ first: Found, _ second: Found, account: AccountName) -> OperatorFault {
    OperatorFault(
      .configuration, "\(account) kvno \(first.entry.version)",
      "has two keys of encryption type \(first.entry.key.encryptionType): \(first.entry.principal) in \(first.path) and "
        + "\(second.entry.principal) in \(second.path)",
      remedy: "find out which one the domain controllers use (kvno -k KEYTAB SPN) and remove the other (ktutil: delent)")
  }

  private static func tooMany(_ count: Int, account: AccountName, paths: [String]) -> OperatorFault {
    OperatorFault(
      .configuration, "keytab \(paths.joined(separator: ", "))",
      "holds \(count) kvnos of \(account), and at most \(limit) are taken over",
      remedy: "remove the entries of the oldest kvnos (ktutil: delent)")
  }
}
