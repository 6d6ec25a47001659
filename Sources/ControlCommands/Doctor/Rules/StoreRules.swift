package import CredentialStore
package import RotationCore

/// Judges what an examination of the store has found.
package struct StoreRules {
  private let report: Result<StoreReport, OperatorFault>

  /// Takes what was seen.
  package init(_ report: Result<StoreReport, OperatorFault>) { self.report = report }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] {
    switch report {
    case .success(let report): report.findings.map { check($0, report.path) }
    case .failure(let fault) where fault.kind == .permission:
      [DoctorCheck(fault.subject, "is sound", impossible: fault.description)]
    case .failure(let fault):
      [DoctorCheck(fault.subject, "is sound", DoctorFinding(.storeUnsound, fault.subject, fault.problem, remedy(fault.remedy)))]
    }
  }

  private func check(_ finding: StoreFinding, _ path: String) -> DoctorCheck {
    let kind: FindingKind? =
      switch finding.level {
      case .fine: nil
      case .warning: .storeDoubtful
      case .critical: .storeUnsound
      }
    let evidence = ([finding.message] + [finding.consequence].compactMap(\.self)).joined(separator: ": ")
    return DoctorCheck(
      "store \(path)", "\(finding.subject.rawValue)",
      kind.map { DoctorFinding($0, "store \(path)", evidence, remedy(finding.remedy ?? "")) })
  }

  private func remedy(_ text: String) -> [String: String] {
    ["REMEDY": text.isEmpty ? "see 'asactl store check'" : text]
  }
}
