import Crypto
import Foundation
import NIOSSL
import RotationCore
import SecretMemory
import X509

/// The private key of the node's certificate, in the two forms that signing and TLS take.
struct PrivateKeyFile {
  /// For the signature at the start of every stream.
  let certificateKey: Certificate.PrivateKey
  /// For the TLS handshake.
  let tlsKey: NIOSSLPrivateKey

  // A PEM file of an RSA key of 16384 bits is smaller.
  private static let sizeLimit = 32 << 10

  /// Reads the file at `path`.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` if it is missing, accessible by others, or no P-256 or RSA key.
  init(path: String) throws(OperatorFault) {
    let subject = "privateKey \(path)"
    let contents: SecretBytes?
    do throws(OperatorFault) {
      contents = try DurableFile.readPrivate(path, limit: Self.sizeLimit)
    } catch {
      throw OperatorFault(
        .configuration, subject, error.problem, remedy: error.remedy.isEmpty ? "check the path and its rights" : error.remedy)
    }
    guard let contents else { throw OperatorFault(.configuration, subject, "does not exist", remedy: "check the path") }
    do {
      // Both libraries take the PEM text in a type of the standard library; these copies live to the end of this scope.
      certificateKey = try contents.withUnsafeBytes {
        try Certificate.PrivateKey(pemEncoded: String(decoding: $0, as: UTF8.self))
      }
      tlsKey = try contents.withUnsafeBytes { try NIOSSLPrivateKey(bytes: Array($0), format: .pem) }
    } catch {
      throw OperatorFault(.configuration, subject, "is not an unencrypted PEM private key", remedy: "convert it (openssl pkey)")
    }
    guard Self.signatureAlgorithm(for: certificateKey) != nil else {
      throw OperatorFault(.configuration, subject, "is neither an ECDSA P-256 nor an RSA key", remedy: "issue a P-256 one")
    }
  }

  /// The algorithm that the agent protocol fixes for the key; `nil` if it has none for it.
  static func signatureAlgorithm(for key: Certificate.PrivateKey) -> Certificate.SignatureAlgorithm? {
    if P256.Signing.PublicKey(key.publicKey) != nil { return .ecdsaWithSHA256 }
    return key.supportedSignatureAlgorithms.first { $0 == .sha256WithRSAEncryption }
  }
}
