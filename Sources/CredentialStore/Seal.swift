import Crypto
import Foundation
import RotationCore
import SecretMemory

/// What a sealed value is and whom it belongs to. All of it is authenticated with the value (the AAD of AES-GCM), so a value
/// that is moved to another row does not open there.
///
/// The rotation's id names exactly one plan, so the epoch, which is given only after sealing, would add nothing.
struct SealLabel {
  let rotator: RotatorID
  var account = ""
  var rotation = ""
  let purpose: String

  /// Every field with its length in front, so that no two labels give the same bytes.
  var bytes: Data {
    var data = Data()
    for field in ["asa-rotator store 1", rotator.description, account, rotation, purpose] {
      withUnsafeBytes(of: UInt32(field.utf8.count).bigEndian) { data.append(contentsOf: $0) }
      data.append(contentsOf: field.utf8)
    }
    return data
  }
}

/// A value did not open: another key, another label or damage. AES-GCM cannot tell which.
struct SealRefusal: Error {}

/// AES-256-GCM under one key, with a random 96-bit nonce per value (NIST SP 800-38D 8.2.2).
struct Seal {
  private let key: SecretBytes

  init(key: SecretBytes) { self.key = key }

  /// Seals a secret: nonce, ciphertext and tag in one.
  func seal(_ secret: SecretBytes, as label: SealLabel) throws -> Data {
    let box = try secret.withUnsafeBytes { bytes in
      try AES.GCM.seal(bytes, using: symmetricKey, authenticating: label.bytes)
    }
    guard let combined = box.combined else { throw SealRefusal() }
    return combined
  }

  /// Opens a sealed secret.
  ///
  /// - Throws: ``SealRefusal``.
  func open(_ sealed: Data, as label: SealLabel) throws(SealRefusal) -> SecretBytes {
    do {
      let box = try AES.GCM.SealedBox(combined: sealed)
      // The library hands plaintext out only as Data; it is wiped as soon as it is copied.
      var plain = try AES.GCM.open(box, using: symmetricKey, authenticating: label.bytes)
      defer { plain.withUnsafeMutableBytes(Self.wipe) }
      return plain.withUnsafeBytes { SecretBytes(copying: $0) }
    } catch {
      throw SealRefusal()
    }
  }

  /// A key for another purpose (HKDF, RFC 5869).
  func derivedKey(_ purpose: String) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: symmetricKey, info: Data("asa-rotator store: \(purpose)".utf8), outputByteCount: StoreKeyFile.length)
  }

  private static func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
    if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
  }

  // The library wipes its own copy when it goes; ours stays in locked memory.
  private var symmetricKey: SymmetricKey { key.withUnsafeBytes { SymmetricKey(data: $0) } }
}
