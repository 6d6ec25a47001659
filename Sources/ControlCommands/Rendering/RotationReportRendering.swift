/// Renders what a rotation came to: the parts that the report of RollAlternateServiceAccountPassword.ps1 had, and the verdict as its last line.
package struct RotationReportRendering {
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// The lines of the report.
  package func lines(_ report: RotationReportDocument, account: String) -> [String] {
    part("Destinations", report.destinations.map { "\($0.array): \($0.nodes.joined(separator: ", "))" })
      + part("Credentials, most recent first", credentials(report, account: account))
      + part("Prune", prune(report)) + part("Push", pushes(report.pushes))
      + part("Active Directory", change(report.change))
      + part("Account", AccountPropertiesRendering(time: time).lines(report.properties, account: account))
      + part("Configuration of each node", report.nodes.flatMap { configuration($0, account: account) })
      + ["\(account): \(style.paint(report.verdict, tint(report.verdict)))"]
  }

  private func part(_ title: String, _ lines: [String]) -> [String] {
    [style.paint(title, .heading)] + (lines.isEmpty ? ["none"] : lines).map { "  \($0)" } + [""]
  }

  private func credentials(_ report: RotationReportDocument, account: String) -> [String] {
    SlotRendering(time: time, style: style).lines(report.credentials, account: account)
  }

  /// Latest is nobody's to prune.
  private func prune(_ report: RotationReportDocument) -> [String] {
    let latest = report.credentials.first { $0.position == "latest" }?.rotation
    return report.prune.filter { $0.rotation != latest }.map(PrunedKeyRendering(time: time).line)
  }

  private func pushes(_ pushes: [PushDocument]) -> [String] {
    pushes.map { push in
      "\(push.node)  \(style.paint(push.result, tint(ofStep: push.result)))\(push.detail.map { ": \($0)" } ?? "")"
    }
  }

  private func change(_ change: DirectoryChangeDocument?) -> [String] {
    guard let change else { return ["nothing was written"] }
    let after = change.versionAfter.map { "\($0)" } ?? "unknown"
    return [
      "Written to:         \(change.domainController)",
      "Password:           \(change.passwordChanged.map { $0 ? "changed" : "not changed" } ?? "not known")",
      "kvno:               \(change.versionBefore) -> \(after)",
      "Stamp:              \(change.stampBefore ?? "none") -> \(change.stampAfter ?? "none")",
    ]
  }

  private func configuration(_ node: NodeSlotsDocument, account: String) -> [String] {
    let remark = node.removedAt.map { ", keys removed \(time.text($0))" } ?? (node.behind ? ", behind" : "")
    return ["\(node.node)  \(node.connection)\(remark)"]
      + SlotRendering(time: time, style: style).lines(node.slots, account: account).map { "  \($0)" }
  }

  private func tint(_ verdict: String) -> TextStyle.Tint {
    ["SUCCEEDED": .good, "SUCCEEDED WITH WARNINGS": .warning][verdict] ?? .bad
  }

  private func tint(ofStep step: String) -> TextStyle.Tint? {
    ["proven": .good, "failed": .bad, "restored": .warning, "none": .warning][step]
  }
}
