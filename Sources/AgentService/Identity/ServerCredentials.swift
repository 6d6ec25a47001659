import Foundation
import NIOSSL
import RotationCore
import SwiftASN1
import X509

/// The contents of the rotator's own certificate files, checked before they count.
struct ServerCredentials: Sendable {
  let files: CertificateFiles
  let chain: [Certificate]
  let authorities: [Certificate]
  /// Chain and key as TLS takes them: read once, so that what was checked is what is served.
  let tls: NIOSSLContextConfigurationOverride

  /// Reads and checks the files.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` for a file that is unreadable, a certificate that is not in its validity
  ///   period, lacks serverAuth or a DNS name, or does not belong to the key, a key that others may read, and a file of
  ///   authorities without a CA certificate.
  init(_ files: CertificateFiles, now: Date) throws(OperatorFault) {
    self.files = files
    chain = try Self.certificates(in: files.certificate, option: "agents.certificate")
    authorities = try Self.certificates(in: files.certificateAuthority, option: "agents.certificateAuthority")
    try Self.requireServerCertificate(chain, path: files.certificate, now: now)
    try Self.requireAuthorities(authorities, path: files.certificateAuthority, now: now)
    try Self.requirePrivate(files.privateKey)
    tls = try Self.pair(of: chain, files)
  }

  /// When the first certificate of the chain expires.
  var notAfter: Date { chain.map(\.notValidAfter).min() ?? .distantPast }

  /// Whether both would serve and trust the same certificates. The key needs no look: it belongs to the certificate.
  func holdsSame(as other: ServerCredentials) -> Bool { chain == other.chain && authorities == other.authorities }

  private static func certificates(in path: String, option: String) throws(OperatorFault) -> [Certificate] {
    let text: String
    do {
      text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    } catch {
      throw fault(option, path, "cannot be read", "check that the file exists and the rotator's user may read it")
    }
    do {
      let certificates = try PEMDocument.parseMultiple(pemString: text).map { try Certificate(pemDocument: $0) }
      if !certificates.isEmpty { return certificates }
    } catch {
      throw fault(option, path, "is not a PEM file of certificates", "give the path of a certificate chain in PEM")
    }
    throw fault(option, path, "holds no certificate", "give the path of a certificate chain in PEM")
  }

  private static func requireServerCertificate(_ chain: [Certificate], path: String, now: Date) throws(OperatorFault) {
    let option = "agents.certificate"
    let remedy = "issue a server certificate with `asactl pki issue`"
    guard let leaf = chain.first else { throw fault(option, path, "holds no certificate", remedy) }
    if now > leaf.notValidAfter {
      throw fault(option, path, "expired at \(leaf.notValidAfter.formatted(.iso8601))", remedy)
    }
    if now < leaf.notValidBefore {
      var notYet = fault(
        option, path, "is not valid before \(leaf.notValidBefore.formatted(.iso8601))", "check this host's clock")
      // A clock that is set right after the boot mends it.
      notYet.kind = .temporary
      throw notYet
    }
    guard let usage = try? leaf.extensions.extendedKeyUsage, usage.contains(.serverAuth) else {
      throw fault(option, path, "lacks the extended key usage serverAuth", remedy)
    }
    guard !leaf.dnsNames.isEmpty else { throw fault(option, path, "has no DNS name for agents to check", remedy) }
  }

  private static func requireAuthorities(_ authorities: [Certificate], path: String, now: Date) throws(OperatorFault) {
    let isUsable = authorities.contains { authority in
      guard case .isCertificateAuthority = try? authority.extensions.basicConstraints else { return false }
      return authority.notValidBefore <= now && now <= authority.notValidAfter
    }
    guard isUsable else {
      throw fault(
        "agents.certificateAuthority", path, "holds no CA certificate that is valid now",
        "give the path of the CA that issues node certificates")
    }
  }

  private static func requirePrivate(_ path: String) throws(OperatorFault) {
    let option = "agents.privateKey"
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false))
    guard let mode = attributes?[.posixPermissions] as? Int else {
      throw fault(option, path, "cannot be read", "check that the file exists and the rotator's user may read it")
    }
    guard mode & 0o077 == 0 else {
      throw fault(
        option, path, "may be read by others than its owner (mode 0\(String(mode, radix: 8)))", "run chmod 600 \(path)")
    }
  }

  // BoringSSL reads the key itself, so that it is never in an array or string of ours.
  private static func pair(
    of chain: [Certificate], _ files: CertificateFiles
  ) throws(OperatorFault) -> NIOSSLContextConfigurationOverride {
    let option = "agents.privateKey"
    var pair = NIOSSLContextConfigurationOverride()
    do {
      pair.certificateChain = try chain.map { .certificate(try $0.forTLS()) }
      pair.privateKey = .privateKey(try NIOSSLPrivateKey(file: files.privateKey, format: .pem))
    } catch {
      throw fault(
        option, files.privateKey, "is not a readable PEM private key", "give the path of the key of agents.certificate")
    }
    guard belongTogether(pair) else {
      throw fault(
        option, files.privateKey, "does not belong to the certificate \(files.certificate)", "give the key of that certificate")
    }
    return pair
  }

  private static func belongTogether(_ pair: NIOSSLContextConfigurationOverride) -> Bool {
    guard let chain = pair.certificateChain, let key = pair.privateKey else { return false }
    return (try? NIOSSLContext(configuration: .makeServerConfiguration(certificateChain: chain, privateKey: key))) != nil
  }

  private static func fault(_ option: String, _ path: String, _ problem: String, _ remedy: String) -> OperatorFault {
    OperatorFault(.configuration, "\(option) \(path)", problem, remedy: remedy)
  }
}

extension Certificate {
  /// The certificate as TLS takes it.
  func forTLS() throws -> NIOSSLCertificate {
    var serializer = DER.Serializer()
    try serializer.serialize(self)
    return try NIOSSLCertificate(bytes: serializer.serializedBytes, format: .der)
  }
}
