import ChildProcesses

extension LabFixture {
  /// Runs a command line at a pseudo-terminal, as a person does who has typed `answers` ahead.
  func atTerminal(_ line: String, answers: String = "", environment: [String: String] = [:]) async throws -> CommandResult {
    try await result(
      of: ["script", "--quiet", "--return", "--command", line, "/dev/null"], input: answers, environment: environment)
  }
}
