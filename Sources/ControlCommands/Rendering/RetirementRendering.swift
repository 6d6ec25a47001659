/// Renders a ``RetirementDocument`` for people.
struct RetirementRendering {
  let style: TextStyle

  /// The steps with what each breaks, and the reminders.
  func plan(_ document: RetirementDocument) -> [String] {
    [style.paint("Turn Kerberos off for \(document.account), in this order:", .heading)]
      + document.steps.enumerated().flatMap { lines($0.offset + 1, $0.element) } + document.reminders
  }

  /// How a run ended.
  func conclusion(_ document: RetirementDocument) -> [String] {
    let open = document.steps.enumerated().filter { ["due", "declined"].contains($0.element.state) }
    if let first = open.first { return ["Stopped before step \(first.offset + 1); the same command goes on from there."] }
    let skipped = document.steps.filter { $0.state == "skipped" }.map { "\($0.detail)." }
    return skipped + ["Kerberos is off for \(document.account)."]
  }

  private func lines(_ number: Int, _ step: RetirementDocument.Step) -> [String] {
    switch step.state {
    case "already": ["  \(number)  \(style.paint("done already", .good)): \(step.detail)"]
    case "skipped": ["  \(number)  \(style.paint("not from here", .warning)): \(step.detail)"]
    default: ["  \(number)  \(step.detail)", "     \(style.paint(step.consequence, .warning))"]
    }
  }
}
