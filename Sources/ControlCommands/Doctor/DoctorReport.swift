/// Everything that an examination looked at.
package struct DoctorReport: Sendable, Equatable {
  /// In the order in which it was looked at.
  package var checks: [DoctorCheck]

  /// Sums up checks.
  package init(_ checks: [DoctorCheck]) { self.checks = checks }

  /// What is wrong, worst first.
  package var findings: [DoctorFinding] {
    let all = checks.flatMap(\.findings)
    return all.filter { $0.severity == .critical } + all.filter { $0.severity != .critical }
  }

  /// What could not be looked at, and why.
  package var obstacles: [(check: DoctorCheck, reason: String)] {
    checks.compactMap { check in
      if case .impossible(let reason) = check.outcome { (check, reason) } else { nil }
    }
  }

  /// The worst of it: ``HealthLevel/unknown`` where nothing is known to be wrong and something could not be looked at.
  package var level: HealthLevel {
    let worst = findings.map(\.severity).max() ?? .ok
    return max(worst, obstacles.isEmpty ? .ok : .unknown)
  }
}
