package import Foundation

/// One certificate, as `asactl pki` prints it.
package struct CertificateDocument: Encodable, Sendable, Equatable {
  /// The file that it was read from or written to.
  package var file: String
  /// The subject's distinguished name.
  package var subject: String
  /// The issuer's distinguished name.
  package var issuer: String
  /// The DNS names.
  package var names: [String]
  /// `authority`, `rotator`, `node` or `other`.
  package var role: String
  /// The serial number, hexadecimal.
  package var serial: String
  /// When its validity begins.
  package var notBefore: Date
  /// When its validity ends.
  package var notAfter: Date
  /// Whole days left; negative once it has expired.
  package var daysLeft: Int
  /// SHA-256 over the DER form, hexadecimal in pairs.
  package var fingerprint: String
  /// Whether it chains to the authority named with `--ca`; `null` without one.
  @NullIfAbsent package var trusted: Bool?

  /// Makes a description from its parts.
  package init(
    file: String, subject: String, issuer: String, names: [String], role: String, serial: String, notBefore: Date,
    notAfter: Date,
    daysLeft: Int, fingerprint: String, trusted: Bool?
  ) {
    self.file = file
    self.subject = subject
    self.issuer = issuer
    self.names = names
    self.role = role
    self.serial = serial
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.daysLeft = daysLeft
    self.fingerprint = fingerprint
    self.trusted = trusted
  }
}

/// What `asactl pki show --json` prints.
package struct CertificatesDocument: Encodable, Sendable, Equatable {
  /// The certificates, file by file.
  package var certificates: [CertificateDocument]
}

/// What `asactl pki init` and `asactl pki issue` print with `--json`.
package struct IssuedDocument: Encodable, Sendable, Equatable {
  /// The new certificate.
  package var certificate: CertificateDocument
  /// The path of its private key.
  package var key: String
  /// The path of the authority's certificate.
  package var authority: String
}
