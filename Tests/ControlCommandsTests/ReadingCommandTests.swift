import ControlCommands
import ControlProtocol
import SwiftProtobuf
import Testing

@Suite("asactl history and nodes")
struct ReadingCommandTests {
  private var history: Asa_Control_V1_HistoryReply {
    .with {
      $0.records = [
        .with {
          $0.time = Sample.time(0)
          $0.kind = "rotationFailed"
          $0.account = Sample.account
          $0.rotation = "rotation-7"
          $0.phase = "staging"
          $0.nodes = ["cas-3.lab.example"]
          $0.message = "cas-3.lab.example did not answer"
          $0.passwordChanged = false
        },
        .with {
          $0.time = Sample.time(-60)
          $0.kind = "rotationSucceeded"
          $0.account = Sample.account
          $0.version = 6
          $0.domainController = "dc1.lab.example"
          $0.message = "rotated"
          $0.passwordChanged = true
        },
      ]
    }
  }

  @Test("The history is a table with the newest record at the end")
  func rendersHistory() async throws {
    var daemon = FakeDaemon()
    daemon.history = { _ in history }
    let run = try await daemon.listening { await CommandRun.run(["history", "--socket-directory", $0]) }
    #expect(
      run.output == #"""
        TIME                       EVENT              ACCOUNT           KVNO  MESSAGE
        2026-11-21 16:59:00+01:00  rotationSucceeded  LAB\EXCH2016ASA$  6     rotated
        2026-11-21 17:00:00+01:00  rotationFailed     LAB\EXCH2016ASA$  -     cas-3.lab.example did not answer (password not changed)

        """#)
  }

  @Test(
    "On a coloured terminal a record is tinted by the alarm that it raises",
    arguments: [("rotationSucceeded", "32"), ("rotationFailed", "31"), ("nodeBehind", "33"), ("storeUnwritable", "31")])
  func tintsHistory(_ kind: String, _ code: String) {
    let document = HistoryDocument(.with { $0.records = [.with { $0.kind = kind }] })
    let rendering = HistoryRendering(
      time: LocalTime(zone: Sample.zone, now: Sample.now), style: TextStyle(isColored: true))
    #expect(rendering.lines(document).last?.contains("\u{1B}[\(code)m\(kind)\u{1B}[0m") == true)
  }

  @Test("The history as JSON has every field")
  func printsHistoryAsJSON() async throws {
    var daemon = FakeDaemon()
    daemon.history = { _ in .with { $0.records = [history.records[0]] } }
    let run = try await daemon.listening { await CommandRun.run(["history", "--json", "--socket-directory", $0]) }
    #expect(
      run.output == #"""
        {
          "records" : [
            {
              "account" : "LAB\\EXCH2016ASA$",
              "controllersBehind" : [

              ],
              "domainController" : null,
              "kind" : "rotationFailed",
              "message" : "cas-3.lab.example did not answer",
              "nodes" : [
                "cas-3.lab.example"
              ],
              "passwordChanged" : false,
              "phase" : "staging",
              "rotation" : "rotation-7",
              "time" : "2026-11-21T16:00:00Z",
              "version" : null
            }
          ]
        }

        """#)
  }

  @Test("Account and limit reach the daemon as they were given")
  func passesHistoryFilter() async throws {
    var daemon = FakeDaemon()
    daemon.history = { request in
      #expect(request.account == Sample.account)
      #expect(request.limit == 7)
      return history
    }
    let run = try await daemon.listening {
      await CommandRun.run(["history", "--account", #"lab\EXCH2016ASA$"#, "--limit", "7", "--socket-directory", $0])
    }
    #expect(run.code == 0)
  }

  private var nodes: Asa_Control_V1_ListNodesReply {
    .with {
      $0.nodes = [
        .with {
          $0.node = "cas-1.lab.example"
          $0.connection = "attached"
          $0.installation = "installation-1"
          $0.agentVersion = "1.0"
          $0.lastSeen = Sample.time(-2)
          $0.certificateNotAfter = Sample.time(20 * 86400)
          $0.clockOffset = -0.25
          $0.arrays = ["mail.lab.example"]
          $0.accounts = [Sample.account]
        },
        .with {
          $0.node = "cas-2.lab.example"
          $0.connection = "revoked"
          $0.revokedAt = Sample.time(-3600)
          $0.fault = "its certificate is refused"
          $0.excludedUntil = Sample.time(7200)
          $0.exclusionReason = "new disks"
        },
      ]
    }
  }

  @Test("The nodes are a table, with revocations and faults below")
  func rendersNodes() async throws {
    var daemon = FakeDaemon()
    daemon.nodes = { nodes }
    let run = try await daemon.listening { await CommandRun.run(["nodes", "list", "--socket-directory", $0]) }
    #expect(
      run.output == """
        NODE               CONNECTION  LAST SEEN      AGENT  CLOCK   CERTIFICATE ENDS  ARRAYS
        cas-1.lab.example  attached    2 seconds ago  1.0    -0.2 s  in 20 days        mail.lab.example
        cas-2.lab.example  revoked     never          -      -       -                 -
        cas-2.lab.example: revoked since 2026-11-21 16:00:00+01:00
        cas-2.lab.example: rotations do not wait for it until 2026-11-21 19:00:00+01:00 (in 2 hours): new disks
        cas-2.lab.example: its certificate is refused

        """)
  }

  @Test("The nodes as JSON have every field")
  func printsNodesAsJSON() async throws {
    var daemon = FakeDaemon()
    daemon.nodes = { .with { $0.nodes = [nodes.nodes[0]] } }
    let run = try await daemon.listening { await CommandRun.run(["nodes", "list", "--json", "--socket-directory", $0]) }
    #expect(
      run.output == #"""
        {
          "nodes" : [
            {
              "accounts" : [
                "LAB\\EXCH2016ASA$"
              ],
              "agentVersion" : "1.0",
              "arrays" : [
                "mail.lab.example"
              ],
              "certificateNotAfter" : "2026-12-11T16:00:00Z",
              "clockOffset" : -0.25,
              "connection" : "attached",
              "excludedUntil" : null,
              "exclusionReason" : null,
              "fault" : null,
              "installation" : "installation-1",
              "lastSeen" : "2026-11-21T15:59:58Z",
              "node" : "cas-1.lab.example",
              "revokedAt" : null
            }
          ]
        }

        """#)
  }

  @Test("A revocation says since when, whether the stream was cut, and the way back in")
  func revokes() async throws {
    var daemon = FakeDaemon()
    daemon.revoke = { request in
      #expect(request.node == "cas-2.lab.example")
      return .with {
        $0.revokedAt = Sample.time(0)
        $0.wasAttached = true
      }
    }
    let run = try await daemon.listening {
      await CommandRun.run(["nodes", "revoke", "cas-2.lab.example", "--yes", "--socket-directory", $0])
    }
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("cas-2.lab.example is revoked since 2026-11-21 17:00:00+01:00; its stream was cut.\n"))
    #expect(run.output.contains("asactl pki issue --role node --name cas-2.lab.example --replace"))
  }

  @Test("A revocation without a terminal and without --yes is refused")
  func refusesToRevokeUnasked() async {
    let run = await CommandRun.run(["nodes", "revoke", "cas-2.lab.example"])
    #expect(run.code == 64)
    #expect(run.errors.contains("--yes"))
  }
}
