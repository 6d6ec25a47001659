import Foundation
import Kerberos
import RotationCore
import SecretMemory
import Testing

@Suite("What a KDC's refusals mean")
struct KDCFaultTests {
  private let folder: TemporaryFolder
  private let keytab: String

  init() throws {
    folder = try TemporaryFolder()
    keytab = folder.file("rotator.keytab")
    try KeytabFile.write([.sample("svc-asa-rotator")], replacing: keytab, ownership: FileOwnership(mode: 0o600))
  }

  private func client(
    _ kdc: String, principal: String = "svc-asa-rotator", keytab: String? = nil, timeout: Duration = .seconds(20)
  ) throws -> KerberosClient {
    try KerberosClient(
      realm: Realm("LAB.EXAMPLE"), kdc: kdc, principal: principal, keytab: keytab ?? self.keytab, timeout: timeout)
  }

  private func faultOfTicketRequest(_ client: KerberosClient) async throws -> OperatorFault {
    try await #require(throws: OperatorFault.self) {
      try await client.requestTicket(for: ServicePrincipalName("http/mail.lab.example"))
    }
  }

  @Test(
    "Each error code gives the kind of fault that a person can act on",
    arguments: [
      (6, .permission), (12, .permission), (14, .configuration), (18, .permission), (24, .permission), (29, .unavailable),
      (37, .temporary), (60, .protocol), (68, .configuration),
    ] as [(UInt8, OperatorFault.Kind)])
  func errorCodes(code: UInt8, kind: OperatorFault.Kind) async throws {
    let kdc = ScriptedKDC(answering: KDCAnswer.error(code))
    let fault = try await faultOfTicketRequest(client(kdc.address))
    #expect(fault.kind == kind)
    #expect(fault.description.contains(kdc.address))
    #expect(fault.description.contains("svc-asa-rotator@LAB.EXAMPLE"))
  }

  @Test("A refused key is shown once, because every refusal counts towards a lockout", arguments: [18, 24] as [UInt8])
  func noSecondTry(code: UInt8) async throws {
    let challenge = KDCAnswer.preauthenticationRequired(salt: "LAB.EXAMPLEsvc", parameters: [0, 0, 0x10, 0])
    let kdc = ScriptedKDC(answering: challenge, KDCAnswer.error(code))
    #expect(try await faultOfTicketRequest(client(kdc.address)).kind == .permission)
    #expect(kdc.questionCount == 2)
  }

  @Test("A KDC that is not there is unavailable")
  func refusedConnection() async throws {
    #expect(try await faultOfTicketRequest(client("127.0.0.1:1")).kind == .unavailable)
  }

  @Test("A KDC that accepts and keeps silent is unavailable when the time is up", .timeLimit(.minutes(1)))
  func silentKDC() async throws {
    let kdc = ScriptedKDC(raw: [])
    let fault = try await faultOfTicketRequest(client(kdc.address, timeout: .milliseconds(150)))
    #expect(fault.kind == .unavailable)
    #expect(fault.description.contains(kdc.address))
  }

  @Test("A KDC that closes the connection without an answer is unavailable")
  func closedConnection() async throws {
    let kdc = ScriptedKDC(raw: [[]])
    #expect(try await faultOfTicketRequest(client(kdc.address)).kind == .unavailable)
  }

  @Test("An answer that announces more than a KDC can have to say is not waited for", arguments: [0, 0x10_0001, 0x7fff_ffff])
  func oversizedAnswer(length: UInt32) async throws {
    let kdc = ScriptedKDC(raw: [withUnsafeBytes(of: length.bigEndian, Array.init)])
    #expect(try await faultOfTicketRequest(client(kdc.address)).kind == .protocol)
  }

  @Test(
    "An answer that is no Kerberos message is a broken protocol",
    arguments: [[0x00], [0x30, 0x80], Array("HTTP/1.1 400".utf8)])
  func garbage(answer: [UInt8]) async throws {
    let kdc = ScriptedKDC(answering: answer)
    #expect(try await faultOfTicketRequest(client(kdc.address)).kind == .protocol)
  }

  @Test("A name that does not resolve is unavailable")
  func unknownHost() async throws {
    let fault = try await faultOfTicketRequest(client("dc1.invalid", timeout: .seconds(5)))
    #expect(fault.kind == .unavailable)
    #expect(fault.description.contains("dc1.invalid"))
  }

  @Test("A missing keytab is missing input, before any KDC is asked")
  func missingKeytab() async throws {
    let kdc = ScriptedKDC(answering: KDCAnswer.error(60))
    let fault = try await faultOfTicketRequest(client(kdc.address, keytab: folder.file("none.keytab")))
    #expect(fault.kind == .noInput)
    #expect(kdc.questionCount == 0)
  }

  @Test("A ticket cache that holds no ticket of the realm is no permission, before any KDC is asked")
  func emptyTicketCache() async throws {
    let kdc = ScriptedKDC(answering: KDCAnswer.error(60))
    let client = try KerberosClient(
      realm: Realm("LAB.EXAMPLE"), kdc: kdc.address, ticketCache: "FILE:\(folder.file("none"))", timeout: .seconds(20))
    let fault = try await faultOfTicketRequest(client)
    #expect(fault.kind == .permission)
    #expect(fault.description.contains(folder.file("none")) && fault.remedy.contains("kinit"))
    #expect(kdc.questionCount == 0)
  }

  @Test("A keytab of somebody else names whose it is")
  func foreignKeytab() async throws {
    let fault = try await faultOfTicketRequest(client("127.0.0.1:1", principal: "somebody"))
    #expect(fault.kind == .noInput)
    #expect(fault.description.contains("somebody@LAB.EXAMPLE"))
    #expect(fault.description.contains("svc-asa-rotator@LAB.EXAMPLE"))
  }

  @Test("A credential for SASL fails with the same faults")
  func credentialFaults() async throws {
    let kdc = ScriptedKDC(answering: KDCAnswer.error(24))
    let client = try client(kdc.address)
    let fault = try await #require(throws: OperatorFault.self) {
      _ = try await client.credential(for: ServicePrincipalName("ldap/dc1.lab.example"))
    }
    #expect(fault.kind == .permission)
    #expect(fault.description.contains(kdc.address))
  }

  @Test(
    "What cannot be a KDC or a principal is refused at once",
    arguments: [
      ("", "svc"), ("dc1:0", "svc"), ("dc1:65536", "svc"), ("dc1:http", "svc"), ("[::1", "svc"), ("[::1]x", "svc"),
      ("dc 1", "svc"), ("dc1/88", "svc"), ("dc1", ""), ("dc1", "svc@LAB.EXAMPLE"),
    ])
  func badParameters(kdc: String, principal: String) {
    #expect { try client(kdc, principal: principal) } throws: { ($0 as? OperatorFault)?.kind == .configuration }
  }

  @Test(
    "Hosts and addresses are taken with and without a port",
    arguments: ["dc1", "dc1.lab.example:88", "10.0.0.1", "10.0.0.1:88", "::1", "fd00::1", "[fd00::1]", "[fd00::1]:88"])
  func goodEndpoints(kdc: String) throws { _ = try client(kdc) }
}

