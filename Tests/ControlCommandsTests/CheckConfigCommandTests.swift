import Configuration
import Testing

@Suite("asactl check-config")
struct CheckConfigCommandTests {
  @Test("Every fault is told on its own line with file and line, and the exit code is 78")
  func tellsEveryFault() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("rotator.yaml", "colour: blue\nsize: large\n")
    let run = await CommandRun.run(["check-config", "--rotator", file])
    #expect(run.code == 78)
    let lines = run.errors.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("asactl: \(file):1: ") })
    #expect(lines.contains { $0.hasPrefix("asactl: \(file):2: ") })
  }

  @Test("A file that does not exist is told by name with exit 66")
  func missingFile() async {
    let run = await CommandRun.run(["check-config", "--agent", "/nowhere/agent.yaml"])
    #expect(run.code == 66)
    #expect(run.errors.contains("/nowhere/agent.yaml"))
  }

  @Test("The JSON document names the file, its role and its faults, and keeps standard error empty")
  func printsJSON() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("agent.yaml", "colour: blue\n")
    let run = await CommandRun.run(["check-config", "--agent", file, "--json"])
    #expect(run.code == 78)
    #expect(run.errors.isEmpty)
    #expect(run.output.contains("\"path\" : \"\(file)\""))
    #expect(run.output.contains("\"role\" : \"agent\""))
    #expect(run.output.contains("\"subject\" : \"\(file):1\""))
    #expect(run.output.hasSuffix("\"valid\" : false\n}\n"))
  }
}
