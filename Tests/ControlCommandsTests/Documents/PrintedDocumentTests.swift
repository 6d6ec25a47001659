import ControlCommands
import Foundation
import Testing

@Suite("What every command prints with --json")
struct PrintedDocumentTests {
  /// The commands whose answer is the rotator's, and not that of a domain controller.
  private static func answered() throws -> [ListedCommand] {
    try ListedCommand.leaves().filter { $0.takes("--json") && $0.takes("--socket-directory") && !$0.takes("--dc") }
  }

  @Test(
    "What the rotator answers becomes a document of exactly the fields that are described", arguments: try answered())
  func ofAnswers(_ command: ListedCommand) async throws {
    // Of several arguments of which one has to be there, those that are flags.
    let flags = ["--json", "--yes", "--all", "--to-entire-forest"]
    let run = try await FakeDaemon.filled().listening { directory in
      await CommandRun.run(command.call(flags: flags) + ["--socket-directory", directory])
    }
    try expectDescribed(run, command.words.joined(separator: " "))
  }

  @Test("What commands find in files becomes a document of exactly the fields that are described")
  func ofFiles() async throws {
    for (command, run) in try await LocalRuns(flags: ["--json"]).runs { try expectDescribed(run, command) }
  }

  @Test("Errors go to standard error, as text")
  func errors() async {
    let run = await CommandRun.run(["status", "--json", "--socket-directory", "/nowhere"])
    #expect(run.code == 69 && run.output.isEmpty && run.errors.hasPrefix("asactl: asa-rotatord: "))
  }

  private func expectDescribed(_ run: CommandRun, _ command: String) throws {
    let model = try DocumentModel.ofThisPackage()
    let document = try #require(model.document(of: command), "asactl \(command)")
    let texts = Self.texts(run.output)
    #expect(!texts.isEmpty, "asactl \(command) printed nothing: \(run.errors)")
    for text in texts {
      #expect(try DocumentComparison(text, with: document, model: model).differences == [], "asactl \(command): \(text)")
    }
  }

  /// One document over several lines, or a stream of one in each line.
  private static func texts(_ output: String) -> [String] {
    let lines = output.split(separator: "\n").map(String.init)
    let isStream = lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") && $0.count > 2 }
    return isStream ? lines : [output]
  }
}
