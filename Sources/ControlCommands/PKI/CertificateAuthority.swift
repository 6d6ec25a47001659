package import Crypto
package import Foundation
package import RotationCore
import SwiftASN1
package import X509

/// The private authority: a self-signed P-256 certificate and its key.
package struct CertificateAuthority: Sendable {
  /// Its certificate.
  package let certificate: Certificate
  private let key: P256.Signing.PrivateKey

  /// A certificate that the authority has signed, with its private key.
  package struct Issued: Sendable {
    /// The certificate.
    package let certificate: Certificate
    /// Its key.
    package let key: P256.Signing.PrivateKey
  }

  /// Joins a certificate and a key that were stored.
  ///
  /// - Throws: `OperatorFault` of kind `.data` if they do not belong together.
  package init(certificate: Certificate, key: P256.Signing.PrivateKey, file: String) throws(OperatorFault) {
    guard certificate.publicKey == Certificate.PublicKey(key.publicKey) else {
      throw OperatorFault(.data, file, "does not belong to the certificate beside it", remedy: "restore both from one backup")
    }
    self.certificate = certificate
    self.key = key
  }

  /// Makes a new authority that may sign end certificates only.
  ///
  /// - Throws: An error of the certificate library.
  package static func make(commonName: String, days: Int, now: Date) throws -> Issued {
    let key = P256.Signing.PrivateKey()
    let name = try DistinguishedName { CommonName(commonName) }
    let extensions = try Certificate.Extensions {
      Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
      Critical(KeyUsage(keyCertSign: true, cRLSign: true))
      SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
    }
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key.publicKey),
      notValidBefore: wholeSecond(now), notValidAfter: end(days, after: now), issuer: name, subject: name,
      extensions: extensions, issuerPrivateKey: Certificate.PrivateKey(key))
    return Issued(certificate: certificate, key: key)
  }

  /// Signs a certificate with one DNS name and one use, and a new key.
  ///
  /// Its validity begins now and not earlier: a revocation counts against every certificate that began before it.
  ///
  /// - Throws: `OperatorFault` of kind `.usage` for a name that is no host name or an end after the authority's own.
  package func issue(role: CertificateRole, name: String, days: Int, now: Date) throws -> Issued {
    let name = try CertificateName(name)
    let end = Self.end(days, after: now)
    try checkEnd(end, now: now)
    let key = P256.Signing.PrivateKey()
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key.publicKey),
      notValidBefore: Self.wholeSecond(now), notValidAfter: end, issuer: certificate.subject,
      subject: try DistinguishedName { CommonName(name.commonName) },
      extensions: try extensions(role, name, Certificate.PublicKey(key.publicKey)),
      issuerPrivateKey: Certificate.PrivateKey(self.key))
    return Issued(certificate: certificate, key: key)
  }

  private func extensions(
    _ role: CertificateRole, _ name: CertificateName, _ key: Certificate.PublicKey
  ) throws -> Certificate.Extensions {
    let identifier = SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier
    return try Certificate.Extensions {
      Critical(BasicConstraints.notCertificateAuthority)
      Critical(KeyUsage(digitalSignature: true))
      try ExtendedKeyUsage([role.usage])
      SubjectAlternativeNames([.dnsName(name.text)])
      SubjectKeyIdentifier(hash: key)
      AuthorityKeyIdentifier(keyIdentifier: identifier)
    }
  }

  private func checkEnd(_ end: Date, now: Date) throws(OperatorFault) {
    guard end > certificate.notValidAfter else { return }
    let left = Int(certificate.notValidAfter.timeIntervalSince(now) / 86400)
    throw OperatorFault(
      .usage, "--days", "the certificate would outlive its authority, which has \(max(0, left)) days left",
      remedy: left >= 1 ? "use --days \(left) or less" : "make a new authority with asactl pki init")
  }

  private static func end(_ days: Int, after now: Date) -> Date { wholeSecond(now).addingTimeInterval(Double(days) * 86400) }

  /// X.509 times have whole seconds (RFC 5280 section 4.1.2.5); rounding down keeps the certificate valid from the start.
  private static func wholeSecond(_ time: Date) -> Date {
    Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
  }
}
