import Foundation
package import RotationCore
import SecretMemory

/// What made the node ready, on disk: an agent that is started again while no rotator answers need not take a working node out of service.
/// It counts for the boot that it was written in.
package struct ReadinessRecord: Sendable, Equatable, Codable {
  /// One account that the node served with a proven key.
  package struct Proof: Sendable, Equatable, Codable {
    /// The account.
    package var account: AccountName
    /// The slot that was Latest when a ticket opened with its key.
    package var rotation: RotationID
    /// Its kvno.
    package var version: KeyVersion

    /// Makes a proof.
    package init(account: AccountName, rotation: RotationID, version: KeyVersion) {
      self.account = account
      self.rotation = rotation
      self.version = version
    }
  }

  // 256 accounts.
  private static let sizeLimit = 1 << 17

  /// The boot, see ``BootIdentity``.
  package var boot: String
  /// The accounts that the rotator bound to the node.
  package var bound: [AccountName]
  /// Those of them that were proven.
  package var proofs: [Proof]

  /// Makes a record.
  package init(boot: String, bound: [AccountName], proofs: [Proof]) {
    self.boot = boot
    self.bound = bound
    self.proofs = proofs
  }

  /// Reads the record at `path`; `nil` if there is none, or it is of another boot or no record at all: the node then is not ready until it
  /// is proven again.
  static func load(_ path: String, boot: String) throws(OperatorFault) -> ReadinessRecord? {
    guard let contents = try DurableFile.readPrivate(path, limit: sizeLimit) else { return nil }
    let record = contents.withUnsafeBytes { try? JSONDecoder().decode(ReadinessRecord.self, from: Data($0)) }
    return record?.boot == boot ? record : nil
  }

  /// Makes this the record at `path`, durably.
  ///
  /// - Throws: ``OperatorFault`` `.cannotCreate` or `.inputOutput`.
  func save(_ path: String) throws(OperatorFault) {
    try DurableFile.replace(path, with: SecretBytes(copying: try DurableFile.encoded(self, for: path)))
  }
}
