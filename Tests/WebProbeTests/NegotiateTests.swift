import Foundation
import NIOHTTP1
import RotationCore
import Testing

@testable import WebProbe

/// The field that a server's token comes in.
private func negotiate(_ token: [UInt8]) -> (String, String) {
  ("WWW-Authenticate", "Negotiate \(Data(token).base64EncodedString())")
}

@Suite("One request to one web server", .timeLimit(.minutes(1)))
struct NegotiateTests {
  private let challenge: ScriptedServer.Answer = .head(401, [("WWW-Authenticate", "Negotiate")])

  /// Asks a server that challenges whoever comes without a ticket, and answers a ticket as told.
  private func outcome(ofTicketAnswered answer: ScriptedServer.Answer) async throws -> WebOutcome {
    try await outcome { head in head.headers.contains(name: "Authorization") ? answer : challenge }
  }

  private func outcome(_ answer: @escaping @Sendable (HTTPRequestHead) -> ScriptedServer.Answer) async throws -> WebOutcome {
    try await ScriptedServer.serving(answer) { _, address in try await ask(address) }
  }

  private func ask(_ address: WebAddress, timeout: Duration = .seconds(50)) async throws -> WebOutcome {
    let target = try WebTarget("http://mail.lab.example:\(address.port)/owa/?a=b")
    return try await WebProbe(target, trusting: .none, timeout: timeout, connectTimeout: .seconds(50))
      .ask(address, with: TestTicket())
  }

  @Test("It is asked for the page under the shared name, first without a ticket and then with one")
  func requests() async throws {
    try await ScriptedServer.serving({ _ in challenge }) { server, address in
      _ = try await ask(address)
      let heads = server.heads
      #expect(heads.map(\.uri) == ["/owa/?a=b", "/owa/?a=b"])
      #expect(heads.map { $0.headers["Host"] } == [["mail.lab.example:\(address.port)"], ["mail.lab.example:\(address.port)"]])
      let token = Data("ticket".utf8).base64EncodedString()
      #expect(heads.map { $0.headers["Authorization"] } == [[], ["Negotiate \(token)"]])
    }
  }

  @Test(
    "A server that proves that it has the key has accepted, whatever it answers then", arguments: [200, 302, 403, 404, 500])
  func proven(status: Int) async throws {
    let outcome = try await outcome(ofTicketAnswered: .head(status, [negotiate(TestTicket.proof), ("Location", "/login")]))
    #expect(outcome == .proven(status: status))
  }

  @Test("A page without a proof is none that a client can rely on")
  func withoutProof() async throws {
    #expect(try await outcome(ofTicketAnswered: .head(200, [])) == .unproven(status: 200, reason: nil))
  }

  @Test("A false proof is told with the reason")
  func falseProof() async throws {
    let answer = ScriptedServer.Answer.head(200, [negotiate([1, 2, 3])])
    #expect(try await outcome(ofTicketAnswered: answer) == .unproven(status: 200, reason: "that is no proof"))
  }

  @Test("A token that is not base64 is a false proof")
  func malformedToken() async throws {
    let answer = ScriptedServer.Answer.head(200, [("WWW-Authenticate", "Negotiate ***")])
    #expect(try await outcome(ofTicketAnswered: answer) == .unproven(status: 200, reason: "its token is not base64"))
  }

  @Test("401 to a ticket is a refusal")
  func refused() async throws {
    #expect(try await outcome(ofTicketAnswered: challenge) == .refused(reason: nil))
  }

  @Test("A refusal is told with what its token says")
  func refusedWithToken() async throws {
    #expect(try await outcome(ofTicketAnswered: .head(401, [negotiate([1])])) == .refused(reason: "that is no proof"))
  }

  @Test("A server that does not ask to authenticate is shown no ticket", arguments: [200, 404, 503])
  func open(status: Int) async throws {
    try await ScriptedServer.serving({ _ in .head(status, []) }) { server, address in
      let answer = try await ask(address)
      #expect(answer == .open(status: status))
      #expect(server.heads.count == 1)
    }
  }

  @Test("A redirect before authentication is not followed")
  func redirected() async throws {
    let answer = try await outcome { _ in .head(301, [("Location", "https://mail.lab.example/owa/")]) }
    #expect(answer == .redirected(status: 301, location: "https://mail.lab.example/owa/"))
  }

  @Test("A server that offers other schemes is told by them, and is shown no ticket")
  func notOffered() async throws {
    let fields = [("WWW-Authenticate", "NTLM"), ("WWW-Authenticate", "Basic realm=\"mail, Negotiate\", Digest nonce=x")]
    try await ScriptedServer.serving({ _ in .head(401, fields) }) { server, address in
      let answer = try await ask(address)
      #expect(answer == .notOffered(["NTLM", "Basic", "Digest"]))
      #expect(server.heads.count == 1)
    }
  }

  @Test("An address at which nobody listens refuses the connection")
  func connectionRefused() async throws {
    let address = try await ScriptedServer.serving({ _ in .silence }) { _, address in address }
    #expect(try await ask(address) == .failed(.refused))
  }

  @Test("A server that closes the connection has not answered")
  func closed() async throws {
    #expect(try await outcome { _ in .goodbye } == .failed(.closed))
  }

  @Test("A server that keeps silent is not waited for beyond the time limit")
  func silent() async throws {
    try await ScriptedServer.serving({ _ in .silence }) { _, address in
      let answer = try await ask(address, timeout: .milliseconds(200))
      #expect(answer == .failed(.answerTimeout))
    }
  }

  @Test(
    "What is no HTTP, or a head that is too long, is no answer",
    arguments: [
      "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 401 Unauthorized\r\nX-Long: \(String(repeating: "x", count: 200_000))\r\n\r\n",
    ])
  func notHTTP(bytes: String) async throws {
    #expect(try await outcome { _ in .raw(bytes) } == .failed(.notHTTP))
  }
}
