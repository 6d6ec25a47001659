package import RotationCore

/// Judges a configuration file by what reading it said.
package struct ConfigurationRules {
  private let path: String
  private let faults: [OperatorFault]

  /// Takes what reading it said.
  package init(_ path: String, faults: [OperatorFault]) {
    self.path = path
    self.faults = faults
  }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] {
    let unreadable = faults.first { $0.kind == .permission }
    if let unreadable { return [DoctorCheck(path, "is valid", impossible: unreadable.description)] }
    return [
      DoctorCheck(
        path, "is valid",
        faults.map {
          DoctorFinding(
            .configurationInvalid, $0.subject, $0.problem,
            ["REMEDY": $0.remedy.isEmpty ? "correct it; 'asactl check-config' says when it is right" : $0.remedy])
        })
    ]
  }
}
