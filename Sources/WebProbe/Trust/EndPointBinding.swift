import Crypto
import SwiftASN1
import X509

/// The channel binding `tls-server-end-point` (RFC 5929 section 4), which Windows' Extended Protection asks for.
enum EndPointBinding {
  /// The prefix and the hash of the server's certificate; `nil` where the signature's hash function is none or unknown, and the binding so
  /// undefined.
  static func make(from certificate: Certificate) -> [UInt8]? {
    var serializer = DER.Serializer()
    guard (try? serializer.serialize(certificate)) != nil,
      let hash = hash(of: serializer.serializedBytes, as: certificate.signatureAlgorithm)
    else { return nil }
    return Array("tls-server-end-point:".utf8) + hash
  }

  /// With the hash function of the certificate's own signature, but SHA-256 where that is SHA-1.
  private static func hash(of bytes: [UInt8], as algorithm: Certificate.SignatureAlgorithm) -> [UInt8]? {
    switch algorithm {
    case .ecdsaWithSHA256, .sha256WithRSAEncryption, .sha1WithRSAEncryption: Array(SHA256.hash(data: bytes))
    case .ecdsaWithSHA384, .sha384WithRSAEncryption: Array(SHA384.hash(data: bytes))
    case .ecdsaWithSHA512, .sha512WithRSAEncryption: Array(SHA512.hash(data: bytes))
    default: nil
    }
  }
}
