import Foundation
import Kerberos
import RotationCore
import SecretMemory

/// Secrets from hexadecimal digits, for known answers.
extension SecretBytes {
  convenience init(hex: String) {
    let digits = Array(hex.utf8)
    self.init(count: digits.count / 2) { destination in
      for index in destination.indices {
        destination[index] = UInt8(String(decoding: digits[2 * index...2 * index + 1], as: UTF8.self), radix: 16) ?? 0
      }
    }
  }

  convenience init(text: String) {
    let bytes = Array(text.utf8)
    self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
  }
}

extension SecretBytes {
  var hex: String { withUnsafeBytes { $0.map { String(format: "%02x", $0) }.joined() } }
}

extension KeytabEntry {
  static func sample(
    _ principal: String = "HTTP/mail.lab.example", version: UInt32 = 3, type: EncryptionType = .aes256, fill: UInt8 = 0x5a,
    timestamp: Date = Date(timeIntervalSince1970: 1_700_000_000)
  ) -> KeytabEntry {
    let length = type == .aes256 ? 32 : 16
    let bytes = SecretBytes(count: length) { $0.copyBytes(from: repeatElement(fill, count: length)) }
    return KeytabEntry(
      principal: principal, realm: Realm("LAB.EXAMPLE"), version: KeyVersion(version), timestamp: timestamp,
      key: AccountKey(encryptionType: type.rawValue, bytes: bytes))
  }
}
