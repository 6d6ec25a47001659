import ArgumentParser
import RotationCore

/// The yes that a change needs: from `--yes`, or from the person at the terminal.
struct Consent {
  /// Whom to ask.
  let terminal: Terminal
  /// Whether `--yes` was there.
  let isGiven: Bool
  /// Whether standard output carries JSON, where a question would be noise.
  let isQuiet: Bool

  /// Refuses before anything is asked of the daemon if there is neither `--yes` nor anybody to ask.
  ///
  /// - Throws: `OperatorFault` of kind `.usage`.
  func checkCanBeGiven(subject: String) throws(OperatorFault) {
    guard isGiven || (terminal.isInteractive && !isQuiet) else {
      let reason = isQuiet ? "with --json nobody can be asked" : "there is no terminal to ask on"
      throw OperatorFault(.usage, subject, reason, remedy: "give --yes if you mean it")
    }
  }

  /// Asks, unless `--yes` was given.
  ///
  /// - Throws: `ExitCode` 1 if the answer is not yes.
  func obtain(_ question: String) async throws {
    guard !isGiven else { return }
    guard try await terminal.confirms(question) else {
      try terminal.print(["Nothing was changed."])
      throw ExitCode(1)
    }
  }
}
