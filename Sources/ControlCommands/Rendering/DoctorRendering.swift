/// Renders an examination for people.
struct DoctorRendering {
  let style: TextStyle
  /// Whether what is as it should be is listed too.
  let isVerbose: Bool

  /// The lines.
  func lines(_ report: DoctorReport, examined: [ExaminedConfigurationDocument]) -> [String] {
    let passed = isVerbose ? report.checks.filter { $0.outcome == .passed }.map(line) : []
    let blocks = [passed, report.findings.flatMap(lines), report.obstacles.map { line($0.check, $0.reason) }].filter {
      !$0.isEmpty
    }
    return blocks.flatMap { $0 + [""] } + [verdict(report, examined)]
  }

  private func line(_ check: DoctorCheck) -> String { "\(style.paint("ok      ", .good)) \(check.subject) \(check.claim)" }

  private func line(_ check: DoctorCheck, _ reason: String) -> String {
    "\(style.paint("UNKNOWN ", .warning)) whether \(check.subject) \(check.claim): \(reason)"
  }

  private func lines(_ finding: DoctorFinding) -> [String] {
    let word = finding.severity.word
    let head = word + String(repeating: " ", count: max(0, 8 - word.count))
    return [
      "\(style.paint(head, finding.severity == .critical ? .bad : .warning)) \(finding.subject): \(finding.evidence) [\(finding.id)]",
      "         do: \(finding.advice)",
    ]
  }

  private func verdict(_ report: DoctorReport, _ examined: [ExaminedConfigurationDocument]) -> String {
    let places = examined.map(\.path).joined(separator: " and ")
    let made = report.checks.count - report.obstacles.count
    let unknown = report.obstacles.isEmpty ? "" : "; \(report.obstacles.count) could not be made"
    let findings = report.findings
    guard !findings.isEmpty else { return "Nothing wrong found: \(made) checks on \(places)\(unknown)." }
    let critical = findings.count { $0.severity == .critical }
    return
      "\(critical) critical, \(findings.count - critical) warnings: \(made) checks on \(places)\(unknown). /usr/share/doc/asa-rotator/doctor.md explains every [id]."
  }
}
