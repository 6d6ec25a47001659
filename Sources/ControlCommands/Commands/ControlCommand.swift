package import ArgumentParser
import RotationCore

/// One command of asactl: arguments that ArgumentParser fills in, and what is done with them.
package protocol ControlCommand: AsyncParsableCommand, Sendable {
  /// Does it.
  ///
  /// - Throws: `OperatorFault`, told in one line; `ExitCode` where everything has been said; ``OutputClosed``, ``Interrupted``.
  func execute(in environment: CommandEnvironment) async throws
}

extension ControlCommand {
  /// Runs the command in the environment of this process.
  package func run() async throws { try await execute(in: try .process()) }
}

/// The two ways to print an answer: rendered for people, or as a JSON document.
struct Answer {
  private let terminal: Terminal
  private let isJSON: Bool

  /// Prints to a terminal, as JSON if so asked.
  init(_ terminal: Terminal, json: Bool) {
    self.terminal = terminal
    isJSON = json
  }

  /// Prints a document, or what `rendered` makes of it.
  func print(_ document: some Encodable, rendered: () -> [String]) throws {
    try terminal.print(isJSON ? [JSONText.document(document)] : rendered())
  }
}
