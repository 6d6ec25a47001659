import ArgumentParser
import RotationCore

extension AsaCtl {
  /// Parses the arguments (without the program's name), runs the command, tells a failure in one line on standard error.
  ///
  /// - Returns: The exit code.
  package static func run(_ arguments: [String], in environment: CommandEnvironment) async -> Int32 {
    do {
      try await perform(try await asyncParseAsRoot(arguments), in: environment)
      return 0
    } catch {
      return conclude(error, arguments, environment.terminal)
    }
  }

  private static func perform(_ command: any ParsableCommand, in environment: CommandEnvironment) async throws {
    if let command = command as? any ControlCommand {
      try await command.execute(in: environment)
    } else {
      // A group of commands named without one of them: its own run() asks for its help page.
      var group = command
      try group.run()
    }
  }

  private static func conclude(_ error: any Error, _ arguments: [String], _ terminal: Terminal) -> Int32 {
    switch error {
    case let fault as OperatorFault:
      terminal.warn(fault.description)
      return fault.kind.exitCode
    case let several as SeveralFaults:
      for fault in several.faults { terminal.warn(fault.description) }
      return several.faults[0].kind.exitCode
    case let code as ExitCode: return code.rawValue
    case is OutputClosed: return 128 + 13  // As if SIGPIPE had ended the process, which is what a shell expects.
    case is Interrupted: return 128 + 2  // Likewise for SIGINT.
    default: return concludeParsing(error, arguments, terminal)
    }
  }

  private static func concludeParsing(_ error: any Error, _ arguments: [String], _ terminal: Terminal) -> Int32 {
    let code = exitCode(for: error)
    switch code {
    case .success:
      return printPage(fullMessage(for: error, columns: terminal.size()?.columns), arguments, terminal)
    case .validationFailure:
      let problem = message(for: error).visible
      return concludeMisuse(problem.hasSuffix(".") ? String(problem.dropLast()) : problem, arguments, terminal)
    default:
      terminal.warn("internal failure: \(String(describing: error).visible); report this as a defect")
      return OperatorFault.Kind.software.exitCode
    }
  }

  private static func printPage(_ page: String, _ arguments: [String], _ terminal: Terminal) -> Int32 {
    do {
      try terminal.print([page])
      return 0
    } catch {
      return conclude(error, arguments, terminal)
    }
  }

  private static func concludeMisuse(_ problem: String, _ arguments: [String], _ terminal: Terminal) -> Int32 {
    let (words, command) = named(arguments)
    let sentence = "\(problem); see \(words.joined(separator: " ")) --help"
    guard command is HealthCommand.Type else {
      terminal.warn("usage: \(sentence)")
      return OperatorFault.Kind.usage.exitCode
    }
    do { return try HealthCommand.misused(sentence, terminal) } catch { return conclude(error, arguments, terminal) }
  }

  /// The command that the arguments begin with, and its words: `asactl nodes revoke`.
  private static func named(_ arguments: [String]) -> (words: [String], command: any ParsableCommand.Type) {
    var words = ["asactl"]
    var command: any ParsableCommand.Type = Self.self
    for argument in arguments {
      let match = command.configuration.subcommands.first { $0.configuration.commandName == argument }
      guard let match else { break }
      words.append(argument)
      command = match
    }
    return (words, command)
  }
}
