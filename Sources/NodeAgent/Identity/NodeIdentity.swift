package import Configuration
package import Foundation
import NIOSSL
package import RotationCore
import X509

/// Who this agent is: its certificate chain, the key to it, and the authority that it shares with its rotator. Read anew for every
/// connection, so that a renewed certificate is used without a restart.
package struct NodeIdentity: Sendable {
  /// The node's certificate and those between it and the authority, leaf first.
  let chain: [Certificate]
  /// The key of the leaf.
  let privateKey: Certificate.PrivateKey
  /// The certificates that both sides trust.
  let authorities: [Certificate]
  /// The key as TLS takes it.
  let tlsKey: NIOSSLPrivateKey

  /// Reads the three files and checks that a rotator will be able to tell from them who this is.
  ///
  /// - Parameters:
  ///   - configuration: Names the files, and the node that the certificate has to name.
  ///   - now: The time at which the certificate has to be valid.
  /// - Throws: ``OperatorFault`` of kind `.configuration` naming the file and what is wrong with it.
  package static func load(_ configuration: AgentConfiguration, now: Date) async throws(OperatorFault) -> NodeIdentity {
    let key = try PrivateKeyFile(path: configuration.privateKey)
    let identity = NodeIdentity(
      chain: try CertificateFile.read(configuration.certificate), privateKey: key.certificateKey,
      authorities: try CertificateFile.read(configuration.certificateAuthority), tlsKey: key.tlsKey)
    try await identity.check(configuration, now: now)
    return identity
  }

  /// The certificate that names the node.
  var leaf: Certificate { chain[0] }
}

extension NodeIdentity {
  private func check(_ configuration: AgentConfiguration, now: Date) async throws(OperatorFault) {
    let subject = "certificate \(configuration.certificate)"
    guard privateKey.publicKey == leaf.publicKey else {
      throw OperatorFault(
        .configuration, "privateKey \(configuration.privateKey)", "does not belong to \(subject)",
        remedy: "use the pair that was issued together")
    }
    try checkValidity(subject, now: now)
    try checkPurpose(subject)
    try checkName(subject, node: configuration.node)
    guard await CertificateChain.isTrusted(chain, by: authorities) else {
      throw OperatorFault(
        .configuration, subject, "is not signed by \(configuration.certificateAuthority)",
        remedy: "issue it with that authority, or name the authority that did in certificateAuthority")
    }
  }

  private func checkValidity(_ subject: String, now: Date) throws(OperatorFault) {
    guard now <= leaf.notValidAfter else {
      throw OperatorFault(
        .configuration, subject, "expired on \(leaf.notValidAfter.formatted(.iso8601))", remedy: "issue a new one")
    }
    guard now >= leaf.notValidBefore else {
      throw OperatorFault(
        .configuration, subject, "is not valid before \(leaf.notValidBefore.formatted(.iso8601))", remedy: "check the clock")
    }
  }

  private func checkPurpose(_ subject: String) throws(OperatorFault) {
    guard CertificateChain.purposes(of: leaf).contains(.clientAuth) else {
      let isServers = CertificateChain.purposes(of: leaf).contains(.serverAuth)
      throw OperatorFault(
        .configuration, subject,
        isServers
          ? "is a server certificate (its extended key usage is serverAuth)" : "lacks the extended key usage clientAuth",
        remedy: "issue a node certificate (asactl pki issue)")
    }
  }

  private func checkName(_ subject: String, node: NodeName) throws(OperatorFault) {
    let names = CertificateChain.hostNames(of: leaf)
    guard names.count == 1, let name = names.first else {
      throw OperatorFault(
        .configuration, subject,
        "must name exactly one dNSName, it has \(names.isEmpty ? "none" : names.joined(separator: ", "))",
        remedy: "issue one for \(node)")
    }
    guard !name.contains("*") else {
      throw OperatorFault(.configuration, subject, "is for the wildcard \(name)", remedy: "issue one for \(node) alone")
    }
    guard name.lowercased() == node.description else {
      throw OperatorFault(
        .configuration, subject, "is for \(name), this agent is configured as node \(node)",
        remedy: "correct node in the configuration, or issue one for \(node)")
    }
  }
}

extension NodeIdentity {
  /// Signs the opening message of a stream with the certificate's key: the proof that TLS session resumption does not give.
  ///
  /// - Throws: ``OperatorFault`` of kind `.software` if the key cannot sign.
  func sign(_ message: [UInt8]) throws(OperatorFault) -> [UInt8] {
    do {
      guard let algorithm = PrivateKeyFile.signatureAlgorithm(for: privateKey) else { throw NoAlgorithm() }
      return try privateKey.sign(bytes: message, signatureAlgorithm: algorithm).rawRepresentation
    } catch {
      throw OperatorFault(.software, "the node's private key", "cannot sign: \(error)")
    }
  }

  private struct NoAlgorithm: Error {}
}
