import CKerberos
import RotationCore

/// What a call into libkrb5 answered other than success.
struct LibraryFailure: Error {
  let code: krb5_error_code
  let message: String

  /// A failure that nobody outside can mend.
  func unexpected(_ subject: String) -> OperatorFault {
    OperatorFault(.software, subject, "libkrb5 failed: \(message) (\(code))")
  }
}
