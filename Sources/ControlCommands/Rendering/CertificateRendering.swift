/// Renders ``CertificatesDocument`` and ``IssuedDocument`` for people.
package struct CertificateRendering {
  /// A certificate with fewer days left than this is pointed at.
  private static let warningDays = 30
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// The lines of certificates shown.
  package func lines(_ document: CertificatesDocument) -> [String] {
    Array(document.certificates.map(lines).joined(separator: [""]))
  }

  /// The lines after a certificate was made.
  package func lines(_ issued: IssuedDocument) -> [String] {
    lines(issued.certificate) + ["  Private key:  \(issued.key)", "  Authority:    \(issued.authority)"]
  }

  private func lines(_ certificate: CertificateDocument) -> [String] {
    [
      style.paint(certificate.file, .heading),
      "  Subject:      \(certificate.subject)",
      "  Issuer:       \(certificate.issuer)",
      "  DNS names:    \(certificate.names.isEmpty ? "none" : certificate.names.joined(separator: ", "))",
      "  Role:         \(certificate.role)",
      "  Serial:       \(certificate.serial)",
      "  Valid from:   \(time.text(certificate.notBefore))",
      "  Valid until:  \(time.text(certificate.notAfter)) (\(remaining(certificate)))",
      "  SHA-256:      \(certificate.fingerprint)",
    ] + trust(certificate)
  }

  private func remaining(_ certificate: CertificateDocument) -> String {
    let days = certificate.daysLeft
    if certificate.notAfter < time.now { return style.paint("expired", .bad) }
    let text = days == 1 ? "1 day left" : "\(days) days left"
    return style.paint(text, days < Self.warningDays ? .warning : .good)
  }

  private func trust(_ certificate: CertificateDocument) -> [String] {
    guard let trusted = certificate.trusted else { return [] }
    let verdict = trusted ? style.paint("yes", .good) : style.paint("no", .bad)
    return ["  Chains to CA: \(verdict)"]
  }
}
