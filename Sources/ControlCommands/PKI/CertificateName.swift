import RotationCore

/// The one DNS name of a certificate: a plain host name, lower case; agents and rotator know each other by it.
struct CertificateName {
  /// The name.
  let text: String

  /// Checks a name.
  ///
  /// - Throws: `OperatorFault` of kind `.usage` for a wildcard, an address or anything else that is no host name.
  init(_ text: String) throws(OperatorFault) {
    guard let name = try? NodeName(text), !Self.isAddress(name.description) else {
      throw OperatorFault(
        .usage, "--name \(text)", "is not a DNS host name", remedy: "name one host in full, without a wildcard or an address")
    }
    self.text = name.description
  }

  /// The common name: at most 64 characters (X.520, ub-common-name), so the first label stands for a longer name.
  var commonName: String {
    text.count <= 64 ? text : String(text.prefix { $0 != "." })
  }

  private static func isAddress(_ name: String) -> Bool {
    name.split(separator: ".").allSatisfy { $0.allSatisfy(\.isNumber) }
  }
}
