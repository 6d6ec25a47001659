import Foundation
import RotationCore
import SecretMemory

/// What consumers have loaded, on disk, so that an agent that is started again does not take them for current. It counts for the boot that it was
/// written in: after another one they start when the keytabs are up to date.
struct ConsumerRecord: Codable, Equatable {
  // 64 consumers of 256 accounts with 64 keys each would not fit; then nothing is recalled.
  private static let sizeLimit = 1 << 20

  var boot: String
  var loaded: [String: Set<ConsumerLedger.LoadedKey>]

  /// Reads the record at `path`; `nil` if there is none of this boot.
  static func load(_ path: String, boot: String) throws(OperatorFault) -> ConsumerRecord? {
    guard let contents = try DurableFile.readPrivate(path, limit: sizeLimit) else { return nil }
    let record = contents.withUnsafeBytes { try? JSONDecoder().decode(ConsumerRecord.self, from: Data($0)) }
    return record?.boot == boot ? record : nil
  }

  func save(_ path: String) throws(OperatorFault) {
    try DurableFile.replace(path, with: SecretBytes(copying: try DurableFile.encoded(self, for: path)))
  }
}
