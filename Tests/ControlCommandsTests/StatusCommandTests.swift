import ControlProtocol
import SwiftProtobuf
import Testing

@Suite("asactl status")
struct StatusCommandTests {
  @Test("The status lists each node's slots in the Windows manner, with kvno and encryption types")
  func rendersSlots() async throws {
    var daemon = FakeDaemon()
    daemon.status = { _ in Sample.status([Sample.healthyNode, Sample.lateNode]) }
    let run = try await daemon.listening { await CommandRun.run(["status", "--socket-directory", $0]) }
    #expect(run.code == 0)
    #expect(
      run.output == #"""
        LAB\EXCH2016ASA$ in LAB.EXAMPLE
          State:         idle: the last rotation succeeded
          Next due:      2026-12-20 17:00:00+01:00 (in 29 days)
          Last success:  2026-11-20 17:00:00+01:00 (1 day ago)
          SPNs:          http/mail.lab.example, http/autodiscover.lab.example
          Controllers:   dc1.lab.example (written to): up to date
                         dc2.lab.example: behind since 2026-11-20 17:00:00+01:00, does not answer

          cas-1.lab.example  attached, up to date
            Latest: 2026-11-20 17:00:00+01:00, LAB\EXCH2016ASA$  kvno 5  aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96
            Previous: 2026-10-22 17:00:00+01:00, LAB\EXCH2016ASA$  kvno 4  aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96
            Keytabs: /etc/krb5.keytab

          cas-2.lab.example  detached, behind
            Latest: 2026-10-22 17:00:00+01:00, LAB\EXCH2016ASA$  kvno 4  aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96
            Previous: <Not set>
            Fault: keytab /etc/krb5.keytab holds host/cas-2.lab.example

        """#)
  }

  @Test("A staged, an unproven, a retiring and a retired slot are told apart")
  func rendersEveryPosition() async throws {
    var retired = Sample.slot("previous", kvno: 4, set: -86400)
    retired.encryptionTypes = []
    retired.retireAfter = Sample.time(-3600)
    var retiring = Sample.slot("retiring", kvno: 3, set: -2 * 86400)
    retiring.retireAfter = Sample.time(3600)
    var latest = Sample.slot("latest", kvno: 5, set: -60)
    latest.proven = false
    var node = Sample.healthyNode
    node.slots = [Sample.slot("next", kvno: 6, set: 0), latest, retired, retiring]
    var daemon = FakeDaemon()
    daemon.status = { [node] _ in Sample.status([node]) }
    let run = try await daemon.listening { await CommandRun.run(["status", "--socket-directory", $0]) }
    let slots = run.output.split(separator: "\n").filter { $0.contains("kvno") }.map { $0.drop { $0 == " " } }
    let types = "aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96"
    #expect(
      slots == [
        #"Next: 2026-11-21 17:00:00+01:00, LAB\EXCH2016ASA$  kvno 6  \#(types)"#,
        #"Latest: 2026-11-21 16:59:00+01:00, LAB\EXCH2016ASA$  kvno 5  \#(types)  unproven"#,
        #"Previous: 2026-11-20 17:00:00+01:00, LAB\EXCH2016ASA$, retired 2026-11-21 16:00:00+01:00  kvno 4"#,
        #"Retiring: 2026-11-19 17:00:00+01:00, LAB\EXCH2016ASA$, kept until 2026-11-21 18:00:00+01:00  kvno 3  \#(types)"#,
      ])
  }

  @Test("A node from which the keys were removed is shown as such, and the account as it is in Active Directory")
  func removedKeys() async throws {
    var node = Sample.healthyNode
    node.slots = []
    node.removedAt = Sample.time(-3600)
    var reply = Sample.status([node])
    reply.accounts[0].properties = Sample.properties
    var daemon = FakeDaemon()
    daemon.status = { [reply] _ in reply }
    let run = try await daemon.listening { await CommandRun.run(["status", "--socket-directory", $0]) }
    #expect(run.output.contains("cas-1.lab.example  attached, keys removed, by command, 2026-11-21 16:00:00+01:00\n"))
    #expect(run.output.contains("    Latest: <Not set>\n    Previous: <Not set>\n"))
    #expect(
      run.output.contains(
        "  Account:       computer, CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example, password last set 2026-11-21 17:00:03+01:00\n"
      ))
  }

  @Test("The JSON document has every field, null where there is no value, times in UTC")
  func printsJSON() async throws {
    var daemon = FakeDaemon()
    daemon.status = { _ in Sample.status([Sample.lateNode]) }
    let run = try await daemon.listening { await CommandRun.run(["status", "--json", "--socket-directory", $0]) }
    #expect(
      run.output == #"""
        {
          "accounts" : [
            {
              "account" : "LAB\\EXCH2016ASA$",
              "controllers" : [
                {
                  "behindSince" : null,
                  "name" : "dc1.lab.example",
                  "problem" : null,
                  "writer" : true
                },
                {
                  "behindSince" : "2026-11-20T16:00:00Z",
                  "name" : "dc2.lab.example",
                  "problem" : "does not answer",
                  "writer" : false
                }
              ],
              "detail" : "the last rotation succeeded",
              "dueSince" : null,
              "failuresInARow" : 0,
              "lastSuccess" : "2026-11-20T16:00:00Z",
              "nextDue" : "2026-12-20T16:00:00Z",
              "nextTry" : null,
              "nodes" : [
                {
                  "behind" : true,
                  "connection" : "detached",
                  "consumers" : [

                  ],
                  "fault" : "keytab /etc/krb5.keytab holds host/cas-2.lab.example",
                  "keytabs" : [

                  ],
                  "node" : "cas-2.lab.example",
                  "removedAt" : null,
                  "slots" : [
                    {
                      "encryptionTypes" : [
                        "aes256-cts-hmac-sha1-96",
                        "aes128-cts-hmac-sha1-96"
                      ],
                      "position" : "latest",
                      "proven" : true,
                      "retireAfter" : null,
                      "retired" : false,
                      "rotation" : "rotation-4",
                      "setAt" : "2026-10-22T16:00:00Z",
                      "version" : 4
                    }
                  ]
                }
              ],
              "pause" : null,
              "phase" : "idle",
              "properties" : null,
              "realm" : "LAB.EXAMPLE",
              "rotation" : null,
              "servicePrincipalNames" : [
                "http/mail.lab.example",
                "http/autodiscover.lab.example"
              ]
            }
          ],
          "alarms" : [

          ],
          "daemonVersion" : "1.0",
          "rotator" : "rotator-1"
        }

        """#)
  }

  @Test("A node is named to the daemon in lower case")
  func normalizesNode() async throws {
    var daemon = FakeDaemon()
    daemon.status = { request in
      guard request.node == "cas-1.lab.example" else { throw Sample.fault("noInput").asRPCError() }
      return Sample.status([Sample.healthyNode])
    }
    let run = try await daemon.listening { await CommandRun.run(["status", "CAS-1.Lab.Example", "--socket-directory", $0]) }
    #expect(run.code == 0)
  }

  @Test("Escape sequences in what a node reports do not reach the reader's terminal")
  func neutralizesControlCharacters() async throws {
    var node = Sample.lateNode
    node.fault = "\u{1B}[2Jgone\nnext\u{9B}31m"
    var daemon = FakeDaemon()
    daemon.status = { [node] _ in Sample.status([node]) }
    let run = try await daemon.listening { await CommandRun.run(["status", "--socket-directory", $0]) }
    #expect(run.output.contains("Fault: \u{FFFD}[2Jgone next\u{FFFD}31m\n"))
  }

  private var troubled: Asa_Control_V1_StatusReply {
    var reply = Sample.status([])
    reply.accounts[0].dueSince = Sample.time(-7200)
    reply.accounts[0].nextTry = Sample.time(900)
    reply.accounts[0].failuresInARow = 3
    reply.accounts[0].pause = .with {
      $0.reason = "migration"
      $0.since = Sample.time(-60)
      $0.until = Sample.time(86400)
    }
    return reply
  }

  @Test("A due rotation, failures in a row and a pause stand beside the next due date")
  func rendersTrouble() async throws {
    var daemon = FakeDaemon()
    daemon.status = { [troubled] _ in troubled }
    let run = try await daemon.listening { await CommandRun.run(["status", "--socket-directory", $0]) }
    #expect(
      run.output.hasPrefix(
        #"""
        LAB\EXCH2016ASA$ in LAB.EXAMPLE
          State:         idle: the last rotation succeeded
          Paused:        until 2026-11-22 17:00:00+01:00 (in 1 day), since 2026-11-21 16:59:00+01:00: migration
          Next due:      2026-12-20 17:00:00+01:00 (in 29 days)
          Due since:     2026-11-21 15:00:00+01:00 (2 hours ago)
          Next try:      2026-11-21 17:15:00+01:00 (in 15 minutes), after 3 failures in a row

        """#))
  }

  @Test("The same as JSON")
  func printsTroubleAsJSON() async throws {
    var daemon = FakeDaemon()
    daemon.status = { [troubled] _ in troubled }
    let run = try await daemon.listening { await CommandRun.run(["status", "--json", "--socket-directory", $0]) }
    #expect(run.output.contains(#""dueSince" : "2026-11-21T14:00:00Z""#))
    #expect(run.output.contains(#""nextTry" : "2026-11-21T16:15:00Z""#))
    #expect(run.output.contains(#""failuresInARow" : 3"#))
    #expect(
      run.output.contains(
        """
              "pause" : {
                "reason" : "migration",
                "since" : "2026-11-21T15:59:00Z",
                "until" : "2026-11-22T16:00:00Z"
              },

        """))
  }
}
