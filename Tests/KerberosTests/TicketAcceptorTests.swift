import Kerberos
import RotationCore
import Testing

@Suite("Accepting, without a KDC")
struct TicketAcceptorTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("http.keytab")
  }

  private func accept(_ request: [UInt8]) throws -> AcceptedTicket {
    try TicketAcceptor.accept(
      request, for: ServicePrincipalName("http/mail.lab.example"), realm: Realm("LAB.EXAMPLE"), keytab: path)
  }

  @Test("A missing keytab is missing input")
  func missingKeytab() {
    #expect { try accept([]) } throws: { ($0 as? OperatorFault)?.kind == .noInput }
  }

  @Test("A keytab without the SPN is missing input, named")
  func otherPrincipal() throws {
    try KeytabFile.write([.sample("HTTP/other.lab.example")], replacing: path, ownership: FileOwnership(mode: 0o600))
    #expect { try accept([]) } throws: { error in
      (error as? OperatorFault)?.kind == .noInput && "\(error)".contains("http/mail.lab.example@LAB.EXAMPLE")
    }
  }

  @Test(
    "Bytes that are no AP-REQ are a broken protocol",
    arguments: [[], [0x6e], [0x6e, 0x84, 0xff, 0xff, 0xff, 0xff], [0x30, 0]])
  func garbage(request: [UInt8]) throws {
    try KeytabFile.write([.sample()], replacing: path, ownership: FileOwnership(mode: 0o600))
    #expect { try accept(request) } throws: { ($0 as? OperatorFault)?.kind == .protocol }
  }
}
