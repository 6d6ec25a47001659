import Kerberos
import RotationCore
import SecretMemory
import Synchronization
import Testing

@Suite("Keys while a KDC keeps an exchange waiting", .timeLimit(.minutes(1)))
struct KeyComputationTests {
  private final class Flag: Sendable {
    private let raised = Mutex(false)

    var isRaised: Bool { raised.withLock { $0 } }

    func raise() { raised.withLock { $0 = true } }
  }

  @Test("They are derived, and checksums are checked, before the KDC has answered")
  func beside() async throws {
    let folder = try TemporaryFolder()
    try KeytabFile.write(
      [.sample("svc-asa-rotator")], replacing: folder.file("rotator.keytab"), ownership: FileOwnership(mode: 0o600))
    let kdc = ScriptedKDC(raw: [[0]], isHeld: true)
    let client = try KerberosClient(
      realm: Realm("LAB.EXAMPLE"), kdc: kdc.address, principal: "svc-asa-rotator", keytab: folder.file("rotator.keytab"),
      timeout: .seconds(5))
    let end = Flag()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        _ = try? await client.requestTicket(for: ServicePrincipalName("http/mail.lab.example"))
        end.raise()
      }
      while kdc.questionCount == 0 { await Task.yield() }
      let keys = try? await client.deriveKeys(
        from: SecretBytes(text: "a password"), salt: "LAB.EXAMPLEsvc", encryptionTypes: [.aes256])
      #expect(keys?.keys.count == 1)
      for key in keys?.keys ?? [] { #expect(await !client.verifies([0], over: [1], with: key)) }
      #expect(!end.isRaised)
      for _ in 0..<8 { kdc.release() }
    }
  }
}
