import AgentProtocol
import Foundation
import RotationCore
import SecretMemory

/// The accounts that rotators bind to this node and how it looks at them by itself, on disk: no rotator may answer when the agent is started.
struct WatchRecord: Codable, Equatable {
  struct Account: Codable, Equatable {
    var account: AccountName
    var watch: DirectoryWatch?
    /// Whether the node serves without it as yet, see ``Readiness``.
    var isNew: Bool?
  }

  private static let sizeLimit = 1 << 20

  var accounts: [Account]

  /// Reads the record at `path`; `nil` if there is none, or it cannot be understood.
  static func load(_ path: String) throws(OperatorFault) -> WatchRecord? {
    guard let contents = try DurableFile.readPrivate(path, limit: sizeLimit) else { return nil }
    return contents.withUnsafeBytes { try? JSONDecoder().decode(WatchRecord.self, from: Data($0)) }
  }

  func save(_ path: String) throws(OperatorFault) {
    try DurableFile.replace(path, with: SecretBytes(copying: try DurableFile.encoded(self, for: path)))
  }
}
