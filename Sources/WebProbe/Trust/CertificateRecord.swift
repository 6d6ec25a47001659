import Synchronization
import X509

/// What was found out about the server's certificate during a handshake.
final class CertificateRecord: Sendable {
  private let findings = Mutex<(leaf: Certificate?, flaw: CertificateFlaw?)>((nil, nil))

  /// The server's own certificate, once it has been found good.
  var leaf: Certificate? { findings.withLock(\.leaf) }
  /// Why it has not been found good.
  var flaw: CertificateFlaw? { findings.withLock(\.flaw) }

  func noteGood(_ leaf: Certificate) { findings.withLock { $0.leaf = leaf } }

  func noteFlaw(_ flaw: CertificateFlaw) { findings.withLock { $0.flaw = flaw } }
}
