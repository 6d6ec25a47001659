import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: keys whose end has passed", .timeLimit(.minutes(1)))
struct PruneTests {
  private func keys(
    _ scheduler: RotationScheduler, isDryRun: Bool = false
  ) async throws -> [KeyStanding] {
    try #require(try await scheduler.prune(PruneRequest(account: nil, isDryRun: isDryRun)).first).keys
  }

  @Test("What stays is told with its end and the reason")
  func stays() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let keys = try await keys(scheduler)
      #expect(keys.map(\.version.number) == [8, 7])
      #expect(keys.map(\.reason) == ["domain controllers issue tickets under it", "tickets under it may be alive"])
      #expect(keys[0].until == nil && keys[1].until == world.clock.now().addingTimeInterval(36_300))
      #expect(keys.allSatisfy { $0.destroyedAt == nil })
    }
    #expect(world.recorder.records(.keyRetired).isEmpty)
  }

  @Test("With policy.previous: keep, Previous stays until the next rotation")
  func keep() async throws {
    var policy = RotationPolicy(every: .seconds(86_400 * 30))
    policy.previous = .keep
    let world = try RotationWorld(policy: policy)
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let previous = try #require(try await keys(scheduler).last)
      #expect(previous.until == nil && previous.reason.contains("policy.previous: keep"))
    }
  }

  @Test("A key whose end has passed would be destroyed, and is, on every node")
  func destroyed() async throws {
    let world = try RotationWorld(policy: RotationPolicy(every: .seconds(86_400 * 30)))
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.store.refuseCommits(1) { !$0.destroy.isEmpty }
      world.clock.advance(by: 36_301)
      let now = world.clock.now()
      // What the rotator does by itself, and the store refuses this once, is in line before what follows.
      try await world.clock.sleeps.first { $0 == now.addingTimeInterval(5) }
      #expect(try await keys(scheduler, isDryRun: true).map(\.destroyedAt) == [nil, now])
      #expect(world.recorder.records(.keyRetired).isEmpty)
      let keys = try await keys(scheduler)
      #expect(keys.map(\.version.number) == [8, 7] && keys.map(\.destroyedAt) == [nil, now])
      #expect(world.recorder.records(.keyRetired).count == 1)
      for node in world.nodes {
        try await world.trace.first { call in
          if case .ordered(node, let order) = call { !order.drop.isEmpty } else { false }
        }
        #expect(world.fleet[node].held.values.map(\.number) == [8])
      }
    }
  }
}
