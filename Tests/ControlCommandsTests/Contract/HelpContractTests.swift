import ArgumentParser
import ControlCommands
import ManualPages
import Testing

@Suite("The help of every command")
struct HelpContractTests {
  @Test("There is a tree to walk", .tags(.control))
  func isNotEmpty() throws {
    let names = try ListedCommand.all().map(\.testDescription)
    #expect(Set(["asactl", "asactl rotate", "asactl nodes", "asactl nodes revoke"]).isSubset(of: names))
  }

  @Test("It has a page, which begins with what the command is for and has its usage", arguments: try ListedCommand.all())
  func hasPage(_ command: ListedCommand) async {
    let run = await CommandRun.run(command.words + ["--help"])
    #expect(run.code == 0 && run.errors.isEmpty)
    #expect(run.output.hasPrefix("OVERVIEW: "))
    #expect(run.output.contains("USAGE: \(command.testDescription) "))
  }

  @Test("What it is for is one sentence", arguments: try ListedCommand.all())
  func hasAbstract(_ command: ListedCommand) {
    let abstract = command.description.abstract
    #expect(abstract.hasSuffix(".") && abstract.first?.isUppercase == true && !abstract.contains("\n"))
  }

  @Test("It ends with an example, which calls it or what is below it", arguments: try ListedCommand.all())
  func hasExample(_ command: ListedCommand) {
    let help = HelpText(command.description.discussion)
    #expect(!help.examples.isEmpty)
    #expect(help.examples.contains { $0.contains(command.testDescription) })
  }

  @Test("Each of its examples can be given to the program", arguments: try ListedCommand.all())
  func examplesAreRight(_ command: ListedCommand) async throws {
    let calls = HelpText(command.description.discussion).examples.flatMap { ShellLine($0).calls(of: "asactl") }
    for call in calls {
      await #expect(throws: Never.self, "asactl \(call.joined(separator: " "))") { _ = try await AsaCtl.asyncParseAsRoot(call) }
    }
  }

  @Test("Each of its arguments is explained", arguments: try ListedCommand.all())
  func argumentsAreExplained(_ command: ListedCommand) {
    for argument in command.arguments {
      #expect(argument.abstract.hasSuffix(".") && argument.abstract.first?.isWhitespace == false, "\(argument)")
    }
  }

  @Test("Whoever gets an answer can have it as JSON", arguments: try ListedCommand.leaves())
  func takesJSON(_ command: ListedCommand) {
    // It prints a script, which is the answer in the form that is wanted.
    let exceptions = ["asactl completions"]
    #expect(command.takes("--json") != exceptions.contains(command.testDescription))
  }
}

extension Tag {
  /// Shows that the tests around it can fail.
  @Tag static var control: Self
}
