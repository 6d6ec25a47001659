import Configuration
import Foundation
import RotationCore
import X509

/// Reads the certificates that a configuration names.
enum CertificateGathering {
  /// The rotator's. Agents check it by files of their own, so that nothing here says whether they trust it.
  static func certificate(of rotator: RotatorConfiguration, at path: String, now: Date) async -> CertificateEvidence {
    let agents = rotator.agents
    return await evidence(
      Files(certificate: agents.certificate, key: agents.privateKey, authority: agents.certificateAuthority), .rotator,
      node: nil,
      path, now)
  }

  /// A node's.
  static func certificate(of agent: AgentConfiguration, at path: String, now: Date) async -> CertificateEvidence {
    await evidence(
      Files(certificate: agent.certificate, key: agent.privateKey, authority: agent.certificateAuthority), .node,
      node: agent.node, path, now)
  }

  private struct Files {
    let certificate: String
    let key: String
    let authority: String
  }

  private static func evidence(
    _ files: Files, _ role: CertificateRole, node: NodeName?, _ configuration: String, _ now: Date
  ) async -> CertificateEvidence {
    CertificateEvidence(
      path: files.certificate, configuration: configuration, role: role, node: node,
      contents: await result { () async throws(OperatorFault) in try await contents(files, role, now) })
  }

  private static func contents(
    _ files: Files, _ role: CertificateRole, _ now: Date
  ) async throws(OperatorFault) -> CertificateEvidence.Contents {
    let chain = try CertificateReader.certificates(in: files.certificate)
    let authorities = try CertificateReader.certificates(in: files.authority)
    let usages = (try? chain[0].extensions.extendedKeyUsage).map(Array.init) ?? []
    let describe = { (all: [Certificate], file: String) throws(OperatorFault) -> [CertificateDocument] in
      var described: [CertificateDocument] = []
      for one in all { described.append(try CertificateReader.describe(one, file: file, now: now)) }
      return described
    }
    return CertificateEvidence.Contents(
      leaf: try CertificateReader.describe(chain[0], file: files.certificate, now: now),
      intermediates: try describe(Array(chain.dropFirst()), files.certificate),
      isForServers: usages.contains(.serverAuth), isForClients: usages.contains(.clientAuth),
      authorities: try describe(authorities, files.authority),
      authorityPath: files.authority, isTrusted: role == .node ? await isTrusted(chain, by: authorities) : nil,
      hasKey: hasKey(files.key, of: chain[0], role))
  }

  private static func isTrusted(_ chain: [Certificate], by authorities: [Certificate]) async -> Bool {
    var verifier = Verifier(rootCertificates: CertificateStore(authorities)) { RFC5280Policy() }
    switch await verifier.validate(leaf: chain[0], intermediates: CertificateStore(chain.dropFirst())) {
    case .validCertificate: return true
    case .couldNotValidate: return false
    }
  }

  private static func hasKey(_ path: String, of certificate: Certificate, _ role: CertificateRole) -> Bool? {
    // The library takes the text; this copy ends here.
    guard let text = try? CertificateFile(path: path).read() else { return nil }
    if let key = try? Certificate.PrivateKey(pemEncoded: text) { return key.publicKey == certificate.publicKey }
    // The rotator reads its key with BoringSSL, which takes more than this does.
    return role == .node ? false : nil
  }
}
