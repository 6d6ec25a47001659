/// Where the rotator's certificate, its key and the authorities of node certificates are.
struct CertificateFiles: Sendable, Equatable {
  /// The certificate chain (PEM, leaf first).
  var certificate: String
  /// Its private key (PEM, readable by its owner alone).
  var privateKey: String
  /// The CA certificates that node certificates chain to (PEM).
  var certificateAuthority: String
}
