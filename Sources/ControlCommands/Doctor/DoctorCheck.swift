/// One thing that was looked at, and what came of it.
package struct DoctorCheck: Sendable, Equatable {
  /// What came of it.
  package enum Outcome: Sendable, Equatable {
    /// It is as it should be.
    case passed
    /// It is not.
    case found([DoctorFinding])
    /// It could not be looked at, for this reason.
    case impossible(String)
  }

  /// The account, SPN, node, domain controller or file.
  package var subject: String
  /// What should be true of it: "is enabled and not locked out".
  package var claim: String
  /// Whether it is.
  package var outcome: Outcome

  /// A check that was made.
  init(_ subject: String, _ claim: String, _ findings: [DoctorFinding]) {
    self.subject = subject.visible
    self.claim = claim
    outcome = findings.isEmpty ? .passed : .found(findings)
  }

  /// A check that was made and can find one thing.
  init(_ subject: String, _ claim: String, _ finding: DoctorFinding?) {
    self.init(subject, claim, [finding].compactMap(\.self))
  }

  /// A check that could not be made.
  init(_ subject: String, _ claim: String, impossible reason: String) {
    self.subject = subject.visible
    self.claim = claim
    outcome = .impossible(reason.visible)
  }

  /// What it found.
  package var findings: [DoctorFinding] { if case .found(let findings) = outcome { findings } else { [] } }
}
