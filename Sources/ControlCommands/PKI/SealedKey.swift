import Crypto
import CryptoExtras
import Foundation
package import RotationCore
package import SecretMemory

/// The text form of a private key under a passphrase: AES-256-GCM, its key derived with scrypt (RFC 7914), r = 8 and p = 1.
///
/// The header lines are authenticated with the key, so that nobody can lower the cost or swap the salt unseen:
///
///     -----BEGIN ASA SEALED KEY-----
///     Version: 1
///     Scrypt-N: 65536
///     Salt: ...
///
///     ...
///     -----END ASA SEALED KEY-----
package struct SealedKey: Sendable, Equatable {
  /// The cost (N) of new files: 64 MiB of memory for each guess.
  package static let cost = 1 << 16
  /// The costs that are read; beyond them a file is refused rather than obeyed (memory: a KiB for each unit).
  package static let permittedCosts = (1 << 10)...(1 << 18)
  private static let opening = "-----BEGIN ASA SEALED KEY-----"
  private static let closing = "-----END ASA SEALED KEY-----"

  private let cost: Int
  private let salt: [UInt8]
  private let sealed: Data

  /// Seals a secret.
  ///
  /// - Throws: A `CryptoKitError`, if the library fails.
  package init(sealing secret: SecretBytes, under passphrase: SecretBytes, cost: Int = SealedKey.cost) throws {
    var generator = SystemRandomNumberGenerator()
    let salt = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    let key = try Self.deriveKey(passphrase, salt, cost)
    let header = Data(Self.header(cost: cost, salt: salt).utf8)
    let box = try secret.withUnsafeBytes { try AES.GCM.seal($0, using: key, authenticating: header) }
    guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
    self.cost = cost
    self.salt = salt
    sealed = combined
  }

  /// Reads the text form.
  ///
  /// - Throws: `OperatorFault` of kind `.data` if it is not one, or asks for another cost than is permitted.
  package init(text: String, file: String) throws(OperatorFault) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let fields = Self.fields(lines), Self.permittedCosts.contains(fields.cost), fields.cost.nonzeroBitCount == 1 else {
      throw OperatorFault(.data, file, "is not a sealed key of version 1", remedy: "name the directory that pki init made")
    }
    (cost, salt, sealed) = fields
  }

  /// The text form, which may be written to a file.
  package var text: String {
    let body = sealed.base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return "\(Self.opening)\n\(Self.header(cost: cost, salt: salt))\n\n\(body)\n\(Self.closing)\n"
  }

  /// Opens the seal.
  ///
  /// - Throws: `OperatorFault` of kind `.permission` if the passphrase is wrong or the file was changed.
  package func opened(with passphrase: SecretBytes, file: String) throws(OperatorFault) -> SecretBytes {
    do {
      let key = try Self.deriveKey(passphrase, salt, cost)
      let header = Data(Self.header(cost: cost, salt: salt).utf8)
      // The library hands the plain text out as Data; it lives no longer than this statement.
      let plain = try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key, authenticating: header)
      return plain.withUnsafeBytes { SecretBytes(copying: $0) }
    } catch {
      throw OperatorFault(.permission, file, "the passphrase does not open it", remedy: "give the one chosen at pki init")
    }
  }

  private static func deriveKey(_ passphrase: SecretBytes, _ salt: [UInt8], _ cost: Int) throws -> SymmetricKey {
    // The library dereferences the start of the passphrase, which an empty one need not have.
    guard passphrase.count > 0 else { throw CryptoKitError.incorrectParameterSize }
    return try passphrase.withUnsafeBytes { bytes in
      try KDF.Scrypt.deriveKey(from: bytes, salt: salt, outputByteCount: 32, rounds: cost, blockSize: 8, parallelism: 1)
    }
  }

  private static func header(cost: Int, salt: [UInt8]) -> String {
    "Version: 1\nScrypt-N: \(cost)\nSalt: \(Data(salt).base64EncodedString())"
  }

  private static func fields(_ lines: [String]) -> (cost: Int, salt: [UInt8], sealed: Data)? {
    guard lines.count >= 7, lines[0] == opening, lines[1] == "Version: 1", lines[4].isEmpty,
      let cost = value(lines[2], "Scrypt-N: ").flatMap({ Int($0) }),
      let salt = value(lines[3], "Salt: ").flatMap({ Data(base64Encoded: $0) }), salt.count == 32,
      let end = lines.firstIndex(of: closing), end > 5, lines[(end + 1)...].allSatisfy(\.isEmpty),
      let sealed = Data(base64Encoded: lines[5..<end].joined())
    else { return nil }
    return (cost, Array(salt), sealed)
  }

  private static func value(_ line: String, _ name: String) -> String? {
    line.hasPrefix(name) ? String(line.dropFirst(name.count)) : nil
  }
}
