import Crypto
import Foundation
package import SecretMemory

/// Names a set of keys without giving anything away: HMAC-SHA256 under a secret of the store, shortened to 16 bytes.
package struct KeyFingerprint: Hashable, Sendable, Codable, CustomStringConvertible {
  /// 32 lower-case hexadecimal digits.
  package let description: String

  /// Takes a fingerprint that a peer reported; `nil` if it is not 32 lower-case hexadecimal digits.
  package init?(_ text: String) {
    guard text.utf8.count == 32, text.allSatisfy({ "0123456789abcdef".contains($0) }) else { return nil }
    description = text
  }

  /// Computes the fingerprint over every (encryption type, key) pair, highest number first.
  package init(of keys: AccountKeys, under secret: SecretBytes) {
    var mac = secret.withUnsafeBytes { HMAC<SHA256>(key: SymmetricKey(data: $0)) }
    for key in keys.keys {
      withUnsafeBytes(of: key.encryptionType.bigEndian) { mac.update(data: $0) }
      withUnsafeBytes(of: UInt32(key.bytes.count).bigEndian) { mac.update(data: $0) }
      key.bytes.withUnsafeBytes { mac.update(data: $0) }
    }
    description = mac.finalize().prefix(16).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }

  /// Encodes as the one string.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes from the one string.
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let fingerprint = KeyFingerprint(text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a fingerprint"))
    }
    self = fingerprint
  }
}
