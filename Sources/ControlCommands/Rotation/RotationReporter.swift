/// Shows the events of a rotation as they come.
protocol RotationReporter: Sendable {
  /// Shows one event.
  mutating func report(_ event: RotationEvent) throws
}

/// One JSON object per line.
struct JSONRotationReporter: RotationReporter {
  let terminal: Terminal

  mutating func report(_ event: RotationEvent) throws { try terminal.print([JSONText.line(event)]) }
}

/// One line of text per event.
struct PlainRotationReporter: RotationReporter {
  let terminal: Terminal
  let time: LocalTime

  mutating func report(_ event: RotationEvent) throws {
    try terminal.print([RotationEventRendering(time: time).line(event)])
  }
}

/// The plan alone, before a question is asked about it.
struct PlanReporter: RotationReporter {
  let terminal: Terminal

  mutating func report(_ event: RotationEvent) throws {
    guard case .planned(let plan) = event.content else { return }
    try terminal.print(RotationPlanRendering(style: terminal.style).lines(plan))
  }
}

/// A picture of all nodes that is drawn again over itself at every event.
struct LiveRotationReporter: RotationReporter {
  let terminal: Terminal
  private var screen = RotationScreen()
  private var drawn = 0

  init(terminal: Terminal) { self.terminal = terminal }

  mutating func report(_ event: RotationEvent) throws {
    screen.apply(event)
    let lines = screen.lines(size: terminal.size() ?? ScreenSize(columns: 80, rows: 24), style: terminal.style)
    // ECMA-48: CUU moves up over what was drawn, ED clears from there to the end of the screen.
    let back = drawn == 0 ? "" : "\u{1B}[\(drawn)A\r\u{1B}[J"
    try terminal.write(back + lines.map { $0 + "\n" }.joined())
    drawn = lines.count
    if case .ended(let outcome) = event.content { try terminal.print(["", sentence(outcome)]) }
  }

  private func sentence(_ outcome: RotationOutcome) -> String {
    let word = outcome.outcome.prefix(1).uppercased() + outcome.outcome.dropFirst()
    let tint: TextStyle.Tint = ["succeeded": .good, "degraded": .warning][outcome.outcome] ?? .bad
    return terminal.style.paint(word, tint) + ": \(outcome.message)"
  }
}
