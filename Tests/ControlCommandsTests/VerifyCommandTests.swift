import ControlCommands
import ControlProtocol
import GRPCCore
import Testing

@Suite("asactl verify")
struct VerifyCommandTests {
  private func daemon(accepts: Bool) -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.verify = { _, writer in
      try await writer.write(Sample.verdict("cas-2.lab.example", "http/mail.lab.example", accepted: accepts))
      try await writer.write(Sample.verdict("cas-1.lab.example", "http/mail.lab.example", accepted: true))
      try await writer.write(Sample.verdict("cas-1.lab.example", "http/autodiscover.lab.example", accepted: true))
      try await writer.write(Sample.verifyEnded(accepted: accepts ? 3 : 2, refused: accepts ? 0 : 1))
    }
    return daemon
  }

  @Test("Verdicts are a table of nodes and SPNs, with each refusal's reason below, and exit 69")
  func rendersRefusal() async throws {
    let run = try await daemon(accepts: false).listening { await CommandRun.run(["verify", "--socket-directory", $0]) }
    #expect(run.code == 69)
    #expect(
      run.output == """
        NODE               http/autodiscover.lab.example  http/mail.lab.example
        cas-1.lab.example  accepted, kvno 5               accepted, kvno 5
        cas-2.lab.example  -                              REFUSED, kvno 5
        cas-2.lab.example, http/mail.lab.example: no key for kvno 5 in /etc/krb5.keytab

        2 accepted, 1 refused (aes256-cts-hmac-sha1-96)

        """)
  }

  @Test("A table wider than the screen becomes a list")
  func narrowScreen() async throws {
    let run = try await daemon(accepts: true).listening {
      await CommandRun.run(["verify", "--socket-directory", $0], size: ScreenSize(columns: 60, rows: 24))
    }
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("NODE               SPN                            RESULT\n"))
  }

  @Test("A verification that asked nobody is not a success")
  func emptyIsNoSuccess() async throws {
    var daemon = FakeDaemon()
    daemon.verify = { _, writer in try await writer.write(Sample.verifyEnded(accepted: 0, refused: 0)) }
    let run = try await daemon.listening { await CommandRun.run(["verify", "--socket-directory", $0]) }
    #expect(run.code == 69)
  }

  @Test("A full verification asks for the tickets of every domain controller, and names the one of each")
  func full() async throws {
    var daemon = FakeDaemon()
    daemon.verify = { request, writer in
      guard request.full else { return }
      for name in ["dc2.lab.example", "dc1.lab.example"] {
        var progress = Sample.verdict("cas-1.lab.example", "http/mail.lab.example", accepted: name == "dc1.lab.example")
        progress.verdict.domainController = name
        try await writer.write(progress)
      }
      try await writer.write(Sample.verifyEnded(accepted: 1, refused: 1))
    }
    let run = try await daemon.listening { await CommandRun.run(["verify", "--full", "--socket-directory", $0]) }
    #expect(run.code == 69)
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("NODE") && lines[0].contains("TICKETS OF"))
    #expect(lines[1].contains("dc1.lab.example") && lines[1].contains("accepted"))
    #expect(lines[2].contains("dc2.lab.example") && lines[2].contains("REFUSED"))
    #expect(lines[3].contains("http/mail.lab.example of dc2.lab.example:"))
  }

  @Test("The verification as JSON has every field")
  func printsJSON() async throws {
    var daemon = FakeDaemon()
    daemon.verify = { _, writer in
      try await writer.write(Sample.verdict("cas-1.lab.example", "http/mail.lab.example", accepted: true))
      try await writer.write(Sample.verifyEnded(accepted: 1, refused: 0))
    }
    let run = try await daemon.listening { await CommandRun.run(["verify", "--json", "--socket-directory", $0]) }
    #expect(
      run.output == """
        {
          "accepted" : 1,
          "allAccepted" : true,
          "refused" : 0,
          "verdicts" : [
            {
              "accepted" : true,
              "domainController" : null,
              "encryptionType" : "aes256-cts-hmac-sha1-96",
              "error" : null,
              "node" : "cas-1.lab.example",
              "rotation" : "rotation-5",
              "servicePrincipalName" : "http/mail.lab.example",
              "version" : 5
            }
          ]
        }

        """)
  }
}
