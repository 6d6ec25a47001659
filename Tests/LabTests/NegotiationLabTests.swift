import ChildProcesses
import Foundation
import Kerberos
import RotationCore
import Testing

@Suite("SPNEGO with an acceptor of MIT's", .needsLab, .timeLimit(.minutes(2)))
struct NegotiationLabTests {
  private static let acceptor = """
    import base64, gssapi, sys
    bindings = gssapi.raw.ChannelBindings(application_data=sys.argv[2].encode()) if sys.argv[2] else None
    credentials = gssapi.Credentials(usage="accept", store={"keytab": "FILE:" + sys.argv[1]})
    context = gssapi.SecurityContext(creds=credentials, usage="accept", channel_bindings=bindings)
    print(base64.b64encode(context.step(base64.b64decode(sys.stdin.read()))).decode())
    channel_bound = 2048
    sys.exit(0 if bindings is None or int(context.actual_flags) & channel_bound else 3)
    """

  private let lab: LabFixture

  init() throws { lab = try #require(LabFixture.current) }

  /// An account of the test's own: a new ticket for it, and the keytab of whoever accepts.
  private func service(_ name: String) async throws -> (ticket: any NegotiationTicket, keytab: String) {
    let host = "\(name).\(lab.dnsDomain)"
    let keytab = "\(lab.state)/tmp/\(name).keytab"
    try await lab.run("make-account", "\(name)$", "--spn", "http/\(host)")
    try await lab.run("export-keytab", "\(name)$", keytab)
    let client = try KerberosClient(
      realm: Realm(lab.realm), kdc: lab.controllerAddress, principal: String(lab.rotatorPrincipal.prefix { $0 != "@" }),
      keytab: lab.rotatorKeytab, timeout: .seconds(20))
    return (try await client.negotiationTicket(for: ServicePrincipalName("HTTP/\(host)")), keytab)
  }

  private func accept(_ token: [UInt8], keytab: String, binding: String = "") async throws -> FinishedCommand {
    try await lab.result(
      of: ["/usr/bin/python3", "-c", Self.acceptor, keytab, binding], input: Data(token).base64EncodedString(),
      environment: ["KRB5RCACHENAME": "none:"])
  }

  private func reply(to token: [UInt8], keytab: String) async throws -> [UInt8] {
    let accepted = try await accept(token, keytab: keytab)
    let text = accepted.output.trimmingCharacters(in: .whitespacesAndNewlines)
    return [UInt8](try #require(Data(base64Encoded: text), "\(accepted.errors)"))
  }

  @Test("The acceptor's answer proves the key; the answer to another token, or a changed one, does not")
  func proof() async throws {
    let (ticket, keytab) = try await service("negota")
    #expect(ticket.version.number > 0 && ticket.encryptionType == 18)
    let negotiation = try await ticket.begin(channelBinding: nil)
    let other = try await ticket.begin(channelBinding: nil)
    let third = try await ticket.begin(channelBinding: nil)
    let reply = try await reply(to: negotiation.token, keytab: keytab)
    guard case .unproven = await other.verdict(on: reply) else {
      Issue.record("the answer to another token was taken")
      return
    }
    guard case .unproven = await third.verdict(on: Array(reply.dropLast()) + [(reply.last ?? 0) ^ 1]) else {
      Issue.record("a changed answer was taken")
      return
    }
    #expect(await negotiation.verdict(on: reply) == .proven)
  }

  @Test("An acceptor that knows the TLS connection takes the token of this connection and of no other")
  func channelBinding() async throws {
    let (ticket, keytab) = try await service("negotb")
    let bound = try await ticket.begin(channelBinding: Array("tls-server-end-point:this".utf8))
    #expect(try await accept(bound.token, keytab: keytab, binding: "tls-server-end-point:this").status == 0)
    let relayed = try await ticket.begin(channelBinding: Array("tls-server-end-point:that".utf8))
    #expect(try await accept(relayed.token, keytab: keytab, binding: "tls-server-end-point:this").status != 0)
  }
}
