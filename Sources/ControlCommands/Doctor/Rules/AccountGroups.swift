import ActiveDirectory

/// Judges the groups that an account is in.
struct AccountGroups {
  private let groups: [String]?

  init(_ principal: ExaminedPrincipal) { groups = principal.administrativeGroups }

  /// Whether none of them rules the domain.
  ///
  /// - Parameter kind: The finding if one does.
  func check(_ subject: String, _ claim: String, _ kind: FindingKind, _ words: [String: String]) -> DoctorCheck {
    guard let groups else { return DoctorCheck(subject, claim, impossible: "its groups cannot be read") }
    let finding = groups.first.map { group in
      DoctorFinding(
        kind, subject, "it is a member of \(groups.joined(separator: ", "))", words.merging(["GROUP": group]) { $1 })
    }
    return DoctorCheck(subject, claim, finding)
  }
}
