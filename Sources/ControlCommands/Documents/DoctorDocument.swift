/// What `asactl doctor --json` prints.
package struct DoctorDocument: Encodable, Sendable, Equatable {
  /// The worst that was found: `ok`, `warning` or `critical`; `unknown` if nothing was found and something could not be looked at.
  package var level: HealthLevel
  /// The configurations that were looked at.
  package var examined: [ExaminedConfigurationDocument]
  /// What is wrong, worst first.
  package var findings: [DoctorFinding]
  /// What was looked at, in order.
  package var checked: [DoctorCheckDocument]
  /// What could not be looked at.
  package var notChecked: [DoctorObstacleDocument]

  /// Sums up an examination.
  package init(_ report: DoctorReport, examined: [ExaminedConfigurationDocument]) {
    level = report.level
    self.examined = examined
    findings = report.findings
    checked = report.checks.compactMap { check in
      if case .impossible = check.outcome {
        nil
      } else {
        DoctorCheckDocument(subject: check.subject, claim: check.claim, passed: check.outcome == .passed)
      }
    }
    notChecked = report.obstacles.map {
      DoctorObstacleDocument(subject: $0.check.subject, claim: $0.check.claim, reason: $0.reason)
    }
  }
}

/// One configuration of a ``DoctorDocument``.
package struct ExaminedConfigurationDocument: Encodable, Sendable, Equatable {
  /// `rotator` or `agent`.
  package var role: String
  /// The file.
  package var path: String

  /// Names a configuration.
  package init(role: String, path: String) {
    self.role = role
    self.path = path
  }
}

/// One thing that was looked at.
package struct DoctorCheckDocument: Encodable, Sendable, Equatable {
  /// The account, SPN, node, domain controller or file.
  package var subject: String
  /// What should be true of it.
  package var claim: String
  /// Whether it is.
  package var passed: Bool
}

/// One thing that could not be looked at.
package struct DoctorObstacleDocument: Encodable, Sendable, Equatable {
  /// The account, SPN, node, domain controller or file.
  package var subject: String
  /// What should be true of it.
  package var claim: String
  /// Why nobody knows.
  package var reason: String
}
