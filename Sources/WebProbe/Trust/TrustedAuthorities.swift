import Foundation
package import RotationCore
import SwiftASN1
import X509

/// The certificate authorities that web servers' certificates may chain to.
package struct TrustedAuthorities: Sendable {
  /// The bundle of the system.
  package static let systemFile = "/etc/ssl/certs/ca-certificates.crt"

  let certificates: [Certificate]

  /// Trusts nobody: for targets without TLS.
  package static let none = TrustedAuthorities(certificates: [])

  init(certificates: [Certificate]) { self.certificates = certificates }

  /// Reads a PEM file.
  ///
  /// - Throws: ``OperatorFault``: `.noInput` if it cannot be read, `.data` if no certificate is in it. One that cannot be read is left out, since
  ///   bundles hold what this program need not know.
  package init(file: String) throws(OperatorFault) {
    guard let contents = FileManager.default.contents(atPath: file) else {
      throw OperatorFault(
        .noInput, "authorities \(file)", "cannot be read", remedy: "name a PEM file with --ca, or install ca-certificates")
    }
    let documents = (try? PEMDocument.parseMultiple(pemString: String(decoding: contents, as: UTF8.self))) ?? []
    certificates = documents.compactMap { try? Certificate(pemDocument: $0) }
    guard !certificates.isEmpty else {
      throw OperatorFault(.data, "authorities \(file)", "holds no certificate", remedy: "name a PEM file with --ca")
    }
  }
}
