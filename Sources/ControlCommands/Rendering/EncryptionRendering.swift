/// Renders an ``EncryptionDocument`` for people.
package struct EncryptionRendering {
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// The attribute, the domain controllers, the nodes, the steps, and how to go on.
  package func lines(_ report: EncryptionDocument) -> [String] {
    [style.paint("\(report.account)  \(report.distinguishedName)", .heading), "  \(attribute(report))"]
      + ["  Tickets issued now:"] + report.controllers.map { "    \(line($0))" }
      + ["  Keys on nodes:"] + report.nodes.flatMap(lines)
      + ["  Steps to AES:"] + steps(report).map { "    \($0)" } + closing(report)
  }

  private func attribute(_ report: EncryptionDocument) -> String {
    let value = report.attribute.map(String.init) ?? "not set"
    let aim = report.attribute == report.goal ? "" : ", to be \(report.goal)"
    return "msDS-SupportedEncryptionTypes: \(value)\(aim)\(report.mayWrite ? "" : " (the rotator may not write it)")"
  }

  private func line(_ controller: EncryptionDocument.Controller) -> String {
    let types = controller.fault.map { style.paint("none: \($0)", .bad) } ?? controller.encryptionTypes.joined(separator: ", ")
    return "\(controller.name)\(controller.writer ? " (written to)" : ""): \(types)"
  }

  private func lines(_ node: EncryptionDocument.Node) -> [String] {
    let slots = node.slots.filter { !$0.retired }.map { slot in
      "\(slot.position) kvno \(slot.version) \(slot.encryptionTypes.joined(separator: " "))"
    }
    let held = slots.isEmpty ? "none" : slots.joined(separator: "; ")
    return ["    \(node.node): \(held)"] + (node.fault.map { ["      \(style.paint($0, .bad))"] } ?? [])
  }

  private func steps(_ report: EncryptionDocument) -> [String] {
    var table = TextTable(headings: ["STEP", "", "STATE", "WHY"])
    for (index, step) in report.steps.enumerated() {
      table.append([.init("\(index + 1)"), .init(step.kind), .init(step.state, tint(step.state)), .init(why(step))])
    }
    return table.lines(style)
  }

  private func why(_ step: EncryptionDocument.Step) -> String {
    step.until.map { "\(step.detail): \(time.textWithDistance($0))" } ?? step.detail
  }

  private func tint(_ state: String) -> TextStyle.Tint? {
    switch state {
    case "done": .good
    case "due", "waiting": .warning
    case "blocked": .bad
    default: .faint
    }
  }

  private func closing(_ report: EncryptionDocument) -> [String] {
    guard let next = report.next else { return ["\(report.account) has AES keys only."] }
    if !next.commands.isEmpty { return ["One of these makes way for it:"] + next.commands.map { "  \($0)" } }
    return next.state == "due" ? ["asactl account enctypes --to aes-only does the next step."] : []
  }
}
