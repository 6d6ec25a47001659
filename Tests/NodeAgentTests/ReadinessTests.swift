import AgentProtocol
import Configuration
import Foundation
import NodeAgent
import RotationCore
import RotationTestSupport
import Systemd
import Testing

@Suite("Readiness over a restart of the agent")
struct ReadinessTests {
  private static let boot = "0123456789abcdef0123456789abcdef"
  private let node: TestNode
  private let rotation = RotationID.make()
  private let adopted = Samples.keys()

  init() throws {
    node = try TestNode()
    try node.install(Samples.entries(3, adopted))
  }

  /// Lets an agent adopt kvno 3, or take kvno 4 from an order, and ends it.
  private func serve(ordered: Bool) async throws {
    let keeper = try node.keeper()
    try await keeper.start()
    _ = try await keeper.welcomed(try node.welcome(), from: "r") { _ in }
    guard ordered else { return }
    let latest = Samples.slot(4, .latest, rotation: rotation, committed: Epoch(era: 1, number: 5))
    #expect(await keeper.carryOut(try Samples.order(rotation: rotation, slots: [latest])).refusal == nil)
  }

  /// Leaves the record of an agent whose key was proven.
  private func record(_ rotation: RotationID, _ version: UInt32, boot: String = boot) throws {
    let account = try Samples.account
    let record = ReadinessRecord(
      boot: boot, bound: [account], proofs: [.init(account: account, rotation: rotation, version: KeyVersion(version))])
    try JSONEncoder().encode(record).write(to: URL(filePath: "\(node.configuration.stateDirectory)/readiness"))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: "\(node.configuration.stateDirectory)/readiness")
  }

  private func isReadyAfterStart(boot: String? = boot) async throws -> Bool {
    let keeper = try node.keeper(boot: boot)
    try await keeper.start()
    #expect(!node.directory.exists("ready"))
    await keeper.settleUnwatched()
    return node.directory.exists("ready")
  }

  @Test("A node whose proven key is still installed is ready without a rotator, once none has come for a while")
  func stands() async throws {
    try await serve(ordered: true)
    try record(rotation, 4)
    #expect(try await isReadyAfterStart())
  }

  @Test("A keytab that was lost meanwhile is written again and counts")
  func lostKeytab() async throws {
    try await serve(ordered: true)
    try record(rotation, 4)
    try FileManager.default.removeItem(atPath: node.configuration.keytabs[0].path)
    #expect(try await isReadyAfterStart())
  }

  @Test("An adopted key that somebody has replaced since does not count", arguments: [false, true])
  func adoptedKey(isReplaced: Bool) async throws {
    try await serve(ordered: false)
    try record(.adopted(KeyVersion(3)), 3)
    if isReplaced { try node.install(Samples.entries(3, Samples.keys())) }
    #expect(try await isReadyAfterStart() == !isReplaced)
  }

  @Test("A record of another boot, of an unknown boot, or of a slot that is gone does not count")
  func doesNotStand() async throws {
    try await serve(ordered: true)
    try record(rotation, 4, boot: String(repeating: "f", count: 32))
    #expect(try await !isReadyAfterStart())
    try record(rotation, 4)
    #expect(try await !isReadyAfterStart(boot: nil))
    try record(.make(), 4)
    #expect(try await !isReadyAfterStart())
  }

  @Test("A damaged record does not count, and does not keep the agent from starting")
  func damaged() async throws {
    try await serve(ordered: true)
    try node.directory.write("state/readiness", "nonsense")
    #expect(try await !isReadyAfterStart())
  }

  @Test("A stopped agent takes the readiness file away, and the next one puts it back")
  func stopAndStart() async throws {
    try await serve(ordered: true)
    try record(rotation, 4)
    do {
      let keeper = try node.keeper()
      try await keeper.start()
      _ = try await keeper.welcomed(try node.welcome(), from: "r") { _ in }
      await keeper.settleUnwatched()
      #expect(node.directory.exists("ready"))
      await keeper.stop()
      #expect(!node.directory.exists("ready"))
    }
    #expect(try await isReadyAfterStart())
  }

  @Test("An account that is bound anew has to be proven before the node is ready")
  func anotherAccount() async throws {
    try await serve(ordered: true)
    try record(rotation, 4)
    let keeper = try node.keeper()
    try await keeper.start()
    var welcome = try node.welcome()
    welcome.accounts.append(.init(account: try AccountName("LAB\\OTHER$"), realm: Samples.realm, servicePrincipalNames: []))
    _ = try await keeper.welcomed(welcome, from: "r") { _ in }
    #expect(!node.directory.exists("ready"))
  }

  @Test(
    "The boot's id comes from the unit's environment, or else from the kernel",
    arguments: [
      (["ASA_BOOT_ID": "0123456789ABCDEF0123456789abcdef"], "0123456789abcdef0123456789abcdef"),
      ([:], "00112233445566778899aabbccddeeff"), (["ASA_BOOT_ID": "%b"], nil),
    ])
  func bootIdentity(environment: [String: String], expected: String?) throws {
    let path = try node.directory.write("boot_id", "00112233-4455-6677-8899-aabbccddeeff\n")
    #expect(BootIdentity.current(environment: environment, path: path) == expected)
    #expect(BootIdentity.current(environment: [:], path: "/nonexistent") == nil)
  }
}
