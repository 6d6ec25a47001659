import ControlCommands
import Foundation
import Testing

@Suite("asactl doctor")
struct DoctorCommandTests {
  @Test("docs/doctor.md is what the table of findings says; ASA_WRITE_DOCS=1 writes it anew")
  func handbook() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/doctor.md")
      .standardized.path
    if ProcessInfo.processInfo.environment["ASA_WRITE_DOCS"] == "1" {
      try DoctorHandbook.page.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == DoctorHandbook.page)
  }

  @Test("Every finding of the page has a meaning, a way out, and an id of two words")
  func everyFinding() {
    let rows = DoctorHandbook.page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(rows.count >= 60)
    for row in rows {
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(cells.count == 4 && cells[0].contains(/^`[a-z]+\.[a-z0-9-]+`$/), "\(row)")
      #expect(["warning", "critical"].contains(cells[1]))
      #expect(cells[2].hasSuffix(".") && cells[2] != "Not described." && !cells[3].hasSuffix("."), "\(row)")
    }
    #expect(Set(rows).count == rows.count)
  }

  @Test("A configuration with faults is critical, with one finding for each and exit code 2")
  func invalidConfiguration() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("rotator.yaml", "colour: blue\n")
    let run = await CommandRun.run(["doctor", "--config", file])
    #expect(run.code == 2 && run.errors.isEmpty)
    #expect(run.output.contains("CRITICAL \(file):1: ") && run.output.contains("[config.invalid]\n         do: "))
  }

  @Test("The JSON document has the level, what was looked at, the findings and what was checked")
  func json() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("agent.yaml", "colour: blue\n")
    let run = await CommandRun.run(["doctor", "--agent", file, "--json"])
    #expect(run.code == 2 && run.errors.isEmpty)
    #expect(run.output.contains("\"level\" : \"critical\""))
    #expect(run.output.contains("\"path\" : \"\(file)\",\n      \"role\" : \"agent\""))
    #expect(run.output.contains("\"id\" : \"config.invalid\""))
    #expect(run.output.contains("\"claim\" : \"is valid\",\n      \"passed\" : false"))
    #expect(run.output.contains("\"notChecked\" : ["))
  }

  @Test("A host with neither configuration is told of in one line with exit code 66")
  func nothingToLookAt() async {
    let run = await CommandRun.run(["doctor"])
    #expect(run.code == 66 && run.output.isEmpty)
    #expect(run.errors.contains("neither /etc/asa-rotator/rotator.yaml nor /etc/asa-agent/agent.yaml exists"))
  }

  @Test("An account that the configuration does not name is told of in one line with exit code 66")
  func unknownAccount() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("agent.yaml", Self.agent)
    let run = await CommandRun.run(["doctor", "--agent", file, "--account", #"LAB\OTHER$"#])
    #expect(run.code == 66 && run.errors.contains(#"account LAB\OTHER$: is not in"#))
  }

  @Test("Wrong arguments end with 64 and one clear line", arguments: [["--dc", "a/b"], ["--account", "nobody"], ["surplus"]])
  func misuse(arguments: [String]) async {
    let run = await CommandRun.run(["doctor"] + arguments)
    #expect(
      run.code == 64 && run.errors.split(separator: "\n").count == 1 && run.errors.hasSuffix("see asactl doctor --help\n"))
  }

  @Test("A node whose files are missing is told of all of them, and of its agent")
  func bareNode() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("agent.yaml", Self.agent)
    let run = await CommandRun.run(["doctor", "--agent", file, "--verbose"])
    #expect(run.code == 2)
    for id in ["file.missing", "keytab.missing", "agent.down"] { #expect(run.output.contains("[\(id)]"), "\(run.output)") }
    #expect(run.output.contains("ok       \(file) is valid"))
  }

  private static let agent = #"""
    node: cas-1.lab.example
    rotator: { address: "127.0.0.1:1", name: rotator.lab.example }
    certificate: /nowhere/certificate.pem
    privateKey: /nowhere/key.pem
    certificateAuthority: /nowhere/ca.pem
    stateDirectory: /nowhere/state
    keytabs:
      - { path: /nowhere/http.keytab, account: 'LAB\EXCH2016ASA$' }
    """#
}
