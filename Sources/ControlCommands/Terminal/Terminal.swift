package import SecretMemory

/// Where a command writes and what it may ask: standard output, standard error and the person at the keyboard.
///
/// Everything that a command prints goes through here, so that a test can read it back.
package struct Terminal: Sendable {
  /// Whether a person is there to answer: standard input and standard output are both a terminal.
  package var isInteractive: Bool
  /// Whether lines already written may be moved over and replaced (a terminal other than TERM=dumb).
  package var canRedraw: Bool
  /// How text is emphasised.
  package var style: TextStyle
  /// The size of the screen; `nil` if output does not go to a terminal.
  package var size: @Sendable () -> ScreenSize?
  private let output: @Sendable (String) throws -> Void
  private let errors: @Sendable (String) -> Void
  private let answer: @Sendable (String) async throws -> String?
  private let secret: @Sendable (String) async throws -> SecretBytes?

  /// Makes a terminal from its parts.
  ///
  /// - Parameters:
  ///   - output: Writes to standard output.
  ///   - errors: Writes to standard error.
  ///   - answer: Shows a question and reads one line; `nil` at end of input.
  ///   - secret: Shows a question and reads one line without echo; `nil` at end of input.
  package init(
    isInteractive: Bool, canRedraw: Bool, style: TextStyle, size: @escaping @Sendable () -> ScreenSize?,
    output: @escaping @Sendable (String) throws -> Void, errors: @escaping @Sendable (String) -> Void,
    answer: @escaping @Sendable (String) async throws -> String?,
    secret: @escaping @Sendable (String) async throws -> SecretBytes?
  ) {
    self.isInteractive = isInteractive
    self.canRedraw = canRedraw
    self.style = style
    self.size = size
    self.output = output
    self.errors = errors
    self.answer = answer
    self.secret = secret
  }

  /// Writes lines to standard output.
  ///
  /// - Throws: `OperatorFault` of kind `.inputOutput` if they cannot be written, ``OutputClosed`` if the reader has gone.
  package func print(_ lines: [String]) throws {
    if !lines.isEmpty { try output(lines.joined(separator: "\n") + "\n") }
  }

  /// Writes text as it is, without a line end; for redrawing.
  ///
  /// - Throws: As ``print(_:)``.
  package func write(_ text: String) throws { try output(text) }

  /// Writes one line to standard error, after the name of the program.
  package func warn(_ line: String) { errors("asactl: \(line)\n") }

  /// Asks a question whose answer is no unless it is y or yes.
  ///
  /// - Throws: ``Interrupted`` if the person pressed Ctrl-C.
  package func confirms(_ question: String) async throws -> Bool {
    let reply = try await answer("\(question) [y/N] ")
    return ["y", "yes"].contains(reply?.lowercased().filter { !$0.isWhitespace })
  }

  /// Asks for a line of text; `nil` at end of input.
  ///
  /// - Throws: ``Interrupted`` if the person pressed Ctrl-C.
  package func asks(_ question: String) async throws -> String? { try await answer("\(question) ") }

  /// Asks for a passphrase without showing it; `nil` at end of input.
  ///
  /// - Throws: ``Interrupted`` if the person pressed Ctrl-C, `OperatorFault` if the terminal cannot be switched to silence.
  package func asksSecretly(_ question: String) async throws -> SecretBytes? { try await secret(question) }
}

/// The reader of standard output has gone (`asactl history | head`): a quiet end, not a failure.
package struct OutputClosed: Error {
  /// Makes the error.
  package init() {}
}

/// The person pressed Ctrl-C at a question.
package struct Interrupted: Error {
  /// Makes the error.
  package init() {}
}
