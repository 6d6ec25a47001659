import Crypto
package import Foundation
package import RotationCore
import SwiftASN1
package import X509

/// Reads certificates and describes them.
package enum CertificateReader {
  /// The certificates in a PEM file, in order.
  ///
  /// - Throws: `OperatorFault` of kind `.noInput`, `.permission`, `.inputOutput`, or `.data` if it holds none.
  package static func certificates(in path: String) throws(OperatorFault) -> [Certificate] {
    let text = try CertificateFile(path: path).read()
    let documents = (try? PEMDocument.parseMultiple(pemString: text)) ?? []
    let certificates = documents.filter { $0.discriminator == Certificate.defaultPEMDiscriminator }
      .map { try? Certificate(pemDocument: $0) }
    guard !certificates.isEmpty, let all = certificates as? [Certificate] else {
      throw OperatorFault(.data, path, "holds no certificate in PEM form", remedy: "name a certificate.pem or ca.pem")
    }
    return all
  }

  /// Describes a certificate; `trusted` stays `nil`.
  ///
  /// - Throws: `OperatorFault` of kind `.data` if it cannot be encoded again.
  package static func describe(_ certificate: Certificate, file: String, now: Date) throws(OperatorFault) -> CertificateDocument
  {
    // Certificates count whole seconds: one issued for 398 days a moment ago has 398 left, not 397.
    let second = now.timeIntervalSince1970.rounded(.down)
    return CertificateDocument(
      file: file, subject: certificate.subject.description.visible, issuer: certificate.issuer.description.visible,
      names: names(certificate), role: role(certificate), serial: hex(certificate.serialNumber.bytes, separator: ""),
      notBefore: certificate.notValidBefore, notAfter: certificate.notValidAfter,
      daysLeft: Int(((certificate.notValidAfter.timeIntervalSince1970 - second) / 86400).rounded(.down)),
      fingerprint: try fingerprint(certificate, file), trusted: nil)
  }

  /// Whether a certificate is valid now and chains to one of the authorities (RFC 5280 section 6).
  package static func chains(_ certificate: Certificate, to authorities: [Certificate]) async -> Bool {
    var verifier = Verifier(rootCertificates: CertificateStore(authorities)) { RFC5280Policy() }
    switch await verifier.validate(leaf: certificate, intermediates: CertificateStore()) {
    case .validCertificate: return true
    case .couldNotValidate: return false
    }
  }

  private static func names(_ certificate: Certificate) -> [String] {
    guard let names = try? certificate.extensions.subjectAlternativeNames else { return [] }
    return names.compactMap { if case .dnsName(let name) = $0 { name.visible } else { nil } }
  }

  private static func role(_ certificate: Certificate) -> String {
    if case .isCertificateAuthority? = try? certificate.extensions.basicConstraints { return "authority" }
    let usages = (try? certificate.extensions.extendedKeyUsage).map(Array.init) ?? []
    return CertificateRole.allCases.first { usages == [$0.usage] }?.rawValue ?? "other"
  }

  private static func fingerprint(_ certificate: Certificate, _ file: String) throws(OperatorFault) -> String {
    var serializer = DER.Serializer()
    do { try serializer.serialize(certificate) } catch { throw OperatorFault(.data, file, "holds a malformed certificate") }
    return hex(SHA256.hash(data: serializer.serializedBytes), separator: ":")
  }

  private static func hex(_ bytes: some Sequence<UInt8>, separator: String) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) }.joined(separator: separator)
  }
}
