import AgentProtocol
import Configuration
import Foundation
import Kerberos
import NodeAgent
import RotationCore
import RotationTestSupport
import SecretMemory
import Synchronization
import Testing

@Suite("Keeping the slots of a node")
struct SlotKeeperTests {
  var node: TestNode
  let rotation = RotationID.make()
  let adopted = Samples.keys()

  init() throws {
    node = try TestNode()
    try node.install(Samples.entries(3, adopted))
  }

  private func attached(_ node: TestNode, _ received: Received = Received()) async throws -> SlotKeeper {
    let keeper = try node.keeper()
    try await keeper.start()
    received.add(try await keeper.welcomed(try node.welcome(), from: "r") { received.add([$0]) })
    return keeper
  }

  private func keepingAdopted(_ slot: OrderedSlot, number: UInt64 = 1) throws -> SlotOrder {
    try Samples.order(
      number, rotation: rotation, slots: [slot, AdoptionSamples.order(AdoptionSamples.slot(3, keys: adopted), .latest)])
  }

  @Test("The welcome is answered with what the keytabs hold, and touches none of them")
  func adoption() async throws {
    let before = try node.directory.contents("http.keytab")
    let received = Received()
    _ = try await attached(node, received)
    let report = try #require(received.all.first)
    #expect(report.slots.map(\.rotation) == [.adopted(KeyVersion(3))])
    #expect(report.slots.map(\.isProven) == [false])
    #expect(report.epoch == .zero)
    #expect(report.keytabs == [KeytabReport(path: node.configuration.keytabs[0].path, fault: nil)])
    #expect(try node.directory.contents("http.keytab") == before)
  }

  @Test("An order reaches slot file and keytab, and is answered with checksums of the installed keys")
  func order() async throws {
    let keeper = try await attached(node)
    let next = Samples.slot(4, .next, rotation: rotation)
    let order = try keepingAdopted(next)
    let report = await keeper.carryOut(order)
    #expect(report.refusal == nil)
    #expect(report.version == 1)
    #expect(report.nonce == order.nonce)
    #expect(try node.slotFile.load().first?.slots.map(\.version.number) == [4, 3])
    #expect(Set(try node.installed().map(\.version.number)) == [4, 3])
    #expect(report.checksums.map(\.encryptionType) == [18, 17])
    let message = KeyChecksum.message(
      nonce: order.nonce, node: node.configuration.node, rotation: rotation, fingerprint: next.fingerprint)
    for (checksum, key) in zip(report.checksums, try #require(next.keys).keys) {
      #expect(KeyedChecksum.verify(checksum.bytes, over: message, with: key))
    }
  }

  @Test("The same order again changes nothing and is answered over the new nonce")
  func repeatedOrder() async throws {
    let keeper = try await attached(node)
    var order = try keepingAdopted(Samples.slot(4, .next, rotation: rotation))
    let first = await keeper.carryOut(order)
    order.nonce = Array(201...216)
    let second = await keeper.carryOut(order)
    #expect(second.refusal == nil)
    #expect(second.nonce == order.nonce)
    #expect(second.checksums.count == 2)
    #expect(second.checksums != first.checksums)
    #expect(second.slots == first.slots)
  }

  @Test("Slots survive a restart, and a keytab that was lost meanwhile is written again")
  func restart() async throws {
    do {
      let keeper = try await attached(node)
      _ = await keeper.carryOut(try keepingAdopted(Samples.slot(4, .next, rotation: rotation)))
    }
    try FileManager.default.removeItem(atPath: node.configuration.keytabs[0].path)
    let keeper = try node.keeper()
    try await keeper.start()
    #expect(Set(try node.installed().map(\.version.number)) == [4, 3])
  }

