import AgentProtocol
import Configuration
import Foundation
import Kerberos
import NodeAgent
import RotationCore
import RotationTestSupport
import Testing

@Suite("A node that holds two accounts")
struct SeveralAccountsTests {
  private static let boot = "0123456789abcdef0123456789abcdef"
  private static let otherBoot = "fedcba9876543210fedcba9876543210"
  private static let partner = Realm("PARTNER.EXAMPLE")

  private var node: TestNode
  private let other: AccountName
  private let rotation = RotationID.make()
  private let latest: OrderedSlot

  init() throws {
    node = try TestNode()
    // The same name in another realm.
    other = try AccountName("PARTNER\\EXCH2016ASA$")
    latest = Samples.slot(4, .latest, rotation: rotation, committed: Epoch(era: 1, number: 5))
  }

  private mutating func addKeytab(_ file: String) {
    var keytab = node.configuration.keytabs[0]
    keytab.path = "\(node.directory.path)/\(file)"
    keytab.account = other
    node.configuration.keytabs.append(keytab)
  }

  private func welcome(naming names: AccountName...) throws -> AttachWelcome {
    var welcome = try node.welcome()
    if names.contains(other) {
      welcome.accounts.append(
        AccountBinding(
          account: other, realm: Self.partner, servicePrincipalNames: [try ServicePrincipalName("http/mail.partner.example")]))
    }
    return welcome
  }

  /// An order that brings the other account's first key.
  private func otherOrder() throws -> SlotOrder {
    let rotation = RotationID.make()
    var order = try Samples.order(rotation: rotation, slots: [Samples.slot(2, .next, rotation: rotation)])
    order.account = other
    order.realm = Self.partner
    order.servicePrincipalNames = [try ServicePrincipalName("http/mail.partner.example")]
    return order
  }

  /// Lets an agent carry out the first account's order, and leaves the record of its proof for `boot`.
  private func serve(boot: String = boot) async throws {
    let keeper = try node.keeper(boot: boot)
    try await keeper.start()
    _ = try await keeper.welcomed(try welcome(), from: "r") { _ in }
    #expect(await keeper.carryOut(try Samples.order(rotation: rotation, slots: [latest])).refusal == nil)
    try recordProof(boot: boot)
  }

  private func recordProof(boot: String) throws {
    let account = try Samples.account
    let record = ReadinessRecord(
      boot: boot, bound: [account], proofs: [.init(account: account, rotation: rotation, version: KeyVersion(4))])
    let path = "\(node.configuration.stateDirectory)/readiness"
    try JSONEncoder().encode(record).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }

  /// An agent in service for the first account, started again.
  private func inService(boot: String = boot) async throws -> SlotKeeper {
    let keeper = try node.keeper(boot: boot)
    try await keeper.start()
    await keeper.settleUnwatched()
    #expect(isReady)
    return keeper
  }

  private var isReady: Bool { node.directory.exists("ready") }

  // MARK: Service

  @Test("An account that is added takes a node that serves out of service neither at once nor by its first order")
  mutating func added() async throws {
    addKeytab("other.keytab")
    try await serve()
    let keeper = try await inService()
    _ = try await keeper.welcomed(try welcome(naming: other), from: "r") { _ in }
    #expect(isReady)
    #expect(await keeper.carryOut(try otherOrder()).refusal == nil)
    #expect(isReady)
  }

  @Test("So it is where the node's own file does not name the account yet")
  func unnamed() async throws {
    try await serve()
    let keeper = try await inService()
    _ = try await keeper.welcomed(try welcome(naming: other), from: "r") { _ in }
    #expect(isReady)
  }

  @Test(
    "The node still knows that the account is new when its agent, or the machine, is started again",
    arguments: [boot, otherBoot])
  mutating func restarted(boot: String) async throws {
    addKeytab("other.keytab")
    try await serve()
    do {
      let keeper = try await inService()
      _ = try await keeper.welcomed(try welcome(naming: other), from: "r") { _ in }
    }
    try recordProof(boot: boot)
    let keeper = try await inService(boot: boot)
    _ = try await keeper.welcomed(try welcome(naming: other), from: "r") { _ in }
    #expect(isReady)
  }

