package import RotationCore
import SecretMemory

/// The truth of a node: every account's slots in one file, 0600, replaced atomically and read back after every write.
package struct SlotFile: Sendable {
  /// Where it is.
  package let path: String

  // The wire allows 256 accounts of 64 slots; a slot takes some 500 bytes.
  private static let sizeLimit = 16 << 20

  /// Names the file at `path`.
  package init(path: String) { self.path = path }

  /// Reads the file; an absent one holds nothing.
  ///
  /// - Throws: ``OperatorFault``: `.permission` if others have rights on it, `.data` if it is not what was written, `.inputOutput`. The
  ///   file is left as it is.
  package func load() throws(OperatorFault) -> [NodeSlots] {
    guard let contents = try DurableFile.readPrivate(path, limit: Self.sizeLimit) else { return [] }
    return try SlotFileFormat.decode(contents, path: path)
  }

  /// Makes `accounts` the contents, durably, and reads them back.
  ///
  /// - Throws: ``OperatorFault`` `.cannotCreate` or `.inputOutput`; the former contents are then still in force.
  package func save(_ accounts: [NodeSlots]) throws(OperatorFault) {
    try DurableFile.replace(path, with: try SlotFileFormat.encode(accounts, path: path))
    guard try load() == accounts else {
      throw OperatorFault(
        .inputOutput, path, "does not hold what was written to it", remedy: "check the file system of the state directory")
    }
  }
}
