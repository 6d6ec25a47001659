import Foundation
import NIOSSL
import SwiftASN1
import X509

/// Decides whether a web server's certificate is good for the shared name, and says what it lacks.
struct ServerVerification: Sendable {
  /// More certificates than any sane chain has.
  private static let longestChain = 10

  let host: String
  let trust: TrustedAuthorities

  /// The settings of the handshake; the verdict on certificates is ours.
  func context() throws -> NIOSSLContext {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    tls.applicationProtocols = ["http/1.1"]
    return try NIOSSLContext(configuration: tls)
  }

  func result(for presented: [NIOSSLCertificate], _ record: CertificateRecord) async -> NIOSSLVerificationResult {
    do throws(CertificateFlaw) {
      record.noteGood(try await check(Self.certificates(presented)))
      return .certificateVerified
    } catch {
      record.noteFlaw(error)
      return .failed
    }
  }

  /// Checks a chain, leaf first, as the server sent it.
  ///
  /// - Returns: The leaf.
  func check(_ chain: [Certificate]) async throws(CertificateFlaw) -> Certificate {
    guard let leaf = chain.first, chain.count <= Self.longestChain else { throw .unreadable }
    let now = Date()
    guard now <= leaf.notValidAfter else { throw .expired(leaf.notValidAfter) }
    guard now >= leaf.notValidBefore else { throw .notYetValid(leaf.notValidBefore) }
    guard await isValid(chain, for: nil) else { throw .untrusted(issuer: leaf.issuer.description) }
    guard await isValid(chain, for: host) else { throw .otherNames(Self.names(of: leaf)) }
    return leaf
  }

  /// Whether the chain leads to a trusted authority (RFC 5280 section 6) and, unless `name` is `nil`, is for that host (RFC 6125).
  private func isValid(_ chain: [Certificate], for name: String?) async -> Bool {
    guard let leaf = chain.first else { return false }
    var verifier = Verifier(rootCertificates: CertificateStore(trust.certificates)) {
      RFC5280Policy()
      ServerPurposePolicy()
      if let name { ServerIdentityPolicy(serverHostname: name, serverIP: nil) }
    }
    let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore(chain.dropFirst()))
    guard case .validCertificate = result else { return false }
    return true
  }

  private static func certificates(_ presented: [NIOSSLCertificate]) throws(CertificateFlaw) -> [Certificate] {
    do {
      return try presented.map { try Certificate(derEncoded: $0.toDERBytes()) }
    } catch {
      throw .unreadable
    }
  }

  private static func names(of leaf: Certificate) -> [String] {
    guard let names = try? leaf.extensions.subjectAlternativeNames else { return [] }
    return names.compactMap { name in
      if case .dnsName(let host) = name { host } else { nil }
    }
  }
}

/// Lets the extensions of server certificates be critical, and refuses one that is for other purposes alone (RFC 5280 section 4.2.1.12).
private struct ServerPurposePolicy: VerifierPolicy {
  let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
    .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
  ]

  func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
    guard let usages = try? chain.leaf.extensions.extendedKeyUsage else { return .meetsPolicy }
    guard usages.contains(.serverAuth) || usages.contains(.any) else {
      return .failsToMeetPolicy(reason: "it is for other purposes than a TLS server's")
    }
    return .meetsPolicy
  }
}
