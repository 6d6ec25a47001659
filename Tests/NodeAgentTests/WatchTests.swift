import AgentProtocol
import Configuration
import Foundation
import NodeAgent
import RotationCore
import RotationTestSupport
import Testing

@Suite("The node looks at the directory by itself")
struct WatchTests {
  private static let boot = "0123456789abcdef0123456789abcdef"
  private let node: TestNode
  private let rotation = RotationID.make()
  private let latest: OrderedSlot

  init() throws {
    node = try TestNode()
    latest = Samples.slot(4, .latest, rotation: rotation, committed: Epoch(era: 1, number: 5))
  }

  private func welcome() throws -> AttachWelcome {
    var welcome = try node.welcome()
    welcome.accounts[0].watch = DirectoryWatch(
      controllers: [.init(name: "dc1.lab.example", address: nil)], stampAttribute: "adminDescription",
      seconds: 10)
    return welcome
  }

  /// An agent that holds kvno 4 under epoch 1.5, and whose readiness was recorded.
  private func ready() async throws -> SlotKeeper {
    do {
      let keeper = try node.keeper()
      try await keeper.start()
      _ = try await keeper.welcomed(try welcome(), from: "r") { _ in }
      #expect(await keeper.carryOut(try Samples.order(rotation: rotation, slots: [latest])).refusal == nil)
    }
    let account = try Samples.account
    let record = ReadinessRecord(
      boot: Self.boot, bound: [account], proofs: [.init(account: account, rotation: rotation, version: KeyVersion(4))])
    try JSONEncoder().encode(record).write(to: URL(filePath: "\(node.configuration.stateDirectory)/readiness"))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: "\(node.configuration.stateDirectory)/readiness")
    let keeper = try node.keeper()
    try await keeper.start()
    return keeper
  }

  private var isReady: Bool { node.directory.exists("ready") }

  private func target(of keeper: SlotKeeper) async throws -> WatchTarget { try #require(await keeper.watchTargets().first) }

  @Test("Started again, it is ready only when the directory was looked at, or cannot be", arguments: [true, false])
  func settled(isReachable: Bool) async throws {
    let keeper = try await ready()
    #expect(!isReady)
    await keeper.take(isReachable ? .serves : .unknown, of: try await target(of: keeper))
    #expect(isReady)
    #expect(keeper.serviceState.isInService)
  }

  @Test("A rotation that goes on without the node takes it out of service, until the directory, or an order, shows otherwise")
  func departed() async throws {
    let keeper = try await ready()
    let target = try await target(of: keeper)
    await keeper.take(.serves, of: target)
    let settled = try await self.target(of: keeper)
    await keeper.take(.departed("a rotation goes on without it", at: Epoch(era: 1, number: 6)), of: settled)
    #expect(!isReady)
    #expect(!keeper.serviceState.isInService)
    let left = try await self.target(of: keeper)
    await keeper.take(.unknown, of: left)
    #expect(!isReady)
    await keeper.take(.serves, of: left)
    #expect(isReady)
    await keeper.leftBehind(try Samples.account)
    #expect(!isReady)
    _ = try await keeper.welcomed(try welcome(), from: "r") { _ in }
    #expect(await keeper.carryOut(try Samples.order(rotation: rotation, slots: [latest])).refusal == nil)
    #expect(isReady)
  }

  @Test("An order that the node carries out makes what was recalled count")
  func order() async throws {
    let keeper = try await ready()
    _ = try await keeper.welcomed(try welcome(), from: "r") { _ in }
    #expect(!isReady)
    #expect(await keeper.carryOut(try Samples.order(rotation: rotation, slots: [latest])).refusal == nil)
    #expect(isReady)
  }

  @Test("A node that refuses an order for reasons of its own leaves service until it carries one out")
  func refusedOrder() async throws {
    let keeper = try await ready()
    await keeper.take(.serves, of: try await target(of: keeper))
    _ = try await keeper.welcomed(try welcome(), from: "r") { _ in }
    let unknown = try Samples.order(2, rotation: rotation, slots: [Samples.slot(5, .next).kept, latest])
    #expect(await keeper.carryOut(unknown).refusal?.reason == .unknownSlot)
    #expect(!isReady)
    #expect(await keeper.carryOut(try Samples.order(2, rotation: rotation, slots: [latest])).refusal == nil)
    #expect(isReady)
  }

  @Test("A stamp departs from the node if it is newer than its last order and of a rotation that it has no slot of")
  func departure() async throws {
    let keeper = try await ready()
    let target = try await target(of: keeper)
    let other = RotationID.make()
    let stamps: [(Stamp, Bool)] = [
      (stamp(6, other, .leaving), true), (stamp(6, other, .done), true), (stamp(6, other, .claimed), false),
      (stamp(6, other, .aborted), false),
      (stamp(5, other, .leaving), false), (stamp(4, other, .done), false), (stamp(6, rotation, .leaving), false),
    ]
    for (stamp, departs) in stamps {
      let expected: Bool = if case .departed = target.finding(for: stamp.description) { true } else { false }
      #expect(expected == departs, "\(stamp)")
    }
    #expect(target.finding(for: nil) == .serves)
    #expect(target.finding(for: "somebody's own text") == .serves)
  }

  @Test("Once left behind, the node believes only a stamp that is newer than the one that said so")
  func comesBack() async throws {
    let keeper = try await ready()
    var target = try await target(of: keeper)
    target.leftAt = Epoch(era: 1, number: 6)
    let other = RotationID.make()
    #expect(target.finding(for: stamp(5, rotation, .done).description) == .unknown)
    #expect(target.finding(for: nil) == .unknown)
    #expect(target.finding(for: stamp(7, other, .aborted).description) == .serves)
    guard case .departed = target.finding(for: stamp(8, other, .leaving).description) else {
      Issue.record("a later rotation that goes on without the node was overlooked")
      return
    }
  }

  private func stamp(_ number: UInt64, _ rotation: RotationID, _ state: Stamp.State) -> Stamp {
    Stamp(epoch: Epoch(era: 1, number: number), rotation: rotation, state: state, rotator: .make())
  }

  @Test("One domain controller that goes on without the node is enough; one that is silent, behind or refuses a key is not")
  func verdicts() {
    func verdict(_ findings: [String: WatchFinding], _ concludes: Bool = false) -> WatchVerdict {
      WatchVerdict(findings, concludesFromRefusal: concludes)
    }
    #expect(verdict(["dc1": .serves, "dc2": .serves]) == .serves)
    #expect(verdict(["dc1": .unknown, "dc2": .serves]) == .serves)
    #expect(verdict(["dc1": .keyRefused, "dc2": .serves], true) == .serves)
    #expect(verdict(["dc1": .unknown, "dc2": .unknown], true) == .unknown)
    #expect(verdict([:], true) == .unknown)
    #expect(
      verdict(["dc1": .serves, "dc2": .departed("why", at: .zero), "dc3": .departed("then", at: Epoch(era: 1, number: 1))])
        == .departed("then (dc3)", at: Epoch(era: 1, number: 1)))
    #expect(verdict(["dc1": .keyRefused, "dc2": .unknown]) == .unknown)
    guard case .departed = verdict(["dc1": .keyRefused, "dc2": .unknown], true) else {
      Issue.record("that nobody takes the key of a node that was just started was overlooked")
      return
    }
  }

  @Test("A refused key tells something only of a node that was just started and holds no newer one")
  func refusals() async throws {
    let keeper = try await ready()
    #expect(try await target(of: keeper).concludesFromRefusal)
    let staged = Samples.slot(5, .next)
    _ = try await keeper.welcomed(try welcome(), from: "r") { _ in }
    _ = await keeper.carryOut(try Samples.order(2, rotation: rotation, slots: [staged, latest]))
    #expect(try await !target(of: keeper).concludesFromRefusal)
  }
}
