import ControlCommands
import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf
import Synchronization
import Testing
import WebProbe

/// A ticket that nobody looks into.
private struct SampleTicket: NegotiationTicket {
  var version = KeyVersion(5)
  let encryptionType: Int32 = 18

  func begin(channelBinding: [UInt8]?) async throws(OperatorFault) -> any Negotiation {
    throw OperatorFault(.software, "ticket", "is none")
  }
}

@Suite("Asking the web servers of all nodes")
struct WebVerificationTests {
  private static let first = "cas-1.lab.example"
  private static let second = "cas-2.lab.example"
  private static let addresses = [
    first: ["192.0.2.11", "2001:db8::11"], second: ["192.0.2.12"], "mail.lab.example": ["192.0.2.1"],
  ]
  private static let isLost = OperatorFault(.unavailable, "KDC dc1.lab.example", "cannot be reached")

  /// Two nodes, one with the key of kvno 5 as Latest and one with that of kvno 4.
  private func account(_ adjust: (inout [Asa_Control_V1_NodeSlots]) -> Void = { _ in }) -> AccountDocument {
    var nodes = [Sample.healthyNode, Sample.lateNode]
    adjust(&nodes)
    return StatusDocument(Sample.status(nodes)).accounts[0]
  }

  private func ticket(from controller: String, version: UInt32 = 5) -> WebTicketSource {
    WebTicketSource(controller: controller) { () async throws(OperatorFault) in SampleTicket(version: KeyVersion(version)) }
  }

  private func noTicket(from controller: String) -> WebTicketSource {
    WebTicketSource(controller: controller) { () async throws(OperatorFault) in throw Self.isLost }
  }

  private func document(
    of account: AccountDocument? = nil, nodes: [NodeChoice] = [], tickets: [WebTicketSource]? = nil, isFull: Bool = false,
    _ outcome: @escaping @Sendable (WebAddress) -> WebOutcome = { _ in .proven(status: 200) },
    lookup: @escaping WebVerification.Lookup = Self.lookUp
  ) async throws -> WebVerificationDocument {
    let verification = WebVerification(
      try WebTarget("https://mail.lab.example/owa/"), of: account ?? self.account(),
      probe: { (address, _) async throws(OperatorFault) in outcome(address) }, lookup: lookup)
    return try await verification.document(
      nodes: nodes, tickets: tickets ?? [ticket(from: "dc1.lab.example")], isFull: isFull)
  }

  @Sendable
  private static func lookUp(_ host: String) async throws(WebFailure) -> HostLookup {
    guard let found = addresses[host] else { throw .unresolved("Name or service not known") }
    return HostLookup(canonicalName: host, addresses: found)
  }

  @Test("Every address of every node is asked, at the port of the URL")
  func everyAddress() async throws {
    let document = try await document()
    #expect(document.verdicts.map(\.address) == ["192.0.2.11:443", "[2001:db8::11]:443", "192.0.2.12:443"])
    #expect(document.allAccepted && document.accepted == 3 && document.refused == 0)
  }

  @Test("A verdict says which slot of the node the ticket's key is, and whose rotation made it")
  func position() async throws {
    let verdict = try #require(try await document().verdicts.first)
    #expect(verdict.version == 5 && verdict.position == "latest" && verdict.rotation == "rotation-5")
  }

  @Test("A node that accepts with a key which the rotator has not given it is noted")
  func foreignKey() async throws {
    let document = try await document()
    #expect(document.verdicts.last?.position == nil)
    #expect(document.warnings.contains { $0.hasPrefix("cas-2.lab.example accepts kvno 5, of which the rotator knows no slot") })
  }

  @Test("Without --full the first ticket that is issued is presented, and a controller that issues none is told of")
  func firstTicket() async throws {
    let sources = [noTicket(from: "dc1.lab.example"), ticket(from: "dc2.lab.example"), ticket(from: "dc3.lab.example")]
    let document = try await document(tickets: sources)
    #expect(document.allAccepted)
    #expect(document.tickets.map(\.domainController) == ["dc1.lab.example", "dc2.lab.example"])
    #expect(Set(document.verdicts.map(\.domainController)) == ["dc2.lab.example"])
  }

  @Test("With --full a ticket of every controller is presented, and one that issues none is a failure")
  func everyTicket() async throws {
    let sources = [
      ticket(from: "dc1.lab.example"), noTicket(from: "dc2.lab.example"), ticket(from: "dc3.lab.example", version: 4),
    ]
    let document = try await document(tickets: sources, isFull: true)
    #expect(document.refused == 0 && !document.allAccepted)
    #expect(document.verdicts.count == 6)
    #expect(document.tickets[1].error?.hasPrefix("KDC dc1.lab.example") == true)
    #expect(document.verdicts.last?.position == "latest")
  }

  @Test("Without any ticket nobody is asked")
  func noTicket() async {
    let fault = await #expect(throws: OperatorFault.self) { try await document(tickets: [noTicket(from: "dc1.lab.example")]) }
    #expect(fault == Self.isLost)
  }

