import ManualPages
import Testing

@Suite("Wrong arguments of every command")
struct MisuseContractTests {
  /// An argument that a wrong value can be given for.
  struct Case: Sendable, CustomTestStringConvertible {
    let command: ListedCommand
    let argument: ArgumentDescription
    let value: String

    var testDescription: String { "\(command.testDescription): \(argument.writtenName ?? argument.valueName) '\(value)'" }

    static func all() throws -> [Case] {
      // The times of asactl journal are those of journalctl, which knows more of them.
      try ListedCommand.leaves().flatMap { command in
        command.arguments.filter { command.words != ["journal"] || $0.valueName != "time" }.compactMap { argument in
          SampleValue.bad(for: argument).map { Case(command: command, argument: argument, value: $0) }
        }
      }
    }
  }

  /// The command line was wrong, and one line says so. Monitoring reads standard output and knows no such thing as wrong usage.
  private func expectRefusal(_ run: CommandRun, _ command: ListedCommand, names text: String) {
    let isHealth = command.words == ["health"]
    let (told, other) = isHealth ? (run.output, run.errors) : (run.errors, run.output)
    #expect(run.code == (isHealth ? 3 : 64))
    #expect(told.split(separator: "\n", omittingEmptySubsequences: false).count == 2, "one line, and its end: \(told)")
    #expect(told.contains(text))
    #expect(other.isEmpty)
    #expect(run.questions.isEmpty && run.calls.isEmpty)
  }

  @Test("An option that does not exist is named in one line, with the way to the help page", arguments: try ListedCommand.all())
  func unknownOption(_ command: ListedCommand) async {
    let run = await CommandRun.run(command.call() + ["--no-such-option"])
    expectRefusal(run, command, names: "--no-such-option")
    #expect((run.errors + run.output).contains("see \(command.testDescription) --help"))
  }

  @Test("A word too many is named in one line", arguments: try ListedCommand.all())
  func unexpectedWord(_ command: ListedCommand) async {
    // Where any number of words is welcome, none is too many.
    guard !command.arguments.contains(where: { $0.kind == .positional && $0.isRepeating }) else { return }
    let positional = command.arguments.filter { $0.kind == .positional && $0.isOptional }.map(SampleValue.good(for:))
    let run = await CommandRun.run(command.call() + positional + ["surplus"])
    expectRefusal(run, command, names: "surplus")
  }

  @Test(
    "What is missing is named in one line",
    arguments: try ListedCommand.leaves().filter { $0.arguments.contains { !$0.isOptional } })
  func missingArgument(_ command: ListedCommand) async throws {
    let run = await CommandRun.run(command.words)
    let missing = try #require(command.arguments.first { !$0.isOptional })
    expectRefusal(run, command, names: missing.writtenName ?? missing.valueName)
  }

  @Test("An option without its value is named in one line", arguments: try ListedCommand.leaves())
  func missingValue(_ command: ListedCommand) async {
    for option in command.arguments where option.kind == .option {
      let run = await CommandRun.run(command.call() + [option.writtenName ?? ""])
      expectRefusal(run, command, names: option.writtenName ?? "")
    }
  }

  @Test("A value that is none is named in one line", arguments: try Case.all())
  func badValue(_ wrong: Case) async {
    // What is read later than the command line is read before anybody is asked: there is nobody here.
    let run = await CommandRun.run(wrong.command.call(with: (wrong.argument, wrong.value)))
    expectRefusal(run, wrong.command, names: wrong.value)
  }

  @Test(
    "A command that does not exist is named in one line",
    arguments: try ListedCommand.all().filter { !$0.description.subcommands.isEmpty })
  func unknownCommand(_ group: ListedCommand) async {
    let run = await CommandRun.run(group.words + ["no-such-command"])
    expectRefusal(run, group, names: "no-such-command")
  }
}
