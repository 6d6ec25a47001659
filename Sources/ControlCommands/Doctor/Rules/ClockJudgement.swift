import Foundation

/// How far apart two clocks may be.
struct ClockJudgement {
  /// What Kerberos puts up with, in seconds.
  let tolerance: TimeInterval

  /// The part of it from which on somebody should look.
  private static let noticeable = 0.2

  /// Judges one clock against another.
  ///
  /// - Parameter offset: The clock of `subject` less the other, in seconds.
  func check(_ subject: String, against other: String, offset: TimeInterval, words: [String: String]) -> DoctorCheck {
    DoctorCheck(subject, "has the same time as \(other) clock", finding(subject, other, offset, words))
  }

  private func finding(_ subject: String, _ other: String, _ offset: TimeInterval, _ words: [String: String]) -> DoctorFinding?
  {
    let distance = abs(offset)
    guard distance > tolerance * Self.noticeable else { return nil }
    let evidence =
      "its clock is \(Int(distance.rounded())) s \(offset < 0 ? "behind" : "ahead of") \(other); at most \(Int(tolerance)) s are tolerated"
    return DoctorFinding(distance > tolerance ? .clockSkewed : .clockDrifting, subject, evidence, words)
  }

  /// Whether Kerberos puts up with the difference.
  func tolerates(_ offset: TimeInterval) -> Bool { abs(offset) <= tolerance }
}
