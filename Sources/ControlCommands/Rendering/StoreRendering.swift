import CredentialStore
import RotationCore

/// Renders what was found in a store, and what was done with it, for people.
struct StoreRendering {
  let time: LocalTime
  let style: TextStyle

  // MARK: Check

  /// The lines of a check.
  func lines(_ report: StoreReport) -> [String] {
    [head(report), circumstance(report.circumstance), ""] + report.findings.flatMap(lines) + ["", verdict(report)]
  }

  private func head(_ report: StoreReport) -> String {
    let parts = ["Store \(report.path)"] + [report.rotator.map { "rotator \($0)" }, newest(report)].compactMap(\.self)
    return parts.joined(separator: ", ")
  }

  private func newest(_ report: StoreReport) -> String? {
    report.newestRecord.map { "newest record \(time.text($0))" }
  }

  private func circumstance(_ circumstance: StoreReport.Circumstance) -> String {
    switch circumstance {
    case .stopped: "The rotator is stopped."
    case .running:
      "The rotator is running: this is one state of what is on disk; what it has only in memory was not looked at."
    case .unknown: "Whether the rotator runs could not be found out: the lock of the store cannot be taken."
    case .backup: "A backup."
    }
  }

  private func lines(_ finding: StoreFinding) -> [String] {
    let (word, tint): (String, TextStyle.Tint) =
      switch finding.level {
      case .fine: ("ok      ", .good)
      case .warning: ("WARNING ", .warning)
      case .critical: ("CRITICAL", .bad)
      }
    let name = finding.subject.rawValue.padding(to: 11)
    let indent = String(repeating: " ", count: 21)
    return ["\(style.paint(word, tint)) \(name) \(finding.message.visible)"]
      + [finding.consequence.map { "\(indent)so: \($0.visible)" }, finding.remedy.map { "\(indent)do: \($0.visible)" }]
      .compactMap(\.self)
  }

  private func verdict(_ report: StoreReport) -> String {
    let count = { (level: StoreFinding.Level) in report.findings.count { $0.level == level } }
    switch report.level {
    case .fine: return "The store is sound."
    case .warning: return "The store is sound; \(count(.warning)) warnings."
    case .critical: return "The store is not sound: \(count(.critical)) critical findings, \(count(.warning)) warnings."
    }
  }

  // MARK: Backup and restore

  /// The lines that follow a backup.
  func backupLines(_ report: StoreReport) -> [String] {
    let warnings = report.findings.filter { $0.level > .fine }.flatMap(lines)
    let whole = report.rotator == nil ? "SQLite finds no damage in it" : "every record and every sealed secret in it was tried"
    return [
      "Wrote \(report.path) (mode 0600), the store as it is now; \(whole).",
      "It holds sealed secrets and not the key that opens them: keep the store key apart from it.",
      "The next rotation outdates it; take another one then, and remove this one.",
    ] + warnings
  }

  /// The lines that follow a restoration.
  func lines(_ outcome: StoreRestoration.Outcome, directory: String) -> [String] {
    let state = newest(outcome.backup).map { " (\($0))" } ?? ""
    let leftOut =
      outcome.leftOut == 0
      ? [] : ["The secrets of \(outcome.leftOut) rotations in it were left out: the store before had destroyed them."]
    let kept = outcome.kept.map { ["The store before is kept as \($0)."] } ?? []
    return ["Restored \(outcome.backup.path)\(state) in \(directory)."] + kept + leftOut + [
      "If a rotation has ended since, Active Directory is ahead of it: the rotator then says 'storeBehind', pushes nothing and",
      "rotates nothing until a newer backup is back or the nodes' keys are adopted ('asactl credential adopt').",
    ]
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