  @Test("An order for it that the node cannot carry out takes the node out of service")
  mutating func refused() async throws {
    addKeytab("other.keytab")
    try await serve()
    let keeper = try await inService()
    _ = try await keeper.welcomed(try welcome(naming: other), from: "r") { _ in }
    try node.install([Samples.entry("host/cas-1.lab.example", 2, Samples.keys().keys[0])], at: "other.keytab")
    #expect(await keeper.carryOut(try otherOrder()).refusal?.reason == .keytab)
    #expect(!isReady)
  }

  @Test("Left behind in a rotation of it, the node serves again only when a ticket has opened with its key")
  mutating func leftBehind() async throws {
    addKeytab("other.keytab")
    try await serve()
    let keeper = try await inService()
    _ = try await keeper.welcomed(try welcome(naming: other), from: "r") { _ in }
    await keeper.leftBehind(other)
    #expect(!isReady)
    #expect(await keeper.carryOut(try otherOrder()).refusal == nil)
    #expect(!isReady)
  }

  @Test("An account that takes the place of the only one has to be proven")
  mutating func replaced() async throws {
    addKeytab("other.keytab")
    try await serve()
    let keeper = try await inService()
    var welcome = try welcome(naming: other)
    welcome.accounts.removeFirst()
    _ = try await keeper.welcomed(welcome, from: "r") { _ in }
    #expect(!isReady)
  }

  @Test("A consumer that has failed to load the one account's key is not asked again by an order for the other")
  mutating func failedConsumer() throws {
    addKeytab("other.keytab")
    let keytabs = node.configuration.keytabs
    let consumer = ConsumerConfiguration(
      name: "dovecot.service", action: .restart("dovecot.service"), keytabs: [keytabs[1].path])
    let slots = NodeSlots(account: other, realm: Self.partner, servicePrincipalNames: [])
    var ledger = ConsumerLedger([consumer], installation: "an installation", turnSeconds: 10)
    ledger.hold([slots], of: keytabs)
    ledger.recall([:])
    ledger.hold([try slots.after(try otherOrder())], of: keytabs)
    ledger.failed(consumer, because: "is inactive")

    ledger.retry(try Samples.account, of: keytabs)
    #expect(ledger.reports(on: other, of: keytabs).map(\.state) == [.failed])
    ledger.retry(other, of: keytabs)
    #expect(ledger.reports(on: other, of: keytabs).map(\.state) == [.pending])
  }

  // MARK: One keytab for both

  @Test("A keytab is written, and put right, for the one account that a rotator names, while none names the other")
  mutating func sharedKeytab() async throws {
    addKeytab("http.keytab")
    try await serve()
    _ = try await inService()
    try FileManager.default.removeItem(atPath: node.configuration.keytabs[0].path)
    let keeper = try await inService()
    #expect(try node.installed().contains { $0.principal == "http/mail.lab.example" && $0.version == KeyVersion(4) })
    try FileManager.default.removeItem(atPath: node.configuration.keytabs[0].path)
    await keeper.healDrift()
    #expect(try !node.installed().isEmpty)
  }

  @Test("A key that an order drops goes, although the other account, as yet unnamed, has the same name in its realm")
  mutating func sameName() async throws {
    addKeytab("http.keytab")
    let found = Samples.keys()
    try node.install(found.keys.map { Samples.entry("EXCH2016ASA$", 3, $0) })
    let keeper = try node.keeper()
    try await keeper.start()
    _ = try await keeper.welcomed(try welcome(), from: "r") { _ in }
    #expect(
      await keeper.carryOut(try Samples.order(rotation: rotation, slots: [latest], drop: [.adopted(KeyVersion(3))])).refusal
        == nil)
    #expect(try !node.installed().contains { $0.version == KeyVersion(3) })
  }

  @Test("The keys of both are in one file, each in its realm, and one account's order leaves the other's alone")
  mutating func bothInOneFile() async throws {
    addKeytab("http.keytab")
    let keeper = try node.keeper()
    try await keeper.start()
    _ = try await keeper.welcomed(try welcome(naming: other), from: "r") { _ in }
    #expect(await keeper.carryOut(try Samples.order(rotation: rotation, slots: [latest])).refusal == nil)
    #expect(await keeper.carryOut(try otherOrder()).refusal == nil)
    let installed = Set(try node.installed().map { "\($0.principal)@\($0.realm) \($0.version)" })
    #expect(installed.contains("http/mail.lab.example@LAB.EXAMPLE 4"))
    #expect(installed.contains("http/mail.partner.example@PARTNER.EXAMPLE 2"))
  }
}