  @Test("When a keytab cannot be written, slot file and the other keytabs are as they were")
  func keytabFailure() async throws {
    var node = node
    var second = node.configuration.keytabs[0]
    second.path = "\(node.directory.path)/imap.keytab"
    node.configuration.keytabs.append(second)
    let keeper = try await attached(node)
    let before = try node.installed()
    // Appears after the agent has started, so that it is a refusal and not the end of the agent.
    try node.install([Samples.entry("host/cas-1.lab.example", 1, Samples.keys().keys[0])], at: "imap.keytab")
    let report = await keeper.carryOut(try keepingAdopted(Samples.slot(4, .next, rotation: rotation)))
    #expect(report.refusal?.reason == .keytab)
    #expect(report.refusal?.message.contains("host/cas-1.lab.example") == true)
    #expect(report.slots.map(\.version.number) == [3])
    #expect(report.version == 0)
    #expect(report.keytabs.map { $0.fault == nil } == [true, false])
    #expect(try node.installed() == before)
    #expect(try node.slotFile.load().first?.applied == nil)
  }

  @Test("Foreign principals at the first welcome are reported, and the keytab is left as it is")
  func foreignAtWelcome() async throws {
    try node.install(Samples.entries(3, adopted) + [Samples.entry("host/cas-1.lab.example", 1, Samples.keys().keys[0])])
    let before = try node.directory.contents("http.keytab")
    let received = Received()
    let keeper = try await attached(node, received)
    #expect(received.all.first?.keytabs.first?.fault?.contains("host/cas-1.lab.example") == true)
    let report = await keeper.carryOut(try keepingAdopted(Samples.slot(4, .next, rotation: rotation)))
    #expect(report.refusal?.reason == .keytab)
    #expect(try node.directory.contents("http.keytab") == before)
  }

  @Test("Keys that cannot be adopted are reported, refuse orders by their reason, and are adopted once they are in order")
  func adoptionFault() async throws {
    // Two keys under one kvno: nobody can tell which one is the account's.
    try node.install(
      Samples.entries(3, adopted) + [Samples.entry("HTTP/mail.lab.example", 3, Samples.keys().keys[0])])
    let received = Received()
    let keeper = try await attached(node, received)
    #expect(received.all.first?.keytabs.first?.fault?.contains("two keys") == true)
    let order = try keepingAdopted(Samples.slot(4, .next, rotation: rotation))
    #expect(await keeper.carryOut(order).refusal?.reason == .keytab)
    try node.install(Samples.entries(3, adopted))
    await keeper.healDrift()
    #expect(received.all.last?.keytabs.first?.fault == nil)
    #expect(received.all.last?.slots.map(\.version.number) == [3])
    #expect(await keeper.carryOut(order).refusal == nil)
  }

  @Test("What the node holds is told on: kvno and faults")
  func holdings() async throws {
    let shown = Mutex(Holdings())
    let keeper = try node.keeper { holdings in shown.withLock { $0 = holdings } }
    try await keeper.start()
    _ = try await keeper.welcomed(try node.welcome(), from: "r") { _ in }
    let committed = Samples.slot(4, .latest, rotation: rotation, committed: Epoch(era: 1, number: 5))
    _ = await keeper.carryOut(try Samples.order(rotation: rotation, slots: [committed]))
    let expected = Holdings(keys: [.init(account: try Samples.account, version: KeyVersion(4))])
    #expect(shown.withLock { $0 } == expected)
    try node.install([Samples.entry("host/cas-1.lab.example", 1, Samples.keys().keys[0])])
    await keeper.healDrift()
    #expect(shown.withLock { $0.faults.count } == 1)
  }

