import RotationCore
import Testing

@testable import WebProbe

@Suite("URLs and addresses")
struct AddressTests {
  @Test("A URL names scheme, shared host, port and page; the SPN is that of the host")
  func target() throws {
    let target = try WebTarget("HTTPS://Mail.Lab.Example/owa/?a=b#top")
    #expect(target.isSecure)
    #expect(target.text == "https://mail.lab.example/owa/?a=b")
    #expect(target.servicePrincipalName.description == "HTTP/mail.lab.example")
    #expect(target.port == 443)
  }

  @Test("The port is the scheme's unless the URL has one; the page is / unless it has one")
  func defaults() throws {
    #expect(try WebTarget("http://mail.lab.example").text == "http://mail.lab.example/")
    #expect(try WebTarget("http://mail.lab.example").port == 80)
    #expect(try WebTarget("https://mail.lab.example:8443/").text == "https://mail.lab.example:8443/")
  }

  @Test(
    "A URL of another kind is refused",
    arguments: [
      "mail.lab.example", "ftp://mail.lab.example/", "https://", "https://192.0.2.1/", "https://[2001:db8::1]/",
      "https://me@mail.lab.example/", "https://mail.lab.example:0/", "https://mail lab/",
    ])
  func refusedTarget(text: String) {
    let fault = #expect(throws: OperatorFault.self) { try WebTarget(text) }
    #expect(fault?.kind == .usage)
  }

  @Test(
    "An address may have a port",
    arguments: [
      ("192.0.2.11", "192.0.2.11:443"), ("192.0.2.11:8443", "192.0.2.11:8443"), ("2001:db8::11", "[2001:db8::11]:443"),
      ("[2001:db8::11]", "[2001:db8::11]:443"), ("[2001:db8::11]:8443", "[2001:db8::11]:8443"),
    ])
  func address(text: String, expected: String) {
    #expect(WebAddress(parsing: text, port: 443)?.description == expected)
  }

  @Test(
    "What is no numeric address is refused",
    arguments: ["", "cas-1.lab.example", "192.0.2.11:", "192.0.2.11:0", "192.0.2.11:70000", "[2001:db8::11", "[192.0.2]:1"])
  func refusedAddress(text: String) {
    #expect(WebAddress(parsing: text, port: 443) == nil)
  }

  @Test("The resolver's answer has numeric addresses")
  func lookup() async throws {
    let found = try await HostLookup.ask("localhost", timeout: .seconds(10))
    #expect(!found.addresses.isEmpty)
    #expect(found.addresses.allSatisfy { WebAddress($0, port: 443) != nil })
  }

  @Test("A name that cannot exist has no address")
  func unknownName() async {
    let failure = await #expect(throws: WebFailure.self) {
      try await HostLookup.ask("no-such-host.invalid", timeout: .seconds(30))
    }
    guard case .unresolved = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
  }
}

@Suite("Challenges of a WWW-Authenticate field")
struct ChallengeTests {
  @Test(
    "Each scheme is found, with its token",
    arguments: [
      ("Negotiate", ["Negotiate"], [nil]), ("negotiate oRQ=", ["negotiate"], ["oRQ="]),
      ("Negotiate, NTLM", ["Negotiate", "NTLM"], [nil, nil]),
      ("Digest realm=\"a, b\", nonce=x, Basic realm=\"c\"", ["Digest", "Basic"], ["realm=\"a, b\"", "realm=\"c\""]),
      ("Basic realm=\"a \\\" , NTLM\"", ["Basic"], ["realm=\"a \\\" , NTLM\""]), ("", [], []),
    ] as [(String, [String], [String?])])
  func challenges(field: String, schemes: [String], tokens: [String?]) {
    let challenges = AuthenticationChallenge.all(in: field)
    #expect(challenges.map(\.scheme) == schemes)
    #expect(challenges.map(\.token) == tokens)
  }
}
