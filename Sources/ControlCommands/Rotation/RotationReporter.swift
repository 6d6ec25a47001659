import Foundation

/// Shows the events of rotations as they come.
protocol RotationReporter: Sendable {
  /// Shows one event.
  mutating func report(_ event: RotationEvent) throws
  /// Shows what is left to show when all have ended.
  mutating func finish() throws
}

extension RotationReporter {
  mutating func finish() throws {}
}

/// One JSON object per line.
struct JSONRotationReporter: RotationReporter {
  let terminal: Terminal

  mutating func report(_ event: RotationEvent) throws { try terminal.print([JSONText.line(event)]) }
}

/// One line of text per event, and the report when a rotation has ended.
struct PlainRotationReporter: RotationReporter {
  let terminal: Terminal
  let time: LocalTime
  /// Whether each line names its account.
  let isLabelled: Bool
  /// Whether details and times are told to the last.
  let isVerbose: Bool
  /// When the first event of each account came.
  private var begins: [String?: Date] = [:]

  init(terminal: Terminal, time: LocalTime, isLabelled: Bool, isVerbose: Bool) {
    self.terminal = terminal
    self.time = time
    self.isLabelled = isLabelled
    self.isVerbose = isVerbose
  }

  mutating func report(_ event: RotationEvent) throws {
    let begin = begins[event.account] ?? event.moment ?? time.now
    begins[event.account] = begin
    let rendering = RotationEventRendering(time: time, isLabelled: isLabelled, begin: isVerbose ? begin : nil)
    try terminal.print(rendering.lines(event))
    guard case .ended(let outcome) = event.content, let report = outcome.report else { return }
    try terminal.print(
      [""] + RotationReportRendering(time: time, style: terminal.style).lines(report, account: event.account ?? ""))
  }
}

/// The plans alone, before a question is asked about them.
struct PlanReporter: RotationReporter {
  let terminal: Terminal
  /// Whether it is to be said at the end that this was all.
  var isSaidToChangeNothing = false
  private var isSecond = false

  init(terminal: Terminal, isSaidToChangeNothing: Bool = false) {
    self.terminal = terminal
    self.isSaidToChangeNothing = isSaidToChangeNothing
  }

  mutating func report(_ event: RotationEvent) throws {
    guard case .planned(let plan) = event.content else { return }
    try terminal.print((isSecond ? [""] : []) + RotationPlanRendering(style: terminal.style).lines(plan))
    isSecond = true
  }

  mutating func finish() throws {
    if isSaidToChangeNothing { try terminal.print(["Nothing was changed."]) }
  }
}

/// A picture of all nodes that is drawn again over itself at every event, and the reports when all rotations have ended.
struct LiveRotationReporter: RotationReporter {
  let terminal: Terminal
  let time: LocalTime
  private var screens = RotationScreens()
  private var drawn = 0
  private var endings: [(account: String?, outcome: RotationOutcome)] = []

  init(terminal: Terminal, time: LocalTime) {
    self.terminal = terminal
    self.time = time
  }

  mutating func report(_ event: RotationEvent) throws {
    screens.apply(event)
    let lines = screens.lines(size: terminal.size() ?? ScreenSize(columns: 80, rows: 24), style: terminal.style)
    // ECMA-48: CUU moves up over what was drawn, ED clears from there to the end of the screen.
    let back = drawn == 0 ? "" : "\u{1B}[\(drawn)A\r\u{1B}[J"
    try terminal.write(back + lines.map { $0 + "\n" }.joined())
    drawn = lines.count
    if case .ended(let outcome) = event.content { endings.append((event.account, outcome)) }
  }

  mutating func finish() throws {
    let rendering = RotationReportRendering(time: time, style: terminal.style)
    for (account, outcome) in endings {
      try terminal.print(["", sentence(outcome)])
      if let report = outcome.report { try terminal.print([""] + rendering.lines(report, account: account ?? "")) }
    }
  }

  private func sentence(_ outcome: RotationOutcome) -> String {
    let word = outcome.outcome.prefix(1).uppercased() + outcome.outcome.dropFirst()
    let tint: TextStyle.Tint = ["succeeded": .good, "degraded": .warning][outcome.outcome] ?? .bad
    return terminal.style.paint(word, tint) + ": \(outcome.message)"
  }
}