  @Test("A restored keytab is one warning, and an order's keytab a notice")
  func keytabLines() async throws {
    let log = LogRecord()
    let keeper = try node.keeper(journal: PacedJournal(log.logger, clock: { 0 }))
    try await keeper.start()
    _ = try await keeper.welcomed(try node.welcome(), from: "r") { _ in }
    _ = await keeper.carryOut(try keepingAdopted(Samples.slot(4, .next, rotation: rotation)))
    try node.install(Samples.entries(3, adopted))
    await keeper.healDrift()
    await keeper.healDrift()
    let path = node.configuration.keytabs[0].path
    #expect(
      log.lines == [
        "notice keytabs of LAB\\EXCH2016ASA$ written: they hold kvno 4 (next), 3 (latest)",
        "warning keytab \(path) was not as this agent had left it, and has been restored",
      ])
  }

  @Test("Foreign principals in a keytab whose SPNs are configured are found before a rotator is dialled")
  func foreignAtStart() async throws {
    var node = node
    node.configuration.keytabs[0].servicePrincipalNames = [try Samples.mail]
    try node.install([Samples.entry("host/cas-1.lab.example", 1, Samples.keys().keys[0])])
    let keeper = try node.keeper()
    let fault = await #expect(throws: OperatorFault.self) { try await keeper.start() }
    #expect(fault?.kind.exitCode == 78)
  }

  @Test("A changed keytab is repaired and the rotator told")
  func drift() async throws {
    let received = Received()
    let keeper = try await attached(node, received)
    _ = await keeper.carryOut(try keepingAdopted(Samples.slot(4, .next, rotation: rotation)))
    let before = try node.installed()
    try node.install(Samples.entries(3, adopted))
    let count = received.all.count
    await keeper.healDrift()
    #expect(try node.installed() == before)
    #expect(received.all.count == count + 1)
    await keeper.healDrift()
    #expect(received.all.count == count + 1)
  }

  @Test("A foreign principal that appears later is reported, and so is its going away")
  func laterForeign() async throws {
    let received = Received()
    let keeper = try await attached(node, received)
    _ = await keeper.carryOut(try keepingAdopted(Samples.slot(4, .next, rotation: rotation)))
    let good = try node.installed()
    try node.install(good + [Samples.entry("host/cas-1.lab.example", 1, Samples.keys().keys[0])])
    await keeper.healDrift()
    #expect(received.all.last?.keytabs.first?.fault?.contains("host/cas-1.lab.example") == true)
    try node.install(good)
    await keeper.healDrift()
    #expect(received.all.last?.keytabs.first?.fault == nil)
  }

  @Test("Keys that do not have the fingerprint they come under are refused")
  func wrongFingerprint() async throws {
    let keeper = try await attached(node)
    var slot = Samples.slot(4, .next, rotation: rotation)
    slot.fingerprint = KeyFingerprint(of: Samples.keys(), under: Samples.secret)
    #expect(await keeper.carryOut(try keepingAdopted(slot)).refusal?.reason == .other)
  }

  @Test("An account that no keytab names is refused by that reason")
  func notConfigured() async throws {
    let keeper = try await attached(node)
    var order = try keepingAdopted(Samples.slot(4, .next, rotation: rotation))
    order.account = try AccountName("LAB\\OTHER$")
    #expect(await keeper.carryOut(order).refusal?.reason == .accountNotConfigured)
  }

  @Test("Under another store's secret the slots have other names and the same keys")
  func otherSecret() async throws {
    let keeper = try await attached(node)
    _ = await keeper.carryOut(try keepingAdopted(Samples.slot(4, .next, rotation: rotation)))
    let secret = SecretBytes.random(count: 32)
    let reports = try await keeper.welcomed(try node.welcome(secret: secret), from: "r") { _ in }
    let held = try #require(try node.slotFile.load().first)
    #expect(reports.first?.slots.map(\.fingerprint) == held.slots.map { KeyFingerprint(of: $0.keys, under: secret) })
  }

  @Test("A proof that is no AP-REQ is answered with an error and proves nothing")
  func uselessProof() async throws {
    let keeper = try await attached(node)
    let answer = await keeper.prove(
      AcceptanceProof(id: 1, account: try Samples.account, servicePrincipalName: try Samples.mail, request: [1, 2, 3]))
    #expect(throws: OperatorFault.self) { try answer.outcome.get() }
    #expect(answer.rotation == nil)
    #expect(!node.directory.exists("ready"))
  }

  @Test("A readiness file of a former run is taken away at the start")
  func staleReadiness() async throws {
    try node.directory.write("ready", "")
    try await node.keeper().start()
    #expect(!node.directory.exists("ready"))
  }
}

/// The reports that a keeper has made.
private final class Received: Sendable {
  private let reports = Mutex<[NodeReport]>([])

  var all: [NodeReport] { reports.withLock { $0 } }

  func add(_ more: [NodeReport]) { reports.withLock { $0 += more } }
}
