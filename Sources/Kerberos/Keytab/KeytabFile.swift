package import RotationCore
import SecretMemory

/// Keytab files: read whole, replaced whole, never edited in place.
package enum KeytabFile {
  /// More than any keytab that is still usable; a bound for what a wrong path may make us read.
  private static let sizeLimit = 16 << 20

  /// Reads every entry of a keytab, in its order.
  ///
  /// - Throws: ``OperatorFault``: `.noInput` if there is no such file, `.data` if it is damaged or no regular file, `.permission` if we may
  ///   not read it, `.inputOutput` if reading fails.
  package static func read(_ path: String) throws(OperatorFault) -> [KeytabEntry] {
    let image = try SecretFile.read(path, subject: subject(path), sizeLimit: sizeLimit)
    do {
      return try KeytabDecoder.entries(in: image)
    } catch {
      throw OperatorFault(
        .data, subject(path), "is damaged at byte \(error.offset): \(error.problem)", remedy: "restore it or write it anew")
    }
  }

  /// Replaces a keytab, or makes it: whole or not at all, also when the machine stops in between.
  ///
  /// - Parameters:
  ///   - entries: The entries in the order wanted; one that is there twice is written once.
  ///   - path: The keytab, which must be a regular file of ours or not exist.
  ///   - ownership: Owner, group and mode of the finished file; until then it is 0600 and ours.
  /// - Throws: ``OperatorFault``: `.data` for two different keys under one principal, kvno and encryption type, `.cannotCreate` for a target
  ///   that is a link or anything but a regular file, or a folder that is missing, `.permission` if a right is missing, `.inputOutput`
  ///   otherwise. The former file is then still in place, and nothing of the new one is left.
  package static func write(
    _ entries: [KeytabEntry], replacing path: String, ownership: FileOwnership
  ) throws(OperatorFault) {
    let image = KeytabEncoder.image(of: try distinct(entries, path))
    try SecretFile.replace(path, with: image, subject: subject(path), ownership: ownership)
  }

  private static func distinct(_ entries: [KeytabEntry], _ path: String) throws(OperatorFault) -> [KeytabEntry] {
    var keys: [KeytabEntry.Identity: AccountKey] = [:]
    var distinct: [KeytabEntry] = []
    for entry in entries {
      guard let known = keys.updateValue(entry.key, forKey: entry.identity) else {
        distinct.append(entry)
        continue
      }
      guard known == entry.key else {
        throw OperatorFault(
          .data, subject(path), "would hold two different keys for \(entry.identity)",
          remedy: "find out which of them the domain controllers use before anything is written")
      }
    }
    return distinct
  }

  private static func subject(_ path: String) -> String { "keytab \(path)" }
}
