import SwiftASN1
import X509

/// What is asked of X.509 certificates on both ends of the link.
enum CertificateChain {
  /// Whether the first certificate chains to one of the authorities (RFC 5280 section 6), at this moment.
  static func isTrusted(_ chain: [Certificate], by authorities: [Certificate]) async -> Bool {
    guard let leaf = chain.first else { return false }
    var verifier = Verifier(rootCertificates: CertificateStore(authorities)) { RFC5280Policy() }
    let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore(chain.dropFirst()))
    guard case .validCertificate = result else { return false }
    return true
  }

  /// The extended key usages; none if the extension is absent or malformed.
  static func purposes(of certificate: Certificate) -> [ExtendedKeyUsage.Usage] {
    guard let usages = try? certificate.extensions.extendedKeyUsage else { return [] }
    return Array(usages)
  }

  /// The dNSNames of the subject alternative name; none if the extension is absent or malformed.
  static func hostNames(of certificate: Certificate) -> [String] {
    guard let names = try? certificate.extensions.subjectAlternativeNames else { return [] }
    return names.compactMap { name in
      if case .dnsName(let host) = name { host } else { nil }
    }
  }
}
