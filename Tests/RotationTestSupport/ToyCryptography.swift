package import RotationCore
package import SecretMemory

/// Keys and checksums with the shape of the real ones and no strength at all; everything is a function of the password.
package enum ToyCryptography {
  /// The keys of a password.
  package static func keys(of password: SecretBytes, salt: String, encryptionTypes: [EncryptionType]) -> AccountKeys {
    AccountKeys(
      keys: encryptionTypes.map { type in
        let salt = type.isSalted ? Array(salt.utf8) : []
        let seed = password.withUnsafeBytes { Array($0) } + salt + [UInt8(type.rawValue)]
        let bytes = digest(seed, count: type == .aes256 ? 32 : 16)
        return AccountKey(
          encryptionType: type.rawValue, bytes: bytes.withUnsafeBytes { SecretBytes(copying: $0) })
      }, salt: salt)
  }

  /// A checksum over a message that only a holder of the key can make.
  package static func tag(_ message: [UInt8], with key: AccountKey) -> [UInt8] {
    digest(key.bytes.withUnsafeBytes { Array($0) } + message, count: 12)
  }

  private static func digest(_ message: [UInt8], count: Int) -> [UInt8] {
    (0..<count).map { index in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in [UInt8(index)] + message { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      return UInt8(truncatingIfNeeded: hash >> 32)
    }
  }
}

/// An AP-REQ in the toy's own form: a nonce and a tag over it.
struct ToyTicketRequest {
  static let tagLength = 12
  let nonce: [UInt8]
  let tag: [UInt8]

  init(with key: AccountKey) {
    nonce = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    tag = ToyCryptography.tag(nonce, with: key)
  }

  init(_ bytes: [UInt8]) {
    nonce = Array(bytes.dropLast(Self.tagLength))
    tag = Array(bytes.suffix(Self.tagLength))
  }

  var bytes: [UInt8] { nonce + tag }

  func opens(with key: AccountKey) -> Bool { ToyCryptography.tag(nonce, with: key) == tag }

  func reply(with key: AccountKey) -> [UInt8] { ToyCryptography.tag(nonce + [1], with: key) }
}
