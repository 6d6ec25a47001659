import Foundation
import RotationCore
import SwiftASN1
import X509

/// Reads PEM files of certificates.
enum CertificateFile {
  /// The certificates of the file at `path`, at least one.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` naming the file.
  static func read(_ path: String) throws(OperatorFault) -> [Certificate] {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw OperatorFault(
        .configuration, "certificate \(path)", "cannot be read", remedy: "check the path and that the agent's user may read it")
    }
    do {
      let certificates = try PEMDocument.parseMultiple(pemString: text).map { try Certificate(pemDocument: $0) }
      guard !certificates.isEmpty else { throw NoCertificate() }
      return certificates
    } catch {
      throw OperatorFault(.configuration, "certificate \(path)", "does not hold PEM certificates", remedy: "convert it to PEM")
    }
  }

  private struct NoCertificate: Error {}
}
