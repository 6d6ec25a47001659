import RotationCore

extension DelegatedRight {
  /// The right as Windows names it.
  func words(stampAttribute: String?) -> String {
    switch self {
    case .resetPassword: "Reset Password"
    case .writeStamp: "write \(stampAttribute ?? "the stamp attribute")"
    case .writeEncryptionTypes: "write msDS-SupportedEncryptionTypes"
    }
  }
}

extension Collection where Element == DelegatedRight {
  /// The rights in one phrase, always in the same order.
  func words(stampAttribute: String?) -> String {
    DelegatedRight.allCases.filter { contains($0) }.map { $0.words(stampAttribute: stampAttribute) }.joined(separator: ", ")
  }

  /// Their names for a document, always in the same order.
  var names: [String] { DelegatedRight.allCases.filter { contains($0) }.map(\.rawValue) }
}
