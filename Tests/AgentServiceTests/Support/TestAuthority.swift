import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

/// A throw-away CA that issues whatever certificate a test needs, good or bad.
struct TestAuthority {
  /// What a certificate is for.
  enum Usage {
    case client, server, both, none
  }

  let certificate: Certificate
  private let key = P256.Signing.PrivateKey()
  private let name: DistinguishedName

  var certificatePEM: String { get throws { try certificate.serializeAsPEM().pemString } }

  init(name commonName: String = "Test CA") throws {
    name = try DistinguishedName { CommonName(commonName) }
    certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: Date() - 3600,
      notValidAfter: Date() + 3600, issuer: name, subject: name,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(keyCertSign: true))
      }, issuerPrivateKey: .init(key))
  }

  func issue(
    _ names: [String], usage: Usage = .client, from: Date = Date() - 60, until: Date = Date() + 600,
    key subjectKey: Certificate.PrivateKey = .init(P256.Signing.PrivateKey())
  ) throws -> TestIdentity {
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: subjectKey.publicKey, notValidBefore: from, notValidAfter: until,
      issuer: name, subject: DistinguishedName { CommonName(names.first ?? "nobody") },
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        if !names.isEmpty { SubjectAlternativeNames(names.map { .dnsName($0) }) }
        switch usage {
        case .client: try ExtendedKeyUsage([.clientAuth])
        case .server: try ExtendedKeyUsage([.serverAuth])
        case .both: try ExtendedKeyUsage([.clientAuth, .serverAuth])
        case .none: KeyUsage(digitalSignature: true)
        }
      }, issuerPrivateKey: .init(key))
    return TestIdentity(certificate: certificate, key: subjectKey)
  }

  func issueRSA(_ names: [String]) throws -> TestIdentity {
    try issue(names, key: .init(_RSA.Signing.PrivateKey(keySize: .bits2048)))
  }
}

/// A certificate with its key.
struct TestIdentity: Sendable {
  let certificate: Certificate
  let key: Certificate.PrivateKey

  var certificatePEM: String { get throws { try certificate.serializeAsPEM().pemString } }
  var keyPEM: String { get throws { try key.serializeAsPEM().pemString } }

  /// A signature by the certificate's key, as the protocol asks for it.
  func sign(_ message: [UInt8]) throws -> Data {
    if let ecdsa = try? P256.Signing.PrivateKey(pemRepresentation: key.serializeAsPEM().pemString) {
      return try ecdsa.signature(for: message).derRepresentation
    }
    let rsa = try _RSA.Signing.PrivateKey(pemRepresentation: key.serializeAsPEM().pemString)
    return try rsa.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation
  }
}

/// A directory that is removed with the value that owns it.
final class TestDirectory {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "agent-service-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
    let path = url.appending(path: name).path(percentEncoded: false)
    try Data(text.utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    return path
  }
}
