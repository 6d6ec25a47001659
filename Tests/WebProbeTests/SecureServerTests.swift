import Crypto
import Foundation
import NIOHTTP1
import Synchronization
import Testing
import X509

@testable import WebProbe

@Suite("A web server with TLS", .timeLimit(.minutes(1)))
struct SecureServerTests {
  private let authority: TestAuthority

  init() throws { authority = try TestAuthority() }

  /// Asks a server that accepts every ticket, in the name of a target that is at another port for all others.
  private func outcome(
    _ identity: TestIdentity, trusting trust: TrustedAuthorities? = nil
  ) async throws -> (outcome: WebOutcome, token: [UInt8]?) {
    let proof = Data(TestTicket.proof).base64EncodedString()
    return try await ScriptedServer.serving(tls: identity) { head in
      let isTicket = head.headers.contains(name: "Authorization")
      return .head(isTicket ? 200 : 401, [("WWW-Authenticate", isTicket ? "Negotiate \(proof)" : "Negotiate")])
    } _: { server, address in
      let outcome = try await ask(address, trusting: trust ?? authority.trust)
      let field = server.heads.last?.headers.first(name: "Authorization")?.split(separator: " ").last
      return (outcome, field.flatMap { Data(base64Encoded: String($0)) }.map { [UInt8]($0) })
    }
  }

  private func ask(_ address: WebAddress, trusting trust: TrustedAuthorities) async throws -> WebOutcome {
    let target = try WebTarget("https://mail.lab.example:\(address.port)/")
    return try await WebProbe(target, trusting: trust, timeout: .seconds(50)).ask(address, with: TestTicket())
  }

  @Test("A certificate of the shared name is good, and the ticket is bound to it")
  func bound() async throws {
    let identity = try authority.issue()
    let (outcome, token) = try await outcome(identity)
    #expect(outcome == .proven(status: 200))
    let binding = Array("tls-server-end-point:".utf8) + Array(SHA256.hash(data: try identity.encoded))
    #expect(token == Array("ticket".utf8) + binding)
  }

  @Test("A wildcard that covers the shared name is good")
  func wildcard() async throws {
    #expect(try await outcome(authority.issue(["*.lab.example"])).outcome == .proven(status: 200))
  }

  @Test("A certificate of the node's own name alone is told by it, and no ticket is shown")
  func otherName() async throws {
    let (outcome, token) = try await outcome(authority.issue(["cas-1.lab.example"]))
    #expect(outcome == .failed(.certificate(.otherNames(["cas-1.lab.example"]))))
    #expect(token == nil)
  }

  @Test("A certificate that has expired, or is not valid yet, is told by its date")
  func dates() async throws {
    let past = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 - 600).rounded())
    let future = past + 1200
    #expect(
      try await outcome(authority.issue(from: past - 60, until: past)).outcome == .failed(.certificate(.expired(past))))
    #expect(
      try await outcome(authority.issue(from: future, until: future + 60)).outcome
        == .failed(.certificate(.notYetValid(future))))
  }

  @Test("A certificate of an authority that is not trusted is told by its issuer")
  func untrusted() async throws {
    let outcome = try await outcome(authority.issue(), trusting: TestAuthority().trust).outcome
    #expect(outcome == .failed(.certificate(.untrusted(issuer: "CN=Test CA"))))
  }

  @Test("A certificate for other purposes than a server's is not good")
  func otherPurpose() async throws {
    let outcome = try await outcome(authority.issue(for: .clientAuth)).outcome
    #expect(outcome == .failed(.certificate(.untrusted(issuer: "CN=Test CA"))))
  }

  @Test("A server that does not speak TLS is told so")
  func plain() async throws {
    try await ScriptedServer.serving({ _ in .head(200, []) }) { _, address in
      guard case .failed(.handshake) = try await ask(address, trusting: authority.trust) else {
        Issue.record("TLS with a server that has none")
        return
      }
    }
  }
}
