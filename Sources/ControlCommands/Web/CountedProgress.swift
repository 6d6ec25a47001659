/// How many answers have come, on one line of the terminal that is gone again with the last of them.
struct CountedProgress: Sendable {
  private let terminal: Terminal
  private let isShown: Bool

  /// - Parameter isShown: Whether there is a terminal to show it on.
  init(_ terminal: Terminal, isShown: Bool) {
    self.terminal = terminal
    self.isShown = isShown
  }

  /// Shows a count.
  func show(_ answered: Int, of all: Int) throws {
    guard isShown else { return }
    // Back to the beginning of the line, and the rest of it erased (ECMA-48, EL).
    try terminal.write("\r\u{1B}[K" + (answered == all ? "" : "\(answered) of \(all) servers have answered"))
  }
}
