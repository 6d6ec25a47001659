import Foundation
import RotationCore
import SecretMemory

/// Values that tests share.
enum Fixture {
  static let account = named("LAB\\EXCH2016ASA$")
  static let start = Date(timeIntervalSince1970: 1_750_000_000)

  private static func named(_ text: String) -> AccountName {
    do { return try AccountName(text) } catch { preconditionFailure("\(error)") }
  }

  /// ASCII text as a secret.
  static func secret(_ text: String) -> SecretBytes {
    Array(text.utf8).withUnsafeBytes { SecretBytes(copying: $0) }
  }
}
