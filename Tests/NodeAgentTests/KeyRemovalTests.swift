import AgentProtocol
import Configuration
import Foundation
import Kerberos
import NodeAgent
import RotationCore
import RotationTestSupport
import Testing

@Suite("Keys that are removed from a node by command")
struct KeyRemovalTests {
  private static let boot = "0123456789abcdef0123456789abcdef"
  private static let epoch = Epoch(era: 1, number: 5)
  private var node: TestNode
  private let rotation = RotationID.make()
  private let latest: OrderedSlot

  init() throws {
    node = try TestNode()
    try node.install(Samples.entries(3, Samples.keys()))
    latest = Samples.slot(4, .latest, rotation: rotation, committed: Self.epoch)
  }

  private var path: String { node.configuration.keytabs[0].path }

  private var saved: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: "\(node.configuration.stateDirectory)/saved")) ?? []
  }

  private func order(_ number: UInt64 = 1, epoch: Epoch = epoch) throws -> SlotOrder {
    try Samples.order(number, epoch: epoch, rotation: rotation, slots: [latest])
  }

  /// An agent that holds kvno 4 by order and is in service.
  private func serving() async throws -> SlotKeeper {
    let account = try Samples.account
    let first = try node.keeper()
    try await first.start()
    _ = try await first.welcomed(try node.welcome(), from: "r") { _ in }
    #expect(await first.carryOut(try order()).refusal == nil)
    let record = ReadinessRecord(
      boot: Self.boot, bound: [account], proofs: [.init(account: account, rotation: rotation, version: KeyVersion(4))])
    let place = "\(node.configuration.stateDirectory)/readiness"
    try JSONEncoder().encode(record).write(to: URL(filePath: place))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: place)
    return first
  }

  /// The same, started anew with the record of its proof.
  private func servingAgain() async throws -> SlotKeeper {
    _ = try await serving()
    let keeper = try node.keeper()
    try await keeper.start()
    await keeper.settleUnwatched()
    _ = try await keeper.welcomed(try node.welcome(), from: "r") { _ in }
    try #require(node.directory.exists("ready"))
    return keeper
  }

  @Test("The node leaves service, and its keytab, its slots and the copy of the keytab as it was are gone")
  func destroyed() async throws {
    let keeper = try await servingAgain()
    let report = await keeper.removeKeys(of: try Samples.account)
    #expect(report.slots.isEmpty && report.epoch == .zero && report.keytabs.allSatisfy { $0.fault == nil })
    #expect(!node.directory.exists("ready"))
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(saved.isEmpty)
    #expect(try node.slotFile.load().allSatisfy(\.slots.isEmpty))
  }

  @Test("The very order that was in force brings the keys back; in service is the node when a ticket has opened")
  func givenBack() async throws {
    let keeper = try await servingAgain()
    _ = await keeper.removeKeys(of: try Samples.account)
    let report = await keeper.carryOut(try order())
    #expect(report.refusal == nil && report.slots.map(\.version) == [KeyVersion(4)])
    #expect(try node.installed().contains { $0.version == KeyVersion(4) })
    #expect(!node.directory.exists("ready"))
  }

  @Test("An order of an epoch before is refused: whoever gives it has been overtaken")
  func overtaken() async throws {
    let keeper = try await servingAgain()
    _ = await keeper.removeKeys(of: try Samples.account)
    #expect(await keeper.carryOut(try order(9, epoch: Epoch(era: 1, number: 4))).refusal?.reason == .stale)
  }

  @Test("After a start of the agent the node is out of service and holds nothing")
  func restarted() async throws {
    do {
      let keeper = try await servingAgain()
      _ = await keeper.removeKeys(of: try Samples.account)
    }
    let keeper = try node.keeper()
    try await keeper.start()
    await keeper.settleUnwatched()
    let reports = try await keeper.welcomed(try node.welcome(), from: "r") { _ in }
    #expect(reports.first?.slots.isEmpty == true)
    #expect(!node.directory.exists("ready"))
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("Keys that cannot be destroyed are reported with the reason")
  func stuck() async throws {
    let keeper = try await servingAgain()
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let report = await keeper.removeKeys(of: try Samples.account)
    #expect(!report.slots.isEmpty)
    #expect(report.keytabs.contains { $0.fault?.contains("is not a regular file") == true })
    #expect(!node.directory.exists("ready"))
  }
}