  @Test("A revoked node is left out and noted")
  func revoked() async throws {
    let document = try await document(of: account { $0[1].connection = "revoked" })
    #expect(document.verdicts.allSatisfy { $0.node == Self.first })
    #expect(document.warnings == ["cas-2.lab.example is revoked and was not asked; clients must not be sent there"])
  }

  @Test("Named nodes alone are asked, at the address that is given")
  func choices() async throws {
    let document = try await document(
      nodes: [NodeChoice(node: Self.second, address: "192.0.2.99:8443"), NodeChoice(node: Self.first, address: "192.0.2.98")])
    #expect(document.verdicts.map(\.address) == ["192.0.2.98:443", "192.0.2.99:8443"])
  }

  @Test("A node that is not the account's is refused with the name that was meant")
  func unknownNode() async {
    let fault = await #expect(throws: OperatorFault.self) { try await document(nodes: [NodeChoice(node: "cas-l.lab.example")]) }
    #expect(fault?.kind == .usage)
    #expect(fault?.remedy == "did you mean cas-1.lab.example")
  }

  @Test("A node without an address, and one that refuses, do not keep the others from being asked")
  func oneRefuses() async throws {
    let document = try await document(of: account { $0.append(.with { $0.node = "cas-3.lab.example" }) }) { address in
      address.address == "192.0.2.12" ? .failed(.refused) : .proven(status: 200)
    }
    #expect(document.accepted == 2 && document.refused == 2 && !document.allAccepted)
    #expect(document.verdicts.map(\.verdict) == [.accepted, .accepted, .connectionRefused, .unresolved])
    #expect(document.verdicts.last?.address == nil)
  }

  @Test("A shared name that is an alias, or has no address, is noted")
  func sharedName() async throws {
    let alias = try await document(lookup: { (host) async throws(WebFailure) in
      host == "mail.lab.example" ? HostLookup(canonicalName: "lb.lab.example", addresses: []) : try await Self.lookUp(host)
    })
    #expect(alias.warnings.contains { $0.hasPrefix("mail.lab.example is an alias (CNAME) of lb.lab.example") })
    let nowhere = try await document(lookup: { (host) async throws(WebFailure) in
      guard host != "mail.lab.example" else { throw .unresolved("Name or service not known") }
      return try await Self.lookUp(host)
    })
    #expect(nowhere.warnings.contains("mail.lab.example has no address in this host's resolver; clients need one"))
  }

  @Test(
    "Each outcome has a verdict of its own, with what is wrong and what to do",
    arguments: [
      (.proven(status: 200), .accepted, nil, nil),
      (.proven(status: 403), .accepted, "whoever asks may not see this page", nil),
      (.open(status: 200), .noAuthentication, "does not ask to authenticate", "name a URL that needs authentication"),
      (
        .redirected(status: 302, location: "https://x/"), .redirected, "sends clients to https://x/",
        "name a URL that is not moved"
      ),
      (.notOffered(["NTLM"]), .noNegotiate, "offers NTLM, but not Negotiate", "put Negotiate before NTLM"),
      (.notOffered([]), .noNegotiate, "offers no scheme at all", "turn Negotiate on"),
      (
        .refused(reason: nil), .refused, "the ticket of kvno 5, which the agent of the node holds as latest",
        "/etc/krb5.keytab"
      ),
      (.unproven(status: 200, reason: nil), .unproven, "does not prove that it has the key", "find out what answers"),
      (.unproven(status: 200, reason: "no"), .unproven, "its proof is none: no", "has not opened the ticket"),
      (.failed(.connectionTimeout), .timedOut, "does not take the connection", "firewall"),
      (.failed(.answerTimeout), .timedOut, "does not answer in time", "--timeout"),
      (.failed(.closed), .closed, "closes the connection", "error log"),
      (.failed(.unreachable("no route")), .unreachable, "no route", "network"),
      (.failed(.handshake("x")), .noTLS, "does not speak TLS", "scheme of the URL"),
      (.failed(.notHTTP), .notHTTP, "does not answer in HTTP", "port of the URL"),
      (
        .failed(.certificate(.otherNames(["cas-1"]))), .badCertificate, "for cas-1, not for the shared name",
        "install a certificate"
      ),
      (.failed(.certificate(.untrusted(issuer: "CN=A"))), .badCertificate, "by CN=A", "--ca"),
    ] as [(WebOutcome, WebVerdictDocument.Kind, String?, String?)])
  func verdicts(outcome: WebOutcome, verdict: WebVerdictDocument.Kind, message: String?, remedy: String?) async throws {
    let nodes = [NodeChoice(node: Self.first, address: "192.0.2.11")]
    let found = try #require(try await document(nodes: nodes) { _ in outcome }.verdicts.first)
    #expect(found.verdict == verdict && found.accepted == (verdict == .accepted))
    #expect(found.message == nil ? message == nil : found.message?.contains(message ?? "nothing") == true)
    #expect(found.remedy == nil ? remedy == nil : found.remedy?.contains(remedy ?? "nothing") == true)
  }