@Suite("The salt that a KDC announces")
struct AnnouncedSaltTests {
  private func announcedSalt(from kdc: ScriptedKDC) async throws -> String {
    let client = try KerberosClient(
      realm: Realm("LAB.EXAMPLE"), kdc: kdc.address, principal: "svc", keytab: "/nonexistent", timeout: .seconds(20))
    return try await client.announcedSalt(of: "EXCH2016ASA$")
  }

  @Test("It is read from ETYPE-INFO2, without a keytab", arguments: [[0, 0, 0x10, 0], []] as [[UInt8]])
  func announced(parameters: [UInt8]) async throws {
    let salt = "LAB.EXAMPLEhostexch2016asa.lab.example"
    let kdc = ScriptedKDC(answering: KDCAnswer.preauthenticationRequired(salt: salt, parameters: parameters))
    #expect(try await announcedSalt(from: kdc) == salt)
  }

  @Test("An iteration count that we do not derive keys with is refused")
  func otherIterationCount() async throws {
    let kdc = ScriptedKDC(answering: KDCAnswer.preauthenticationRequired(salt: "s", parameters: [0, 0, 0x80, 0]))
    await #expect { try await announcedSalt(from: kdc) } throws: { ($0 as? OperatorFault)?.kind == .protocol }
  }

  @Test("An account without an AES key has none: what libkrb5 makes up instead is not taken for it")
  func withoutSalt() async throws {
    let kdc = ScriptedKDC(answering: KDCAnswer.preauthenticationRequired(salt: "", parameters: [], encryptionType: 23))
    await #expect(throws: OperatorFault.self) { try await announcedSalt(from: kdc) }
  }

  @Test("An account that does not exist is missing input")
  func unknownAccount() async throws {
    let kdc = ScriptedKDC(answering: KDCAnswer.error(6))
    await #expect { try await announcedSalt(from: kdc) } throws: { ($0 as? OperatorFault)?.kind == .noInput }
  }
}
