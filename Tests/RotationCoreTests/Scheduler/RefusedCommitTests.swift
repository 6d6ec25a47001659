import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: a store that refuses between rotations", .timeLimit(.minutes(1)))
struct RefusedCommitTests {
  private func world() throws -> RotationWorld { try RotationWorld(policy: RotationPolicy(every: .seconds(86_400 * 30))) }

  @Test("A key whose end the store refuses is kept on every node, and ends with the first write that is taken")
  func retirement() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.store.refuseCommits(1) { $0.records.contains { $0.kind == .keyRetired } }
      let mark = world.trace.entries.count
      world.clock.advance(by: 36_300)
      for _ in 1...2 { try await world.tick() }
      try await world.recorder.chronicle.first { $0.kind == .keyRetired }
      let calls = world.trace.entries.dropFirst(mark)
      let durable = try #require(
        calls.firstIndex { if case .committed(let change) = $0 { !change.destroy.isEmpty } else { false } })
      #expect(calls[..<durable].allSatisfy { if case .ordered(_, let order) = $0 { order.drop.isEmpty } else { true } })
    }
    #expect(world.recorder.records(.keyRetired).count == 1)
  }

  @Test("A renumbered key goes to no node before the store has it under its new number")
  func renumbering() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.change { $0.version = KeyVersion(12) }
      world.store.refuseCommits(1) { !$0.seal.isEmpty }
      let mark = world.trace.entries.count
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      try await world.recorder.chronicle.first { $0.kind == .drift }
      for _ in 1...2 { try await world.tick() }
      #expect(world.trace.entries.dropFirst(mark).allSatisfy { if case .ordered = $0 { false } else { true } })
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      try await world.trace.first(skipping: mark) { call in
        if case .ordered(_, let order) = call { order.slots.first?.version == KeyVersion(12) } else { false }
      }
    }
    // What was found is the same trouble the second time, and is not told again.
    #expect(world.recorder.records(.drift).count == 1)
  }

  @Test("A changed configuration that the store refuses is in force all the same")
  func reload() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      var settings = world.settings
      settings.policy.every = .seconds(86_400 * 60)
      world.store.refuseCommits(1) { $0.account?.policy?.every == .seconds(86_400 * 60) }
      try await scheduler.reload([settings])
      #expect(await scheduler.snapshot().first?.nextDue == world.clock.now().addingTimeInterval(86_400 * 60))
      #expect(await !scheduler.isStoreWritable)
    }
  }
}
