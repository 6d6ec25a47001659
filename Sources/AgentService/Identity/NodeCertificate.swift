import Crypto
import Foundation
import GRPCCore
import RotationCore
import SwiftASN1
import X509

/// What a validated client certificate says of the node behind a stream.
struct NodeCertificate: Sendable {
  let node: NodeName
  /// The SHA-256 of the certificate, lower-case hexadecimal.
  let fingerprint: String
  /// The leaf's notBefore: revocation compares against it.
  let issued: Date
  /// When the first certificate of the chain expires.
  let expires: Date
  /// The chain that it was read from, leaf first.
  let chain: [Certificate]
  private let publicKey: Certificate.PublicKey

  /// Reads the identity from a chain that has been validated, leaf first.
  ///
  /// - Throws: ``LinkRefusal`` unless the leaf has exactly one dNSName, no wildcard, clientAuth and not serverAuth, and every
  ///   certificate is in its validity period.
  init(chain: [Certificate], now: Date) throws(LinkRefusal) {
    guard let leaf = chain.first else { throw Self.refusal("client certificate", "is missing") }
    self.chain = chain
    node = try Self.node(of: leaf)
    publicKey = leaf.publicKey
    issued = leaf.notValidBefore
    expires = chain.map(\.notValidAfter).min() ?? leaf.notValidAfter
    fingerprint = try Self.fingerprint(of: leaf)
    try Self.requireClientUsage(of: leaf)
    if let refusal = validity(at: now) { throw refusal }
  }

  /// The refusal that the validity period demands at `now`, if any.
  func validity(at now: Date) -> LinkRefusal? {
    if now > expires { return Self.refusal("certificate of node \(node)", "expired at \(expires.formatted(.iso8601))") }
    if now < issued { return Self.refusal("certificate of node \(node)", "is not valid before \(issued.formatted(.iso8601))") }
    return nil
  }

  /// Whether the certificate's key made `signature` over `message` (ECDSA/SHA-256 in DER, or RSA PKCS#1 v1.5/SHA-256).
  func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    [Certificate.SignatureAlgorithm.ecdsaWithSHA256, .sha256WithRSAEncryption].contains {
      publicKey.isValidSignature(signature, for: message, signatureAlgorithm: $0)
    }
  }

  private static func node(of leaf: Certificate) throws(LinkRefusal) -> NodeName {
    let names = leaf.dnsNames
    guard let name = names.first, names.count == 1 else {
      throw refusal(
        "client certificate \(leaf.claimedName)", "names \(names.count) DNS hosts where a node certificate names exactly one")
    }
    guard !name.contains("*") else { throw refusal("client certificate \(leaf.claimedName)", "has a wildcard name") }
    do {
      return try NodeName(name)
    } catch {
      throw refusal("client certificate \(leaf.claimedName)", "does not name a DNS host")
    }
  }

  private static func requireClientUsage(of leaf: Certificate) throws(LinkRefusal) {
    guard let usage = try? leaf.extensions.extendedKeyUsage, usage.contains(.clientAuth) else {
      throw refusal("certificate of node \(leaf.claimedName)", "lacks the extended key usage clientAuth")
    }
    guard !usage.contains(.serverAuth), !usage.contains(.any) else {
      throw refusal(
        "certificate of node \(leaf.claimedName)", "is a server certificate (extended key usage serverAuth)")
    }
  }

  private static func fingerprint(of leaf: Certificate) throws(LinkRefusal) -> String {
    var serializer = DER.Serializer()
    do {
      try serializer.serialize(leaf)
    } catch {
      throw refusal("certificate of node \(leaf.claimedName)", "cannot be encoded")
    }
    return SHA256.hash(data: serializer.serializedBytes).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }

  private static func refusal(_ subject: String, _ problem: String) -> LinkRefusal {
    LinkRefusal(
      .unauthenticated,
      OperatorFault(.permission, subject, problem, remedy: "issue a node certificate with `asactl pki issue`"))
  }
}

extension Certificate {
  /// The dNSNames of the subject alternative name; empty if it has none or does not parse.
  var dnsNames: [String] {
    guard let names = try? extensions.subjectAlternativeNames else { return [] }
    return names.compactMap { if case .dnsName(let name) = $0 { name } else { nil } }
  }

  /// Whom the certificate says it is for, in a form that is safe to log; nothing of it need be true.
  var claimedName: String {
    let text = dnsNames.isEmpty ? "\(subject)" : dnsNames.prefix(8).joined(separator: ",")
    return String(text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_*=, ".contains($0)) }.prefix(256))
  }
}
