import ArgumentParser
import X509

/// What a certificate of the private authority may be used for; exactly one thing each.
package enum CertificateRole: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// The certificate of asa-rotatord's listener: TLS server only.
  case rotator
  /// The certificate of a node's asa-agentd: TLS client only.
  case node

  /// The one extended key usage (RFC 5280 section 4.2.1.12).
  var usage: ExtendedKeyUsage.Usage {
    switch self {
    case .rotator: .serverAuth
    case .node: .clientAuth
    }
  }
}
