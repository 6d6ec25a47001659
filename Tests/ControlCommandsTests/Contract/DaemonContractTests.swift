import ChildProcesses
import Foundation
import ManualPages
import Testing

@Suite("The command lines of the daemons")
struct DaemonContractTests {
  private static let daemons = ["asa-rotatord", "asa-agentd"]

  private static func run(_ daemon: String, _ arguments: String...) async throws -> FinishedCommand {
    try await .waiting(for: ["\(PackageTree.programs)/\(daemon)"] + arguments)
  }

  @Test("The help page begins with what the daemon is for, explains every option, and ends with an example", arguments: daemons)
  func help(_ daemon: String) async throws {
    let page = try await Self.run(daemon, "--help")
    #expect(page.status == 0 && page.output.hasPrefix("OVERVIEW: ") && page.errors.isEmpty)
    let dump = try await Self.run(daemon, "--experimental-dump-help")
    let description = try CommandDescription(dump: Data(dump.output.utf8))
    #expect(description.abstract.hasSuffix("."))
    #expect(HelpText(description.discussion).examples.contains { $0.hasPrefix(daemon) })
    #expect(description.arguments.allSatisfy { $0.abstract.hasSuffix(".") })
    #expect(description.arguments.contains { $0.writtenName == "--version" })
  }

  @Test(
    "Wrong arguments are told in one line, with a hint at the usage, by exit code 64", arguments: daemons,
    [["--no-such-option"], ["surplus"], ["--config"], ["--log-level", "loud"]])
  func misuse(_ daemon: String, _ arguments: [String]) async throws {
    let run = try await FinishedCommand.waiting(for: ["\(PackageTree.programs)/\(daemon)"] + arguments)
    #expect(run.status == 64 && run.output.isEmpty)
    let lines = run.errors.split(separator: "\n")
    #expect(lines.first?.contains(arguments[arguments.count - 1]) == true)
    #expect(
      lines.dropFirst().allSatisfy { $0.hasPrefix("Usage: \(daemon) ") || $0.hasPrefix("  See ") || $0.hasPrefix("Help: ") })
  }

  @Test("A configuration that is not there is told in one line, by exit code 66", arguments: daemons)
  func missingConfiguration(_ daemon: String) async throws {
    let run = try await Self.run(daemon, "--config", "/nowhere/daemon.yaml")
    #expect(run.status == 66 && run.output.isEmpty)
    #expect(run.errors.hasPrefix("\(daemon): /nowhere/daemon.yaml: ") && run.errors.split(separator: "\n").count == 1)
  }
}
