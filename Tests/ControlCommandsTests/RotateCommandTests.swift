import ControlCommands
import ControlProtocol
import Foundation
import GRPCCore
import Testing

@Suite("asactl rotate")
struct RotateCommandTests {
  /// A daemon that plans for a dry run and plays the given end otherwise.
  private func daemon(
    ending: Asa_Control_V1_RotateProgress.OneOf_Event = Sample.ended("succeeded")
  ) -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.rotate = { request, writer in
      try await writer.write(Sample.progress(.planned(Sample.plan)))
      guard !request.dryRun else { return try await writer.write(Sample.progress(Sample.ended("planned"))) }
      try await writer.write(Sample.progress(at: 1, Sample.phase("staging", "waiting for 2 nodes")))
      try await writer.write(Sample.progress(at: 2, Sample.step("cas-1.lab.example", "staged")))
      try await writer.write(Sample.progress(at: 3, Sample.step("cas-2.lab.example", "failed", "disk full")))
      try await writer.write(Sample.progress(at: 4, ending))
    }
    return daemon
  }

  @Test("In a pipe every event is one line with its time")
  func plainLines() async throws {
    let run = try await daemon().listening { await CommandRun.run(["rotate", "--yes", "--socket-directory", $0]) }
    #expect(run.code == 0)
    #expect(
      run.output == #"""
        2026-11-21 17:00:00+01:00 plan LAB\EXCH2016ASA$ kvno 5 -> 6 on dc1.lab.example, nodes cas-1.lab.example cas-2.lab.example, missing cas-3.lab.example, warning: dc2.lab.example is down
        2026-11-21 17:00:01+01:00 phase staging: waiting for 2 nodes
        2026-11-21 17:00:02+01:00 node cas-1.lab.example staged
        2026-11-21 17:00:03+01:00 node cas-2.lab.example failed: disk full
        2026-11-21 17:00:04+01:00 succeeded: the rotation succeeded

        """#)
  }

  @Test("With --json every event is one object on one line, the last of type ended")
  func jsonLines() async throws {
    let run = try await daemon().listening { await CommandRun.run(["rotate", "--yes", "--json", "--socket-directory", $0]) }
    #expect(
      run.output == #"""
        {"account":"LAB\\EXCH2016ASA$","currentVersion":5,"destinations":[],"domainController":"dc1.lab.example","droppedVersions":[],"missingNodes":["cas-3.lab.example"],"nodes":["cas-1.lab.example","cas-2.lab.example"],"obstacles":[],"plannedVersion":6,"refusedUntil":null,"required":2,"rotation":"rotation-6","shutOut":[],"time":"2026-11-21T16:00:00Z","type":"planned","warnings":["dc2.lab.example is down"]}
        {"account":"LAB\\EXCH2016ASA$","detail":"waiting for 2 nodes","phase":"staging","time":"2026-11-21T16:00:01Z","type":"phase"}
        {"account":"LAB\\EXCH2016ASA$","detail":null,"node":"cas-1.lab.example","step":"staged","time":"2026-11-21T16:00:02Z","type":"node"}
        {"account":"LAB\\EXCH2016ASA$","detail":"disk full","node":"cas-2.lab.example","step":"failed","time":"2026-11-21T16:00:03Z","type":"node"}
        {"account":"LAB\\EXCH2016ASA$","controllersBehind":[],"droppedVersions":[],"fault":null,"keptVersions":[],"message":"the rotation succeeded","nodesBehind":[],"outcome":"succeeded","passwordChanged":true,"report":null,"rotation":"rotation-6","time":"2026-11-21T16:00:04Z","type":"ended","version":6}

        """#)
  }

  @Test("Without a terminal and without --yes it refuses before it asks the daemon anything", arguments: [[], ["--json"]])
  func refusesWithoutConsent(_ arguments: [String]) async {
    let run = await CommandRun.run(["rotate"] + arguments, isInteractive: !arguments.isEmpty)
    #expect(run.code == 64)
    #expect(run.errors.contains("--yes"))
    #expect(run.output.isEmpty)
  }

  @Test("On a terminal the plan is shown, the question asked, and the account of the plan rotated")
  func asksAfterPlan() async throws {
    var daemon = daemon()
    let play = daemon.rotate
    daemon.rotate = { request, writer in
      guard request.dryRun || request.account == Sample.account else { throw Sample.fault("usage").asRPCError() }
      try await play(request, writer)
    }
    let run = try await daemon.listening {
      await CommandRun.run(
        ["rotate", "--socket-directory", $0], recorder: RecordedTerminal(answers: ["Y"]), isInteractive: true)
    }
    #expect(run.code == 0)
    #expect(run.questions == [#"Rotate the password of LAB\EXCH2016ASA$ now? [y/N] "#])
    #expect(
      run.output.hasPrefix(
        #"""
        LAB\EXCH2016ASA$
          kvno:     5 -> 6
          Writer:   dc1.lab.example
          Nodes:    cas-1.lab.example, cas-2.lab.example
          Missing:  cas-3.lab.example
          Required: 2 of 3 nodes
          Warning:  dc2.lab.example is down

        """#))
  }

  @Test("Any answer but yes changes nothing", arguments: ["n", "", "yess"])
  func declines(_ answer: String) async throws {
    var daemon = daemon()
    let play = daemon.rotate
    daemon.rotate = { request, writer in
      #expect(request.dryRun)
      try await play(request, writer)
    }
    let run = try await daemon.listening {
      await CommandRun.run(
        ["rotate", "--socket-directory", $0], recorder: RecordedTerminal(answers: [answer]), isInteractive: true)
    }
    #expect(run.code == 1)
    #expect(run.output.hasSuffix("Nothing was changed.\n"))
  }

  @Test("A dry run asks nothing and shows the plan")
  func dryRun() async throws {
    let run = try await daemon().listening { await CommandRun.run(["rotate", "--dry-run", "--socket-directory", $0]) }
    #expect(run.code == 0)
    #expect(run.output.contains("kvno:     5 -> 6\n"))
    #expect(run.output.hasSuffix("Nothing was changed.\n"))
  }

  @Test("A degraded rotation is a success that names the nodes behind on standard error")
  func degraded() async throws {
    let end = Sample.ended("degraded") { $0.nodesBehind = ["cas-3.lab.example"] }
    let run = try await daemon(ending: end).listening { await CommandRun.run(["rotate", "--yes", "--socket-directory", $0]) }
    #expect(run.code == 0)
    #expect(run.errors.contains("behind: cas-3.lab.example"))
  }

  @Test(
    "A failed rotation exits with the code of its fault and tells it in one line",
    arguments: [("unavailable", 69), ("permission", 77), ("aKindOfTomorrow", 70)] as [(String, Int32)])
  func failed(_ kind: String, _ code: Int32) async throws {
    let end = Sample.ended("failed") { $0.fault = Sample.fault(kind) }
    let run = try await daemon(ending: end).listening { await CommandRun.run(["rotate", "--yes", "--socket-directory", $0]) }
    #expect(run.code == code)
    #expect(run.errors == "asactl: node cas-3.lab.example: is not attached; start asa-agentd there\n")
  }

  @Test("A refusal before the rotation began exits with the code of the fault")
  func refused() async throws {
    var daemon = FakeDaemon()
    daemon.rotate = { _, writer in try await writer.write(Sample.progress(.fault(Sample.fault("temporary")))) }
    let run = try await daemon.listening { await CommandRun.run(["rotate", "--yes", "--socket-directory", $0]) }
    #expect(run.code == 75)
  }

  @Test("A stream that ends without an outcome is not taken for success")
  func endUnknown() async throws {
    var daemon = FakeDaemon()
    daemon.rotate = { _, writer in try await writer.write(Sample.progress(Sample.phase("staging"))) }
    let run = try await daemon.listening { await CommandRun.run(["rotate", "--yes", "--socket-directory", $0]) }
    #expect(run.code == 69)
    #expect(run.errors.contains("before the outcome was known"))
  }

  @Test("Ctrl-C ends the watching and says that the rotation goes on")
  func interrupted() async throws {
    let (begun, continuation) = AsyncStream<Void>.makeStream()
    var daemon = FakeDaemon()
    daemon.rotate = { _, writer in
      try await writer.write(Sample.progress(Sample.phase("staging")))
      continuation.yield()
    }
    daemon.rotatesForever = true
    let run = try await daemon.listening { directory in
      await CommandRun.run(["rotate", "--yes", "--socket-directory", directory]) {
        for await _ in begun { return }
      }
    }
    #expect(run.code == 130)
    #expect(run.errors == "asactl: no longer watching; the rotation goes on, and asactl status shows how it ends\n")
  }

  @Test("On a terminal the picture of the nodes is drawn over the one before")
  func redraws() async throws {
    let run = try await daemon().listening {
      await CommandRun.run(
        ["rotate", "--yes", "--socket-directory", $0], canRedraw: true, size: ScreenSize(columns: 72, rows: 24))
    }
    let last = try #require(run.output.components(separatedBy: "\u{1B}[6A\r\u{1B}[J").last)
    #expect(
      last == #"""
        Rotating LAB\EXCH2016ASA$  kvno 5 -> 6  on dc1.lab.example
        Phase: succeeded

          NODE               STAGED  PROMOTED  PROVEN  REMARK
          cas-1.lab.example  yes     -         -
          cas-2.lab.example  -       -         -       failed: disk full

        Succeeded: the rotation succeeded

        """#)
  }

  @Test("No drawn line is as wide as the screen and no picture as high")
  func fitsScreen() async throws {
    var daemon = FakeDaemon()
    daemon.rotate = { _, writer in
      for number in 0..<40 {
        try await writer.write(Sample.progress(Sample.step("cas-\(number).lab.example", "failed", "a long story")))
      }
      try await writer.write(Sample.progress(Sample.ended("succeeded")))
    }
    let run = try await daemon.listening {
      await CommandRun.run(
        ["rotate", "--yes", "--socket-directory", $0], canRedraw: true, size: ScreenSize(columns: 30, rows: 12))
    }
    let picture = try #require(run.output.components(separatedBy: "\u{1B}[J").last).components(separatedBy: "\n\nSucceeded")[0]
    let lines = picture.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 11)
    #expect(lines.last == "  and 34 more")
    #expect(lines.allSatisfy { $0.count < 30 })
  }
}
