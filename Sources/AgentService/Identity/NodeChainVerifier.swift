import Foundation
import GRPCCore
import NIOCore
import NIOSSL
import RotationCore
import SwiftASN1
import X509

/// Validates client chains in the TLS handshake. It is ours, not BoringSSL's, so that every refusal is recorded with its reason; what
/// the certificate may be used for is judged later, per stream, where the agent can be told.
struct NodeChainVerifier: Sendable {
  /// More certificates than any sane chain has.
  private static let longestChain = 8

  let credentials: CredentialsInForce
  let refused: @Sendable (_ name: String, OperatorFault) -> Void

  /// The callback for the transport's TLS configuration.
  @Sendable
  func callback(_ presented: [NIOSSLCertificate], _ promise: EventLoopPromise<NIOSSLVerificationResultWithMetadata>) {
    promise.completeWithTask { await verify(presented) }
  }

  private func verify(_ presented: [NIOSSLCertificate]) async -> NIOSSLVerificationResultWithMetadata {
    do {
      let chain = try await Self.validatedChain(
        of: presented.map { try Certificate(derEncoded: $0.toDERBytes()) }, under: credentials.trust.authorities)
      return .certificateVerified(VerificationMetadata(NIOSSL.ValidatedCertificateChain(try chain.map { try $0.forTLS() })))
    } catch let refusal as LinkRefusal {
      refused(refusal.fault.subject, refusal.fault)
    } catch {
      refused("unreadable certificate", Self.fault("unreadable certificate", "cannot be parsed"))
    }
    return .failed
  }

  /// The chain from the client's certificate to one of the authorities.
  ///
  /// - Throws: ``LinkRefusal`` if there is none at this moment.
  static func validatedChain(
    of presented: [Certificate], under authorities: [Certificate]
  ) async throws(LinkRefusal) -> X509.ValidatedCertificateChain {
    guard let leaf = presented.first, presented.count <= Self.longestChain else {
      throw LinkRefusal(.unauthenticated, fault("client", "presented \(presented.count) certificates"))
    }
    var verifier = Verifier(rootCertificates: CertificateStore(authorities)) {
      RFC5280Policy()
      NodeExtensionsPolicy()
    }
    switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(presented.dropFirst())) {
    case .validCertificate(let chain): return chain
    case .couldNotValidate: throw LinkRefusal(.unauthenticated, fault(leaf.claimedName, problem(with: leaf)))
    }
  }

  private static func problem(with leaf: Certificate) -> String {
    let now = Date()
    if now > leaf.notValidAfter { return "certificate expired at \(leaf.notValidAfter.formatted(.iso8601))" }
    if now < leaf.notValidBefore { return "certificate is not valid before \(leaf.notValidBefore.formatted(.iso8601))" }
    return "certificate does not chain to agents.certificateAuthority"
  }

  private static func fault(_ subject: String, _ problem: String) -> OperatorFault {
    OperatorFault(.permission, subject, problem, remedy: "issue a node certificate with `asactl pki issue`")
  }
}

/// Lets these extensions be critical: ``NodeCertificate`` enforces both.
private struct NodeExtensionsPolicy: VerifierPolicy {
  let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
    .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
  ]

  func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult { .meetsPolicy }
}
