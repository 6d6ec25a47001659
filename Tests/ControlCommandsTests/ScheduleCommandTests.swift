import ControlProtocol
import Foundation
import SwiftProtobuf
import Testing

@Suite("asactl schedule, pause and resume")
struct ScheduleCommandTests {
  private var schedule: Asa_Control_V1_ScheduleReply {
    .with {
      $0.accounts = [
        .with {
          $0.account = Sample.account
          $0.pause = .with { $0.reason = "migration" }
          $0.dates = [
            .with {
              $0.time = Sample.time(86400)
              $0.reason = "30 days after the last success"
            },
            .with {
              $0.time = Sample.time(31 * 86400)
              $0.reason = "30 days later, moved by the window Sun 02:00-05:00"
            },
          ]
        },
        .with { $0.account = #"LAB\OTHER$"# },
      ]
    }
  }

  @Test("Each account has a table of dates with their reasons, a pause first")
  func renders() async throws {
    var daemon = FakeDaemon()
    daemon.schedule = { [schedule] request in
      #expect(request.account.isEmpty)
      #expect(request.count == 5)
      return schedule
    }
    let run = try await daemon.listening { await CommandRun.run(["schedule", "--socket-directory", $0]) }
    #expect(run.code == 0)
    #expect(
      run.output == #"""
        LAB\EXCH2016ASA$
          Paused until it is resumed: migration
          BEGINS                     DISTANCE    REASON
          2026-11-22 17:00:00+01:00  in 1 day    30 days after the last success
          2026-12-22 17:00:00+01:00  in 31 days  30 days later, moved by the window Sun 02:00-05:00

        LAB\OTHER$
          No rotation is scheduled.

        """#)
  }

  @Test("The schedule as JSON has every field; account and count reach the daemon")
  func printsJSON() async throws {
    var daemon = FakeDaemon()
    daemon.schedule = { [schedule] request in
      #expect(request.account == Sample.account)
      #expect(request.count == 1)
      return .with {
        $0.accounts = [schedule.accounts[0]]
        $0.accounts[0].dates.removeLast()
      }
    }
    let run = try await daemon.listening {
      await CommandRun.run(["schedule", "--account", Sample.account, "--count", "1", "--json", "--socket-directory", $0])
    }
    #expect(
      run.output == #"""
        {
          "accounts" : [
            {
              "account" : "LAB\\EXCH2016ASA$",
              "dates" : [
                {
                  "reason" : "30 days after the last success",
                  "time" : "2026-11-22T16:00:00Z"
                }
              ],
              "pause" : {
                "reason" : "migration",
                "since" : null,
                "until" : null
              }
            }
          ]
        }

        """#)
  }

  @Test("A count that is no count of dates is wrong usage", arguments: ["0", "101", "-1", "many"])
  func refusesCount(_ count: String) async {
    #expect(await CommandRun.run(["schedule", "--count", count]).code == 64)
  }

  @Test("A pause says which accounts, until when, why, and what goes on; nobody is asked")
  func pauses() async throws {
    var daemon = FakeDaemon()
    daemon.pause = { request in
      #expect(request.account.isEmpty)
      #expect(request.reason == "migration")
      #expect(request.until == Sample.time(3 * 86400))
      return .with { $0.accounts = [Sample.account, #"LAB\OTHER$"#] }
    }
    let run = try await daemon.listening {
      await CommandRun.run(
        ["pause", "--reason", "migration", "--until", "+3d", "--socket-directory", $0], isInteractive: true)
    }
    #expect(run.code == 0)
    #expect(run.questions.isEmpty)
    #expect(
      run.output == #"""
        The schedule of LAB\EXCH2016ASA$, LAB\OTHER$ is paused until 2026-11-24 17:00:00+01:00 (in 3 days): migration
        No rotation begins by itself meanwhile; asactl rotate goes on working.

        """#)
  }

  @Test("A pause without an end names its end, and is null in JSON", arguments: [true, false])
  func pausesWithoutEnd(isJSON: Bool) async throws {
    var daemon = FakeDaemon()
    daemon.pause = { request in
      #expect(!request.hasUntil)
      return .with { $0.accounts = [request.account] }
    }
    let run = try await daemon.listening {
      await CommandRun.run(
        ["pause", "--account", Sample.account, "--reason", "freeze", "--socket-directory", $0] + (isJSON ? ["--json"] : []))
    }
    let json = """
      {
        "accounts" : [
          "LAB\\\\EXCH2016ASA$"
        ],
        "reason" : "freeze",
        "until" : null
      }

      """
    if isJSON {
      #expect(run.output == json)
    } else {
      #expect(run.output.contains("is paused until somebody says asactl resume: freeze\n"))
    }
  }

  @Test(
    "A time that has passed, that is none, or a missing or empty reason is wrong usage, and nothing is asked of the daemon",
    arguments: [
      (["--reason", "x", "--until", "2026-11-21 16:59"], "is not in the future: it is 2026-11-21 16:59:00+01:00"),
      (["--reason", "x", "--until", "0d"], "is not in the future"), (["--reason", "x", "--until", "tomorrow"], "is no time"),
      (["--until", "3d"], "--reason"), (["--reason", "  "], "one line"), (["--reason", "a\nb"], "one line"),
    ])
  func refusesPause(_ arguments: [String], _ problem: String) async {
    let run = await CommandRun.run(["pause", "--socket-directory", "/nonexistent"] + arguments)
    #expect(run.code == 64)
    #expect(run.errors.contains(problem))
  }

  @Test("A pause that paused nothing is a failure")
  func pausesNothing() async throws {
    let run = try await FakeDaemon().listening { await CommandRun.run(["pause", "--reason", "x", "--socket-directory", $0]) }
    #expect(run.code == 66)
    #expect(run.output.isEmpty)
  }

  @Test("A resumption says which accounts go on")
  func resumes() async throws {
    var daemon = FakeDaemon()
    daemon.resume = { request in .with { $0.accounts = [request.account] } }
    let run = try await daemon.listening {
      await CommandRun.run(["resume", "--account", Sample.account, "--socket-directory", $0])
    }
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("The schedule of LAB\\EXCH2016ASA$ goes on.\n"))
  }

  @Test("A resumption of nothing is said so and is no failure", arguments: [true, false])
  func resumesNothing(isJSON: Bool) async throws {
    let run = try await FakeDaemon().listening {
      await CommandRun.run(["resume", "--socket-directory", $0] + (isJSON ? ["--json"] : []))
    }
    #expect(run.code == 0)
    #expect(run.output == (isJSON ? "{\n  \"accounts\" : [\n\n  ]\n}\n" : "Nothing was paused.\n"))
  }
}
