import Glibc
import RotationCore
import SecretMemory

/// Reads answers from standard input, on a thread that may block.
actor TerminalKeyboard {
  /// The longest line that is read; what follows is ignored.
  static let longestLine = 1024
  private nonisolated let executor = BlockingExecutor(label: "asactl.keyboard")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Shows a question and reads one line with echo; `nil` at end of input.
  func line(after question: String) throws -> String? {
    try Terminal.write(question, to: STDOUT_FILENO)
    return readLine(strippingNewline: true)
  }

  /// Shows a question and reads one line without echo; `nil` at end of input.
  ///
  /// Canonical mode and signals are off meanwhile: an interrupt in the middle must not leave the terminal silent.
  ///
  /// - Throws: ``Interrupted`` on Ctrl-C, `OperatorFault` of kind `.system` if the terminal refuses silence.
  func secret(after question: String) throws -> SecretBytes? {
    var before = termios()
    guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw silenceRefused() }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else { throw silenceRefused() }
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
      try? Terminal.write("\n", to: STDERR_FILENO)
    }
    // Only now: switching to silence discards what was typed before it, and nobody types before the question.
    try Terminal.write(question, to: STDERR_FILENO)
    return try readSecretLine()
  }

  private func readSecretLine() throws -> SecretBytes? {
    var line = SecretLine(capacity: Self.longestLine)
    while let byte = readByte() {
      switch line.accept(byte) {
      case .more: continue
      case .complete: return line.finish()
      case .ended: return nil
      case .interrupted: throw Interrupted()
      }
    }
    return nil
  }

  private func readByte() -> UInt8? {
    var byte: UInt8 = 0
    while true {
      let count = read(STDIN_FILENO, &byte, 1)
      if count == 1 { return byte }
      if count == 0 || errno != EINTR { return nil }
    }
  }

  private func silenceRefused() -> OperatorFault {
    OperatorFault(.system, "terminal", "cannot read without echo", remedy: "use --passphrase-file FILE")
  }
}
