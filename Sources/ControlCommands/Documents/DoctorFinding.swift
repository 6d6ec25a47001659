/// One thing that breaks Kerberos for the service, or may, with what shows it and what to do.
package struct DoctorFinding: Encodable, Sendable, Equatable {
  /// The stable name of what is wrong, `spn.missing`; `docs/doctor.md` lists all of them.
  package var id: String
  /// ``HealthLevel/warning`` or ``HealthLevel/critical``.
  package var severity: HealthLevel
  /// The account, SPN, node, domain controller or file.
  package var subject: String
  /// What was seen, one sentence without a full stop.
  package var evidence: String
  /// What to do, without a full stop.
  package var advice: String

  /// Tells of something that was seen.
  ///
  /// - Parameter words: What stands for the words in braces in the advice.
  init(_ kind: FindingKind, _ subject: String, _ evidence: String, _ words: [String: String] = [:]) {
    let entry = kind.entry
    id = kind.rawValue
    severity = entry.severity
    self.subject = subject.visible
    self.evidence = evidence.visible
    advice = words.reduce(entry.advice) { $0.replacing("{\($1.key)}", with: $1.value) }.visible
  }
}
