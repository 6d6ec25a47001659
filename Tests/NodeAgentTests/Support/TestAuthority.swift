import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

/// A throw-away CA for the certificates of one test.
struct TestAuthority {
  let certificate: Certificate
  private let key = P256.Signing.PrivateKey()
  private let name: DistinguishedName

  init(_ commonName: String = "Test CA") throws {
    name = try DistinguishedName { CommonName(commonName) }
    certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: Date() - 3600,
      notValidAfter: Date() + 3600, issuer: name, subject: name,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(keyCertSign: true))
      }, issuerPrivateKey: .init(key))
  }

  var pem: String { get throws { try certificate.serializeAsPEM().pemString } }

  /// A certificate and its key as PEM.
  func issue(
    _ names: [String], for usages: [ExtendedKeyUsage.Usage], from: Date = Date() - 60, until: Date = Date() + 600,
    key subjectKey: Certificate.PrivateKey = .init(P256.Signing.PrivateKey())
  ) throws -> (certificate: String, key: String) {
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: subjectKey.publicKey, notValidBefore: from, notValidAfter: until,
      issuer: name, subject: DistinguishedName { CommonName(names.first ?? "nobody") },
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        if !names.isEmpty { SubjectAlternativeNames(names.map { .dnsName($0) }) }
        if !usages.isEmpty { try ExtendedKeyUsage(usages) }
      }, issuerPrivateKey: .init(key))
    return (try certificate.serializeAsPEM().pemString, try subjectKey.serializeAsPEM().pemString)
  }
}

extension TestNode {
  /// Gives the node a certificate, and the authority to trust.
  func equip(
    from authority: TestAuthority, names: [String] = ["cas-1.lab.example"],
    for usages: [ExtendedKeyUsage.Usage] = [.clientAuth],
    until: Date = Date() + 600, key: Certificate.PrivateKey = .init(P256.Signing.PrivateKey())
  ) throws {
    let issued = try authority.issue(names, for: usages, from: Date() - 3600, until: until, key: key)
    try directory.write("node.pem", issued.certificate, mode: 0o644)
    try directory.write("node.key", issued.key)
    try directory.write("ca.pem", authority.pem, mode: 0o644)
  }
}
