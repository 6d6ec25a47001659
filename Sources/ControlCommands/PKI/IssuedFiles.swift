import Crypto
package import RotationCore
import SwiftASN1
package import X509

/// The three files that a daemon needs for TLS: `key.pem` (0600), `certificate.pem` and `ca.pem` (0644).
package struct IssuedFiles: Sendable {
  /// The directory that they are in.
  package let directory: String

  /// Names a directory.
  package init(directory: String) { self.directory = directory }

  /// The path of the private key.
  package var keyPath: String { "\(directory)/key.pem" }
  /// The path of the certificate.
  package var certificatePath: String { "\(directory)/certificate.pem" }
  /// The path of the authority's certificate.
  package var authorityPath: String { "\(directory)/ca.pem" }

  /// Refuses a directory that holds one of them, unless they are to be replaced.
  ///
  /// - Throws: `OperatorFault` of kind `.cannotCreate`.
  package func checkFree(replacing: Bool) throws(OperatorFault) {
    for path in [keyPath, certificatePath, authorityPath] where !replacing && CertificateFile(path: path).exists {
      throw OperatorFault(.cannotCreate, path, "exists already", remedy: "use --replace, or name another directory with --out")
    }
  }

  /// Writes the files.
  ///
  /// - Throws: `OperatorFault` of kind `.cannotCreate`.
  package func store(_ issued: CertificateAuthority.Issued, authority: Certificate, replacing: Bool) throws {
    try CertificateFile.makeDirectory(directory)
    // The key leaves the process in the clear here and nowhere else: PKCS#8, as TLS libraries read it. The PEM form
    // exists only as a String in the library.
    try CertificateFile(path: keyPath).write(issued.key.pemRepresentation + "\n", mode: 0o600, replacing: replacing)
    try write(issued.certificate, certificatePath, replacing)
    try write(authority, authorityPath, replacing)
  }

  private func write(_ certificate: Certificate, _ path: String, _ replacing: Bool) throws {
    let text = try certificate.serializeAsPEM().pemString + "\n"
    try CertificateFile(path: path).write(text, mode: 0o644, replacing: replacing)
  }
}
