import RotationCore
import X509

/// Decides whether the certificate at the other end is the configured rotator's.
struct RotatorVerification: Sendable {
  /// The one dNSName that counts.
  let name: String
  /// The certificates that it may chain to.
  let authorities: [Certificate]
  /// The file they came from, for the fault.
  let authorityFile: String

  /// Checks a chain, leaf first, as the peer sent it.
  ///
  /// - Throws: ``OperatorFault`` of kind `.permission` that says what the certificate lacks.
  func check(_ chain: [Certificate]) async throws(OperatorFault) {
    guard let leaf = chain.first else { throw fault("sent no readable certificate", "check what listens there") }
    guard await CertificateChain.isTrusted(chain, by: authorities) else {
      throw fault(
        "has a certificate that is expired or not signed by \(authorityFile)",
        "check what listens there, and certificateAuthority in the agent's configuration")
    }
    guard CertificateChain.purposes(of: leaf).contains(.serverAuth) else {
      throw fault(
        "has a certificate without the extended key usage serverAuth",
        "check what listens there, or issue a rotator certificate")
    }
    let names = CertificateChain.hostNames(of: leaf)
    guard names.contains(where: { $0.lowercased() == name.lowercased() }) else {
      throw fault(
        "has a certificate for \(names.isEmpty ? "no host" : names.joined(separator: ", "))",
        "set rotator.name to the name in the rotator's certificate, if that is the right rotator")
    }
  }

  private func fault(_ problem: String, _ remedy: String) -> OperatorFault {
    OperatorFault(.permission, "rotator \(name)", problem, remedy: remedy)
  }
}
