import Crypto
import Foundation
import Glibc
package import RotationCore
package import SecretMemory
import SwiftASN1
import X509

/// The directory of an authority: `ca.pem` (0644) and `ca.key` (0600, sealed), in a directory of mode 0700.
package struct AuthorityDirectory: Sendable {
  /// Its path.
  package let path: String

  /// Names a directory.
  package init(path: String) { self.path = path }

  /// The path of the authority's certificate.
  package var certificatePath: String { "\(path)/ca.pem" }
  /// The path of its sealed key.
  package var keyPath: String { "\(path)/ca.key" }

  /// Refuses a directory that has an authority already.
  ///
  /// - Throws: `OperatorFault` of kind `.cannotCreate`.
  package func checkEmpty() throws(OperatorFault) {
    for path in [keyPath, certificatePath] where CertificateFile(path: path).exists {
      throw FileFault.creating(path, EEXIST)
    }
  }

  /// Writes a new authority.
  ///
  /// - Throws: `OperatorFault` of kind `.cannotCreate`, also if one is there already.
  package func store(_ authority: CertificateAuthority.Issued, under passphrase: SecretBytes, cost: Int) throws {
    try checkEmpty()
    try CertificateFile.makeDirectory(path)
    // rawRepresentation is Data in the library; it is copied into wiped memory at once.
    let secret = authority.key.rawRepresentation.withUnsafeBytes { SecretBytes(copying: $0) }
    let sealed = try SealedKey(sealing: secret, under: passphrase, cost: cost)
    try CertificateFile(path: keyPath).write(sealed.text, mode: 0o600, replacing: false)
    try CertificateFile(path: certificatePath).write(
      authority.certificate.serializeAsPEM().pemString + "\n", mode: 0o644, replacing: false)
  }

  /// Opens the authority.
  ///
  /// - Throws: `OperatorFault` of kind `.noInput` if there is none, `.permission` if the passphrase is wrong, `.data` if the
  ///   files are not what they should be.
  package func open(with passphrase: SecretBytes) throws(OperatorFault) -> CertificateAuthority {
    let sealed = try SealedKey(text: CertificateFile(path: keyPath).read(), file: keyPath)
    let secret = try sealed.opened(with: passphrase, file: keyPath)
    guard let key = secret.withUnsafeBytes({ try? P256.Signing.PrivateKey(rawRepresentation: $0) }) else {
      throw OperatorFault(.data, keyPath, "holds no P-256 key", remedy: "restore it from a backup")
    }
    return try CertificateAuthority(certificate: try certificate(), key: key, file: keyPath)
  }

  /// Whether both files are there.
  ///
  /// - Throws: `OperatorFault` of kind `.noInput` naming the one that is not.
  package func checkPresent() throws(OperatorFault) {
    for path in [keyPath, certificatePath] where !CertificateFile(path: path).exists {
      throw OperatorFault(
        .noInput, path, "does not exist", remedy: "make an authority with asactl pki init --directory \(self.path)")
    }
  }

  private func certificate() throws(OperatorFault) -> Certificate {
    guard let certificate = try CertificateReader.certificates(in: certificatePath).first else {
      throw OperatorFault(.data, certificatePath, "holds no certificate", remedy: "restore it from a backup")
    }
    return certificate
  }
}
