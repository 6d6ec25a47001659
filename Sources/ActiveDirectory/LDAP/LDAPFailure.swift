import RotationCore

/// An LDAP result other than success (RFC 4511 section 4.1.9).
struct LDAPResult: Equatable {
  let code: Int32
  let diagnostic: String

  /// Bounds and flattens the server's text, which goes into journals and onto terminals.
  init(code: Int32, diagnostic: String) {
    self.code = code
    self.diagnostic = String(
      diagnostic.map { $0.isNewline ? " " : $0 }.filter { $0.unicodeScalars.allSatisfy(\.isPrintable) }.prefix(400))
  }
}

extension LDAPResult: CustomStringConvertible {
  var description: String { diagnostic.isEmpty ? "\(code)" : "\(code): \(diagnostic)" }
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool { properties.generalCategory != .control && properties.generalCategory != .format }
}

/// How an LDAP operation failed.
enum LDAPFailure: Error {
  /// The connection broke, or no answer came in time; it must not be used again.
  case connectionLost(String)
  /// The server answered with an error.
  case refused(LDAPResult)
  /// A fault that is already worded for a person.
  case fault(OperatorFault)

  /// The fault to report when nobody branches on the case.
  func fault(from host: String) -> OperatorFault {
    switch self {
    case .connectionLost(let problem):
      OperatorFault(
        .unavailable, "domain controller \(host)", "the LDAP connection was lost: \(problem)",
        remedy: "check that it is up; the next try connects anew")
    case .refused(let result):
      OperatorFault(.protocol, "domain controller \(host)", "refused a search with LDAP result \(result)")
    case .fault(let fault): fault
    }
  }
}
