import ControlProtocol
import SwiftProtobuf
import Testing

@Suite("Alarms in asactl status and asactl ack")
struct AlarmTests {
  private var failed: Asa_Control_V1_AlarmStatus {
    .with {
      $0.outcome = "failed"
      $0.account = Sample.account
      $0.message = "the rotation failed in staging"
      $0.since = Sample.time(-86400)
      $0.notices = 3
      $0.deliveryFault = "asa-outcome@failed.service: ended with exit code 1"
      $0.nextNotice = Sample.time(3600)
    }
  }

  private var behind: Asa_Control_V1_AlarmStatus {
    .with {
      $0.outcome = "behind"
      $0.account = Sample.account
      $0.subject = "cas-2.lab.example"
      $0.message = "cas-2.lab.example does not hold kvno 6"
      $0.since = Sample.time(-7200)
      $0.notices = 1
      $0.delivered = true
      $0.acknowledgedAt = Sample.time(-60)
    }
  }

  private var stalled: Asa_Control_V1_AlarmStatus {
    .with {
      $0.outcome = "stalled"
      $0.message = "the daemon ended without stopping"
      $0.since = Sample.time(-7200)
      $0.resolvedAt = Sample.time(-7200)
    }
  }

  @Test("The status begins with the alarms: what, since when, whether somebody was told, and when again")
  func statusShowsAlarms() async throws {
    var daemon = FakeDaemon()
    daemon.status = { [failed, behind, stalled] _ in
      var reply = Sample.status([])
      reply.alarms = [failed, behind, stalled]
      return reply
    }
    let run = try await daemon.listening { await CommandRun.run(["status", "--socket-directory", $0]) }
    #expect(
      run.output.hasPrefix(
        #"""
        Alarms
          failed  LAB\EXCH2016ASA$, since 2026-11-20 17:00:00+01:00 (1 day ago)
            the rotation failed in staging
            3 notices, the last one reached nobody: asa-outcome@failed.service: ended with exit code 1, next 2026-11-21 18:00:00+01:00 (in 1 hour)
          behind  LAB\EXCH2016ASA$, cas-2.lab.example, since 2026-11-21 15:00:00+01:00 (2 hours ago)
            cas-2.lab.example does not hold kvno 6
            acknowledged 2026-11-21 16:59:00+01:00
          stalled  asa-rotatord, since 2026-11-21 15:00:00+01:00 (2 hours ago)
            the daemon ended without stopping
            over since 2026-11-21 15:00:00+01:00; no notice was sent yet

        LAB\EXCH2016ASA$ in LAB.EXAMPLE

        """#))
  }

  @Test("An alarm as JSON has every field")
  func statusPrintsAlarmsAsJSON() async throws {
    var daemon = FakeDaemon()
    daemon.status = { [failed] _ in
      .with { $0.alarms = [failed] }
    }
    let run = try await daemon.listening { await CommandRun.run(["status", "--json", "--socket-directory", $0]) }
    #expect(
      run.output.contains(
        #"""
          "alarms" : [
            {
              "account" : "LAB\\EXCH2016ASA$",
              "acknowledgedAt" : null,
              "delivered" : false,
              "deliveryFault" : "asa-outcome@failed.service: ended with exit code 1",
              "message" : "the rotation failed in staging",
              "nextNotice" : "2026-11-21T17:00:00Z",
              "notices" : 3,
              "outcome" : "failed",
              "resolvedAt" : null,
              "since" : "2026-11-20T16:00:00Z",
              "subject" : null
            }
          ],
        """#))
  }

  @Test("What was acknowledged is listed; account, outcomes and comment reach the daemon")
  func acknowledges() async throws {
    var daemon = FakeDaemon()
    daemon.acknowledge = { [behind] request in
      #expect(request.account == Sample.account)
      #expect(request.outcomes == ["behind", "overdue"])
      #expect(request.comment == "cas-2 is being replaced")
      return .with { $0.alarms = [behind] }
    }
    let run = try await daemon.listening {
      await CommandRun.run([
        "ack", "behind", "overdue", "--account", Sample.account, "--comment", " cas-2 is being replaced", "--socket-directory",
        $0,
      ])
    }
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("Acknowledged 1 alarm:\n  behind  LAB\\EXCH2016ASA$, cas-2.lab.example, since "))
    #expect(run.output.hasSuffix("Nobody is told of it again unless it happens anew; what is wrong is still wrong.\n"))
  }

  @Test("Nothing to acknowledge is said so and is no failure", arguments: [true, false])
  func nothing(isJSON: Bool) async throws {
    let run = try await FakeDaemon().listening {
      await CommandRun.run(["ack", "--socket-directory", $0] + (isJSON ? ["--json"] : []))
    }
    #expect(run.code == 0)
    #expect(run.output == (isJSON ? "{\n  \"alarms\" : [\n\n  ]\n}\n" : "There was nothing to acknowledge.\n"))
  }

  @Test("An unknown outcome is wrong usage and names those that are known")
  func unknownOutcome() async {
    let run = await CommandRun.run(["ack", "broken"])
    #expect(run.code == 64)
    #expect(run.errors.contains("'broken' is no outcome, known are failed, degraded, overdue, stalled, behind"))
  }
}
