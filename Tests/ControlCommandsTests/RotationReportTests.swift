import ControlCommands
import ControlProtocol
import Foundation
import GRPCCore
import SwiftProtobuf
import Testing

@Suite("asactl rotate: the plan, the steps and the report")
struct RotationReportTests {
  private func daemon() -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.rotate = { _, writer in
      try await writer.write(Sample.progress(.planned(Sample.plan)))
      var step = Sample.progress(at: 2, Sample.step("cas-1.lab.example", "staged", "holds kvno 6 beside 5 in /etc/krb5.keytab"))
      step.time.nanos = 250_000_000
      try await writer.write(step)
      try await writer.write(Sample.progress(at: 4, Sample.ended("succeeded") { $0.report = Sample.report }))
    }
    return daemon
  }

  @Test("It ends with the parts of the script's report and one line with the verdict")
  func text() async throws {
    let run = try await daemon().listening { await CommandRun.run(["rotate", "--yes", "--socket-directory", $0]) }
    let types = Sample.types.joined(separator: " ")
    #expect(
      run.output.hasSuffix(
        """
        succeeded: the rotation succeeded

        Destinations
          mail: cas-1.lab.example, cas-2.lab.example

        Credentials, most recent first
          Latest: 2026-11-21 17:00:00+01:00, LAB\\EXCH2016ASA$  kvno 6  \(types)
          Previous: 2026-11-20 17:00:00+01:00, LAB\\EXCH2016ASA$  kvno 5  \(types)

        Prune
          kvno 5  stays until 2026-11-22 03:05:00+01:00 (in 10 hours): tickets under it may be alive
          kvno 4  destroyed 2026-11-21 03:06:40+01:00: no ticket under it can be alive

        Push
          cas-1.lab.example  proven: accepts tickets for http/mail.lab.example
          cas-2.lab.example  none: was not ready

        Active Directory
          Written to:         dc1.lab.example
          Password:           changed
          kvno:               5 -> 6
          Stamp:              none -> asa1;1.4;rotation-6;done;rotator-1

        Account
          Class:              computer
          Name:               LAB\\EXCH2016ASA$
          Distinguished name: CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example
          Password last set:  2026-11-21 17:00:03+01:00
          SPNs:               http/mail.lab.example, http/autodiscover.lab.example

        Configuration of each node
          cas-1.lab.example  attached
            Latest: 2026-11-20 17:00:00+01:00, LAB\\EXCH2016ASA$  kvno 5  \(types)
            Previous: 2026-10-22 17:00:00+01:00, LAB\\EXCH2016ASA$  kvno 4  \(types)

        LAB\\EXCH2016ASA$: SUCCEEDED

        """))
  }

  @Test("With --json the last line has the same content")
  func json() async throws {
    let run = try await daemon().listening { await CommandRun.run(["rotate", "--yes", "--json", "--socket-directory", $0]) }
    let last = try #require(run.output.split(separator: "\n").last)
    let line = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
    let report = try #require(line["report"] as? [String: Any])
    #expect(
      Set(report.keys) == [
        "destinations", "credentials", "prune", "pushes", "change", "properties", "nodes", "verdict",
      ])
    let change = try #require(report["change"] as? [String: Any])
    #expect(change["versionAfter"] as? Int == 6 && change["stampBefore"] is NSNull)
    let push = try #require((report["pushes"] as? [[String: Any]])?.first)
    #expect((push["steps"] as? [[String: Any]])?.first?["time"] as? String == "2026-11-21T16:00:02Z")
    #expect((report["properties"] as? [String: Any])?["kind"] as? String == "computer")
  }

  @Test("With --verbose every step has its time to the millisecond, and the plan stands in full", arguments: [false, true])
  func verbose(isOnTerminal: Bool) async throws {
    let run = try await daemon().listening {
      await CommandRun.run(
        ["rotate", "--yes", "--verbose", "--socket-directory", $0], canRedraw: isOnTerminal,
        size: ScreenSize(columns: 80, rows: 24))
    }
    #expect(
      run.output.contains(
        "2026-11-21 17:00:02+01:00 +2.250 s node cas-1.lab.example staged: holds kvno 6 beside 5 in /etc/krb5.keytab\n"))
    #expect(run.output.contains("    Required: 2 of 3 nodes\n    Warning:  dc2.lab.example is down\n"))
    #expect(!run.output.contains("\u{1B}"))
  }

  @Test("--verbose and --json exclude each other")
  func verboseJSON() async {
    #expect(await CommandRun.run(["rotate", "--yes", "--verbose", "--json"]).code == 64)
  }

  @Test("A dry run that is refused shows all obstacles, the arrays, and exits with the code of the first")
  func obstacles() async throws {
    var daemon = FakeDaemon()
    daemon.rotate = { _, writer in
      var plan = Sample.plan
      plan.obstacles = [Sample.fault("permission"), Sample.fault("unavailable")]
      plan.obstacles[1].problem = "has a clock that is 400 s ahead"
      plan.destinations = ["mail", "web"].map { array in
        .with {
          $0.array = array
          $0.nodes = ["cas-1.lab.example"]
        }
      }
      try await writer.write(Sample.progress(.planned(plan)))
      try await writer.write(Sample.progress(.fault(Sample.fault("permission"))))
    }
    let run = try await daemon.listening { await CommandRun.run(["rotate", "--dry-run", "--socket-directory", $0]) }
    #expect(run.code == 77)
    #expect(run.output.contains("  Array:    web: cas-1.lab.example\n"))
    #expect(run.output.contains("  Obstacle: node cas-3.lab.example: is not attached; start asa-agentd there\n"))
    #expect(
      run.output.contains("  Obstacle: node cas-3.lab.example: has a clock that is 400 s ahead; start asa-agentd there\n"))
    #expect(run.output.hasSuffix("Nothing was changed.\n"))
  }
}
