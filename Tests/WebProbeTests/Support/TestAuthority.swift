import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import X509

@testable import WebProbe

/// A throw-away CA for web servers.
struct TestAuthority {
  let certificate: Certificate
  private let key = P256.Signing.PrivateKey()
  private let name: DistinguishedName

  /// What a client trusts that trusts this one.
  var trust: TrustedAuthorities { TrustedAuthorities(certificates: [certificate]) }

  init() throws {
    name = try DistinguishedName { CommonName("Test CA") }
    certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: Date() - 3600,
      notValidAfter: Date() + 3600, issuer: name, subject: name,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(keyCertSign: true))
      }, issuerPrivateKey: .init(key))
  }

  func issue(
    _ names: [String] = ["mail.lab.example"], for usage: ExtendedKeyUsage.Usage = .serverAuth, from: Date = Date() - 60,
    until: Date = Date() + 600
  ) throws -> TestIdentity {
    let own = P256.Signing.PrivateKey()
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: .init(own.publicKey), notValidBefore: from, notValidAfter: until,
      issuer: name, subject: DistinguishedName { CommonName(names.first ?? "nobody") },
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        SubjectAlternativeNames(names.map { .dnsName($0) })
        try ExtendedKeyUsage([usage])
      }, issuerPrivateKey: .init(key))
    return TestIdentity(certificate: certificate, key: own)
  }
}

/// A certificate with its key.
struct TestIdentity: Sendable {
  let certificate: Certificate
  let key: P256.Signing.PrivateKey

  var encoded: [UInt8] {
    get throws {
      var serializer = DER.Serializer()
      try serializer.serialize(certificate)
      return serializer.serializedBytes
    }
  }

  func serverConfiguration() throws -> TLSConfiguration {
    .makeServerConfiguration(
      certificateChain: [.certificate(try NIOSSLCertificate(bytes: encoded, format: .der))],
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.derRepresentation), format: .der)))
  }
}
