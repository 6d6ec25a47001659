import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: nodes that are left out or given up", .timeLimit(.minutes(1)))
struct ExclusionTests {
  private func exclusion(_ world: RotationWorld, hours: Double = 4) -> NodeExclusion {
    NodeExclusion(until: world.clock.now().addingTimeInterval(hours * 3600), reason: "new disks")
  }

  @Test("A rotation succeeds without an excluded node that is away, and catches it up when it is back")
  func excluded() async throws {
    let world = try RotationWorld(absentGrace: .seconds(30))
    world.fleet.detach(world.nodes[2])
    try await world.whileRunning { scheduler in
      try await scheduler.exclude(world.nodes[2], exclusion(world))
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
      let mark = world.trace.entries.count
      world.fleet.attach(world.nodes[2])
      try await world.trace.first(skipping: mark) { if case .ordered(world.nodes[2], _) = $0 { true } else { false } }
    }
    #expect(world.recorder.records(.nodeExcluded).map(\.nodes) == [[world.nodes[2]]])
    #expect(world.recorder.records(.nodeBehind).isEmpty)
  }

  @Test("After its time, or when it is included, it is required again", arguments: [false, true])
  func requiredAgain(isIncluded: Bool) async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[2])
    try await world.whileRunning { scheduler in
      try await scheduler.exclude(world.nodes[2], exclusion(world))
      if isIncluded { try await scheduler.exclude(world.nodes[2], nil) } else { world.clock.advance(by: 4 * 3600) }
      #expect(await world.rotate(on: scheduler).ending?.fault?.problem.contains("cas-3") == true)
    }
  }

  @Test("An exclusion outlives the rotator's process")
  func durable() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[2])
    try await world.whileRunning { try await $0.exclude(world.nodes[2], exclusion(world)) }
    let ending = try await world.whileRunning { await world.rotate(on: $0) }.ending
    #expect(ending?.outcome == .succeeded)
  }

  @Test("An excluded node that is there takes the new key, too")
  func takesPart() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      try await scheduler.exclude(world.nodes[2], exclusion(world))
      _ = await world.rotate(on: scheduler)
    }
    #expect(world.fleet[world.nodes[2]].held.values.contains(KeyVersion(8)))
  }

  @Test("A node of no array can be neither excluded nor decommissioned")
  func stranger() async throws {
    let world = try RotationWorld()
    let stranger = try NodeName("stranger.lab.example")
    try await world.whileRunning { scheduler in
      await #expect(throws: OperatorFault.self) { try await scheduler.exclude(stranger, exclusion(world)) }
      await #expect(throws: OperatorFault.self) { _ = try await scheduler.decommission(stranger) }
    }
  }

  @Test("A decommissioned node destroys its keys before it is shut out, and nobody waits for it any more")
  func decommissioned() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let receipt = try await scheduler.decommission(world.nodes[2])
      #expect(receipt.wasAttached)
      #expect(world.fleet[world.nodes[2]].held.isEmpty)
      #expect(await scheduler.nodeSnapshot().last?.connection == .revoked)
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
    #expect(world.recorder.records(.nodeDecommissioned).map(\.nodes) == [[world.nodes[2]]])
    #expect(world.fleet[world.nodes[2]].held.isEmpty)
  }

  @Test("A node that is away cannot be decommissioned: its keys are still there")
  func outOfReach() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[2])
    let fault = try await world.whileRunning { scheduler in
      await #expect(throws: OperatorFault.self) { _ = try await scheduler.decommission(world.nodes[2]) }
    }
    #expect(fault?.kind == .unavailable)
  }

  @Test("A node that does not say that its keys are gone is not taken for decommissioned")
  func silent() async throws {
    let world = try RotationWorld()
    world.fleet.setTemper(of: world.nodes[2], to: .silent)
    let fault = try await world.whileRunning { scheduler in
      let end = world.clock.now().addingTimeInterval(20)
      return await #expect(throws: OperatorFault.self) {
        async let outcome = scheduler.decommission(world.nodes[2])
        try await world.clock.sleeps.first { $0 == end }
        world.clock.advance(by: 25)
        _ = try await outcome
      }
    }
    #expect(fault?.kind == .unavailable)
    #expect(!world.fleet[world.nodes[2]].held.isEmpty)
  }
}
