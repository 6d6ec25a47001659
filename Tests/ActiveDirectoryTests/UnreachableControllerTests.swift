import ActiveDirectory
import Foundation
import Logging
import RotationCore
import SecretMemory
import Testing

@Suite("A domain controller that is not there")
struct UnreachableControllerTests {
  // A loopback address of its own, so that a directory server on the machine that runs the tests does not answer.
  let writer = ActiveDirectoryClient(
    realm: Realm("LAB.EXAMPLE"), host: "dc1.lab.example", address: "127.93.17.61", credentials: NoCredentials(),
    timeout: .seconds(5), logger: Logger(label: "test"))
  let query: AccountQuery
  let stamp: Stamp

  init() throws {
    query = AccountQuery(
      name: try AccountName("LAB\\ASA$"), objectGUID: UUID(), servicePrincipalNames: [], stampAttribute: "adminDescription")
    stamp = Stamp(epoch: Epoch(era: 1, number: 1), rotation: RotationID.make(), state: .claimed, rotator: RotatorID.make())
  }

  @Test("Reading it is unavailable, by name")
  func reading() async {
    let fault = await #expect(throws: OperatorFault.self) { try await writer.readState(of: query) }
    #expect(fault?.kind == .unavailable)
    #expect(fault?.subject.contains("127.93.17.61") == true)
  }

  @Test("A write to it was certainly not sent")
  func writing() async {
    let claim = await writer.swapStamp(of: query, from: nil, to: stamp)
    let commit = await writer.setPassword(of: query, to: GeneratedPassword.make(), from: stamp, to: stamp)
    for answer in [claim, commit] {
      guard case .notSent(let fault) = answer else {
        Issue.record("unexpected answer \(answer)")
        continue
      }
      #expect(fault.kind == .unavailable)
    }
  }

  @Test("A password that is not ASCII is not sent either")
  func notASCII() async {
    let answer = await writer.setPassword(of: query, to: SecretBytes(count: 1) { $0[0] = 0x80 }, from: stamp, to: stamp)
    guard case .notSent(let fault) = answer else {
      Issue.record("unexpected answer \(answer)")
      return
    }
    #expect(fault.kind == .software)
  }
}

/// Has nothing to give, and must not be asked before there is a connection.
private struct NoCredentials: InitiatorCredentialSource {
  func credential(for servicePrincipalName: ServicePrincipalName) async throws(OperatorFault) -> any InitiatorCredential {
    throw OperatorFault(.software, "test", "asked for a credential without a connection")
  }
}
