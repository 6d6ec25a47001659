import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: keys that a lost domain controller may have issued tickets under go by time", .timeLimit(.minutes(1)))
struct HeldKeyTests {
  /// Ticket lifetime and skew of the default policy, in seconds.
  private let life: TimeInterval = 36_300

  /// A world whose second password, kvno 9, was set on a controller that is lost, as is the store: the successor has kvno 8.
  private func lostWithItsController(every: Duration = .seconds(86_400)) async throws -> RotationWorld {
    var world = try RotationWorld(policy: RotationPolicy(every: every))
    _ = try await world.whileRunning { [world] in await world.rotate(on: $0) }
    let replica = world.directory.replica()
    _ = try await world.whileRunning { [world] in await world.rotate(on: $0) }
    world.directory.fall(back: replica, to: "dc2")
    try await world.loseStore()
    return world
  }

  private func adopt(_ world: RotationWorld, on scheduler: RotationScheduler) async throws -> AdoptionReceipt {
    try await scheduler.adopt(AdoptionRequest(account: world.account, node: world.nodes[0], isDryRun: false))
  }

  private func versions(_ world: RotationWorld) -> [Set<UInt32>] {
    world.nodes.map { Set(world.fleet[$0].held.values.map(\.number)) }
  }

  @Test("An adoption says that a newer key is held, until when, and that no rotation can begin before")
  func receipt() async throws {
    let world = try await lostWithItsController()
    try await world.whileRunning { scheduler in
      let receipt = try await adopt(world, on: scheduler)
      let held = try #require(receipt.slots.first)
      #expect(held.worth == .held && held.version == KeyVersion(9))
      #expect(held.retireAfter == world.clock.now().addingTimeInterval(life))
      #expect(receipt.warnings.contains { $0.contains("no rotation can begin yet: kvno 9") })
    }
  }

  @Test("No password is set beside a key that adoption holds until its tickets have ended on both clocks; nodes keep it")
  func waits() async throws {
    let world = try await lostWithItsController()
    try await world.whileRunning { scheduler in
      _ = try await adopt(world, on: scheduler)
      let fault = await world.rotate(on: scheduler).ending?.fault
      #expect(fault?.problem.contains("kvno 9 is kept for the key of rotation") == true, "\(String(describing: fault))")
      world.clock.set(to: world.clock.now().addingTimeInterval(life))
      #expect(await world.rotate(on: scheduler).ending?.fault?.problem == fault?.problem, "CLOCK_BOOTTIME has not moved")
      world.clock.set(to: world.clock.now().addingTimeInterval(-life))
      world.clock.advance(by: life - 1)
      #expect(await world.rotate(on: scheduler).ending?.fault?.problem == fault?.problem)
      #expect(versions(world).allSatisfy { $0.contains(9) })
    }
    #expect(world.directory.account.version == KeyVersion(8))
  }

  @Test("When they have ended, the next rotation takes the kvno, and the held key goes")
  func goes() async throws {
    let world = try await lostWithItsController()
    let held = try #require(world.fleet[world.nodes[0]].held.first { $0.value == KeyVersion(9) }?.key)
    try await world.whileRunning { scheduler in
      _ = try await adopt(world, on: scheduler)
      world.clock.advance(by: life)
      #expect(await world.rotate(on: scheduler).ending?.version == KeyVersion(9))
    }
    for node in world.nodes { #expect(world.fleet[node].held[held] == nil) }
  }

  @Test("A rotation that comes due meanwhile waits, is no failure, and says what for")
  func due() async throws {
    let world = try await lostWithItsController(every: .seconds(3600))
    try await world.whileRunning { scheduler in
      _ = try await adopt(world, on: scheduler)
      let mark = world.recorder.chronicle.entries.count
      world.clock.advance(by: 7200)
      let waiting = try await world.recorder.chronicle.first(skipping: mark) { $0.kind == .rotationWaiting }
      #expect(waiting.message.contains("kvno 9 is kept for the key of rotation"))
      #expect(world.recorder.chronicle.entries.dropFirst(mark).allSatisfy { $0.kind != .rotationStarted })
    }
  }

  @Test("A key of the store's own that only the lost controller had is held as well, and its kvno waits for it")
  func own() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let replica = world.directory.replica()
      _ = await world.rotate(on: scheduler)
      world.directory.fall(back: replica, to: "dc2")
      let receipt = try await adopt(world, on: scheduler)
      #expect(receipt.slots.first { $0.worth == .latest }?.version == KeyVersion(8))
      #expect(await world.rotate(on: scheduler).ending?.fault?.problem.contains("kvno 9 is kept") == true)
      world.clock.advance(by: life)
      #expect(await world.rotate(on: scheduler).ending?.version == KeyVersion(9))
    }
    #expect(world.directory.account.version == KeyVersion(9))
  }

  @Test("Nothing is adopted while passwords are to be set again after a controller was forgotten; the refusal says what to do")
  func adoptionWaits() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let replica = world.directory.replica()
      _ = await world.rotate(on: scheduler)
      world.directory.fall(back: replica, to: "dc2")
      _ = try await scheduler.forget("dc1.lab.example", of: world.account)
      world.directory.change { $0.stamp = nil }
      await #expect { try await adopt(world, on: scheduler) } throws: { error in
        guard let fault = error as? OperatorFault else { return false }
        return fault.problem.contains("kvno 9 is to be set again on dc2.lab.example")
          && fault.remedy.contains("'asactl status'") && fault.remedy.contains("empty store")
      }
    }
    let ledger = try #require(try await world.store.accounts().first?.ledger)
    #expect(ledger.nextReplay?.version == KeyVersion(9))
  }
}
