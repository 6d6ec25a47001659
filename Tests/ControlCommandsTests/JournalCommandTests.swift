import ChildProcesses
import ControlCommands
import Foundation
import RotationCore
import Testing

@Suite("asactl journal")
struct JournalCommandTests {
  private func arguments(_ options: [String]) async throws -> [String] {
    let run = await CommandRun.run(["journal"] + options)
    #expect(run.code == 0)
    #expect(run.output.isEmpty)
    let call = try #require(run.calls.first)
    #expect(call.name == "journalctl")
    return call.arguments
  }

  @Test(
    "Each filter becomes a match, each switch the one that journalctl has",
    arguments: [
      ([], []), (["--account", #"lab\EXCH2016ASA$"#], [#"ASA_ACCOUNT=LAB\EXCH2016ASA$"#]),
      (["--rotation", "0b5e"], ["ASA_ROTATION=0b5e"]), (["--node", "CAS-1.lab.example"], ["ASA_NODE=cas-1.lab.example"]),
      (["--kind", "rotationFailed"], ["MESSAGE_ID=449a355e97ac4a49846536511773fe18"]),
      (["--outcome", "succeeded"], ["MESSAGE_ID=2c7ca14ca96542c69cb494fa6033fdb7"]),
      (["--outcome", "failed"], ["MESSAGE_ID=449a355e97ac4a49846536511773fe18"]),
      (
        ["--outcome", "stalled"],
        ["MESSAGE_ID=2a09b6b737514540a3a1dbb18227220b", "MESSAGE_ID=0e98e3d0f84543688aea73b3a2c1c0be"]
      ),
      (["--since", "-1h"], ["--since=-1h"]), (["--until", "yesterday"], ["--until=yesterday"]),
      (["--since", "2026-11-21T17:00:00+01:00"], ["--since=@1795276800"]), (["--follow"], ["--follow"]),
      (["--explain"], ["--catalog"]),
    ])
  func matches(_ options: [String], _ expected: [String]) async throws {
    #expect(try await arguments(options) == ["--identifier=asa-rotatord"] + expected)
  }

  @Test("Filters are put together")
  func combines() async throws {
    let options = [
      "--node", "cas-1.lab.example", "--kind", "nodeBehind", "--kind", "nodeRecovered", "--follow", "--since", "-1d",
    ]
    #expect(
      try await arguments(options) == [
        "--identifier=asa-rotatord", "--follow", "--since=-1d", "ASA_NODE=cas-1.lab.example",
        "MESSAGE_ID=e290927301f6497eb2e83bc6455738d1", "MESSAGE_ID=d63ce904bce747fea5b5c67dbcad5306",
      ])
  }

  @Test("The agent has an identifier of its own")
  func agent() async throws {
    #expect(try await arguments(["--agent"]) == ["--identifier=asa-agentd"])
  }

  @Test("The call is printed as a shell would read it, and nothing is run")
  func prints() async {
    let run = await CommandRun.run(["journal", "--account", Sample.account, "--since", "1 hour ago", "--print"])
    #expect(run.calls.isEmpty)
    #expect(
      run.output == #"journalctl --identifier=asa-rotatord '--since=1 hour ago' 'ASA_ACCOUNT=LAB\EXCH2016ASA$'"# + "\n")
  }

  @Test("As JSON the call is an array of arguments, and nothing is run")
  func printsJSON() async {
    let run = await CommandRun.run(["journal", "--json"])
    #expect(run.calls.isEmpty)
    #expect(
      run.output == """
        {
          "arguments" : [
            "journalctl",
            "--identifier=asa-rotatord"
          ]
        }

        """)
  }

  @Test(
    "What no entry could fit is wrong usage",
    arguments: [
      (["--kind", "exploded"], "'exploded' is no kind of record, known are rotationStarted"),
      (["--outcome", "exploded"], "'exploded' is no outcome, known are succeeded, failed"),
      (["--rotation", "Not One"], "is no id of a rotation"),
      (["--agent", "--outcome", "failed"], "the agent writes no records"),
      (["--kind", "drift", "--outcome", "failed"], "not both"), (["--since", "now\u{1B}[2J"], "printable"),
    ])
  func refuses(_ options: [String], _ problem: String) async {
    let run = await CommandRun.run(["journal"] + options)
    #expect(run.code == 64)
    #expect(run.errors.contains(problem))
    #expect(run.calls.isEmpty)
  }

  @Test("A missing journalctl is told with the directories that were looked at")
  func missing() throws {
    let directory = try TemporaryDirectory()
    var call = ProgramCall(name: "journalctl", arguments: [])
    call.directories = [directory.path]
    let fault = #expect(throws: OperatorFault.self) { try call.replaceProcess() }
    #expect(fault?.kind == .unavailable)
    #expect(fault?.problem == "is not in \(directory.path)")
  }

  @Test("The first directory that has the program wins, and a file that cannot be run is none")
  func findsProgram() throws {
    let unusable = try TemporaryDirectory()
    _ = try unusable.write("journalctl", "", mode: 0o600)
    let usable = try TemporaryDirectory()
    let program = try usable.write("journalctl", "", mode: 0o700)
    var call = ProgramCall(name: "journalctl", arguments: [])
    call.directories = [unusable.path, usable.path]
    #expect(try call.path() == program)
  }

  @Test(
    "A shell reads a printed call back as the same arguments",
    arguments: ["plain", "", "a b", "it's", #"LAB\X$"#, "$(id)", "`id`", "a\tb", "æ", "--x=*", "\"q\"", "~", "!x", "#"])
  func quotes(_ argument: String) throws {
    let text = ProgramCall(name: "printf", arguments: ["%s|", argument, "end"]).shellText
    #expect(try FinishedCommand(running: ["/bin/sh", "-c", text]).output == "\(argument)|end|")
  }
}
