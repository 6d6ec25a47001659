import CLDAP
package import RotationCore

extension WriteRefusal {
  /// Classifies an LDAP error of a write by what the account holds now and, where it holds what was expected, by its codes.
  ///
  /// - Parameters:
  ///   - code: The LDAP result code.
  ///   - diagnostic: The server's text, which Active Directory begins with a Win32 error as eight hexadecimal digits.
  ///   - found: The stamp that the account holds after the refusal.
  ///   - expected: The stamp that the write would have replaced.
  package static func classifying(
    code: Int32, diagnostic: String, found: String?, expected: String?
  ) -> WriteRefusal {
    let message = "LDAP \(code): \(diagnostic)"
    if found != expected { return WriteRefusal(.stampMismatch, message) }
    switch code {
    case LDAP_INSUFFICIENT_ACCESS: return WriteRefusal(.accessDenied, message)
    case LDAP_CONSTRAINT_VIOLATION where windowsError(in: diagnostic) == passwordRestriction:
      return WriteRefusal(.passwordPolicy, message)
    default: return WriteRefusal(.other, message)
    }
  }

  // ERROR_PASSWORD_RESTRICTION (MS-ERREF 2.2).
  private static let passwordRestriction: UInt32 = 0x52D

  /// The Win32 error (MS-ERREF 2.2) that a server's text begins with; `nil` if it does not.
  static func windowsError(in diagnostic: String) -> UInt32? {
    let digits = diagnostic.prefix(8)
    guard digits.count == 8, digits.allSatisfy(\.isHexDigit), diagnostic.dropFirst(8).first == ":" else { return nil }
    return UInt32(digits, radix: 16)
  }
}
