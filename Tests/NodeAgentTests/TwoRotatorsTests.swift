import AgentProtocol
import Configuration
import Foundation
import NodeAgent
import RotationCore
import RotationTestSupport
import SecretMemory
import Synchronization
import Testing

@Suite("A node of two rotators")
struct TwoRotatorsTests {
  let node: TestNode
  let adopted = Samples.keys()

  init() throws {
    node = try TestNode()
    try node.install(Samples.entries(3, adopted))
  }

  private func started(now: @escaping @Sendable () -> Date = { Samples.start }) async throws -> SlotKeeper {
    let keeper = SlotKeeper(
      node.configuration, directory: try node.state(),
      journal: TestNode.quietJournal, boot: "0123456789abcdef0123456789abcdef", now: now)
    try await keeper.start()
    return keeper
  }

  private func order(_ epoch: UInt64, _ rotation: RotationID) throws -> SlotOrder {
    try Samples.order(
      epoch: Epoch(era: 1, number: epoch), rotation: rotation,
      slots: [
        Samples.slot(4, .next, rotation: rotation), AdoptionSamples.order(AdoptionSamples.slot(3, keys: adopted), .latest),
      ])
  }

  @Test("Whoever claims first is obeyed; the other's order under the same epoch, or a lower one, is refused")
  func guards() async throws {
    let keeper = try await started()
    _ = try await keeper.welcomed(try node.welcome(), from: "a") { _ in }
    _ = try await keeper.welcomed(try node.welcome(), from: "b") { _ in }
    let (winner, loser) = (RotationID.make(), RotationID.make())
    #expect(await keeper.carryOut(try order(5, winner)).refusal == nil)
    #expect(await keeper.carryOut(try order(5, loser)).refusal?.reason == .epochBoundElsewhere)
    #expect(await keeper.carryOut(try order(4, loser)).refusal?.reason == .stale)
    #expect(try node.slotFile.load().first?.slots.map(\.rotation) == [winner, .adopted(KeyVersion(3))])
  }

  @Test("What no order asked for is told to both, and after one has gone to the other alone")
  func unaskedReports() async throws {
    let keeper = try await started()
    let (first, second) = (Counter(), Counter())
    _ = try await keeper.welcomed(try node.welcome(), from: "a") { _ in first.increase() }
    _ = try await keeper.welcomed(try node.welcome(), from: "b") { _ in second.increase() }
    #expect(await keeper.carryOut(try order(5, .make())).refusal == nil)
    try node.install(Samples.entries(3, adopted))
    await keeper.healDrift()
    #expect((first.count, second.count) == (1, 1))
    await keeper.detached(from: "a")
    try node.install(Samples.entries(3, adopted))
    await keeper.healDrift()
    #expect((first.count, second.count) == (1, 2))
  }

  @Test("A rotator with another store is refused by name while one is attached, and changes nothing")
  func stranger() async throws {
    let keeper = try await started()
    _ = try await keeper.welcomed(try node.welcome(), from: "a") { _ in }
    let fault = await #expect(throws: OperatorFault.self) {
      _ = try await keeper.welcomed(try node.welcome(secret: .random(count: 32)), from: "b") { _ in }
    }
    #expect(fault?.kind == .configuration)
    #expect(fault?.subject == "rotator b")
    #expect(fault?.problem.contains("rotator a") == true)
    await keeper.detached(from: "b")
    #expect(await keeper.carryOut(try order(5, .make())).refusal == nil)
  }

  @Test("It is refused as well while the other has only just gone, and taken later", arguments: [0.0, 599, 600])
  func patience(seconds: Double) async throws {
    let clock = Mutex(Samples.start)
    let keeper = try await started { clock.withLock { $0 } }
    _ = try await keeper.welcomed(try node.welcome(), from: "a") { _ in }
    await keeper.detached(from: "a")
    clock.withLock { $0 += seconds }
    let welcome = try node.welcome(secret: .random(count: 32))
    let isTaken = (try? await keeper.welcomed(welcome, from: "b") { _ in }) != nil
    #expect(isTaken == (seconds >= 600))
  }

  @Test("The successor of a lost store is taken at once where the lost one was")
  func successor() async throws {
    let keeper = try await started()
    _ = try await keeper.welcomed(try node.welcome(), from: "a") { _ in }
    await keeper.detached(from: "a")
    let reports = try await keeper.welcomed(try node.welcome(secret: .random(count: 32)), from: "a") { _ in }
    #expect(reports.count == 1)
  }
}

private final class Counter: Sendable {
  private let number = Mutex(0)
  var count: Int { number.withLock { $0 } }
  func increase() { number.withLock { $0 += 1 } }
}