  @Test("A refusal by a node that has not got the key is told as such")
  func refusedWithoutKey() async throws {
    let nodes = [NodeChoice(node: Self.second, address: "192.0.2.12")]
    let verdict = try #require(try await document(nodes: nodes) { _ in .refused(reason: nil) }.verdicts.first)
    #expect(verdict.message == "does not accept the ticket of kvno 5, of which the rotator knows no key on the node")
    #expect(verdict.remedy == "see asactl status cas-2.lab.example, and asactl verify")
  }

  @Test("For people it is a table, with what is wrong below")
  func rendering() async throws {
    let nodes = [NodeChoice(node: Self.first, address: "192.0.2.11"), NodeChoice(node: Self.second, address: "192.0.2.12")]
    let document = try await document(nodes: nodes) { $0.address == "192.0.2.12" ? .failed(.refused) : .proven(status: 200) }
    #expect(
      WebVerificationRendering(style: .plain).lines(document).joined(separator: "\n") == """
        https://mail.lab.example/owa/ with tickets for HTTP/mail.lab.example of LAB\\EXCH2016ASA$
        ticket from dc1.lab.example: kvno 5, aes256-cts-hmac-sha1-96

        NODE               ADDRESS         TICKET OF        KEY              STATUS  RESULT
        cas-1.lab.example  192.0.2.11:443  dc1.lab.example  kvno 5, Latest   200     accepted
        cas-2.lab.example  192.0.2.12:443  dc1.lab.example  kvno 5, unknown  -       NOBODY LISTENS
        cas-2.lab.example (192.0.2.12:443): nobody listens there; start the web server, or check the port of the URL

        1 accepted, 1 refused
        """)
  }

  @Test("As JSON it has every field")
  func json() async throws {
    let document = try await document(nodes: [NodeChoice(node: Self.first, address: "192.0.2.11")])
    #expect(
      try JSONText.document(document) == """
        {
          "accepted" : 1,
          "account" : "LAB\\\\EXCH2016ASA$",
          "allAccepted" : true,
          "refused" : 0,
          "servicePrincipalName" : "HTTP/mail.lab.example",
          "tickets" : [
            {
              "domainController" : "dc1.lab.example",
              "encryptionType" : "aes256-cts-hmac-sha1-96",
              "error" : null,
              "version" : 5
            }
          ],
          "url" : "https://mail.lab.example/owa/",
          "verdicts" : [
            {
              "accepted" : true,
              "address" : "192.0.2.11:443",
              "domainController" : "dc1.lab.example",
              "encryptionType" : "aes256-cts-hmac-sha1-96",
              "message" : null,
              "node" : "cas-1.lab.example",
              "position" : "latest",
              "remedy" : null,
              "rotation" : "rotation-5",
              "status" : 200,
              "verdict" : "accepted",
              "version" : 5
            }
          ],
          "warnings" : [

          ]
        }
        """)
  }
}

@Suite("asactl verify --http")
struct WebVerifyCommandTests {
  @Test(
    "Wrong arguments are one line and exit 64",
    arguments: [
      (["--http", "mail.lab.example"], "is not an http or https URL"),
      (["--http", "https://192.0.2.1/"], "does not name the shared host by its DNS name"),
      (["--http", "https://mail.lab.example/", "--node", "cas-1.lab.example=here"], "is not of the form"),
      (["--http", "https://mail.lab.example/", "--timeout", "0"], "--timeout is a number of seconds from 1 to 300"),
      (["--node", "cas-1.lab.example"], "--node, --ca and --timeout belong to --http"),
      (["--as-rotator"], "--as-rotator, --realm and --dc belong to --http"),
    ])
  func usage(arguments: [String], problem: String) async {
    let run = await CommandRun.run(["verify"] + arguments)
    #expect(run.code == 64)
    #expect(run.errors.contains(problem) && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
  }

  @Test("A host of which no account has the SPN is refused")
  func unknownHost() async throws {
    var daemon = FakeDaemon()
    daemon.status = { _ in Sample.status([Sample.healthyNode]) }
    let run = try await daemon.listening {
      await CommandRun.run(["verify", "--http", "http://other.lab.example/", "--socket-directory", $0])
    }
    #expect(run.code == 66)
    #expect(
      run.errors == "asactl: HTTP/other.lab.example: is an SPN of no account of this rotator; "
        + "check the URL, or name the account with --account; asactl status lists both\n")
  }

  @Test("Authorities that cannot be read are told by their file")
  func authorities() async {
    let run = await CommandRun.run(["verify", "--http", "https://mail.lab.example/", "--ca", "/nowhere/ca.pem"])
    #expect(run.code == 66)
    #expect(run.errors.contains("authorities /nowhere/ca.pem"))
  }
}
