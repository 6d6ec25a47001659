import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: consumers load a new key in waves", .timeLimit(.minutes(1)))
struct ConsumerTurnTests {
  private func world(_ consumers: [FakeConsumer.Temper], maxUnavailable: Int = 1) throws -> RotationWorld {
    var world = try RotationWorld(policy: RotationPolicy(every: .seconds(86_400), require: .atLeast(2)))
    world.settings.maxUnavailable = ["mail.lab.example": maxUnavailable]
    for (node, temper) in zip(world.nodes, consumers) { world.fleet.setConsumer(FakeConsumer(temper), of: node) }
    return world
  }

  private func turns(in world: RotationWorld) -> [NodeName] {
    world.trace.entries.compactMap { if case .gaveTurn(let node, _) = $0 { node } else { nil } }
  }

  private func commitPlace(in world: RotationWorld) -> Int? {
    world.trace.entries.firstIndex { if case .wrote(.commit) = $0 { true } else { false } }
  }

  @Test("The password is set only when every consumer has loaded the key")
  func beforeTheCommit() async throws {
    let world = try world([.obedient, .obedient, .obedient])
    let ending = try await world.whileRunning { await world.rotate(on: $0) }.ending
    #expect(ending?.outcome == .succeeded)
    #expect(turns(in: world).sorted() == world.nodes)
    let last = try #require(world.trace.entries.lastIndex { if case .gaveTurn = $0 { true } else { false } })
    let commit = try #require(commitPlace(in: world))
    #expect(last < commit)
  }

  @Test("Nodes without consumers take no turn")
  func noConsumers() async throws {
    let world = try world([])
    #expect(try await world.whileRunning { await world.rotate(on: $0) }.ending?.outcome == .succeeded)
    #expect(turns(in: world).isEmpty)
  }

  @Test("One consumer hangs: the others wait for their turn, until its time is over, and the rotation goes on without its node")
  func oneAtATime() async throws {
    let world = try world([.hanging, .obedient, .obedient])
    let progress = try await world.whileRunning { scheduler in
      var progress: [RotationProgress] = []
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        progress.append(step)
        let proven = progress.count { if case .node(_, .proven, _) = $0 { true } else { false } }
        if case .node(_, .proven, _) = step, proven == 2 { world.clock.advance(by: 60) }
        guard case .phase("staging", _) = step else { continue }
        try await world.trace.first { if case .gaveTurn = $0 { true } else { false } }
        #expect(turns(in: world) == [world.nodes[0]])
        for node in world.nodes {
          try await world.trace.first { if case .ordered(node, _) = $0 { true } else { false } }
        }
        #expect(turns(in: world) == [world.nodes[0]])
        world.clock.advance(by: 40)
      }
      return progress
    }
    #expect(Array(turns(in: world).prefix(3)) == world.nodes)
    #expect(progress.ending?.outcome == .degraded)
    #expect(progress.ending?.nodes == [world.nodes[0]])
  }

  @Test("As many nodes as may be unavailable take their turn at once")
  func twoAtATime() async throws {
    let world = try world([.hanging, .hanging, .obedient], maxUnavailable: 2)
    try await world.whileRunning { scheduler in
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        guard case .phase("staging", _) = step else { continue }
        try await world.trace.first { if case .gaveTurn(world.nodes[1], _) = $0 { true } else { false } }
        #expect(turns(in: world).sorted() == Array(world.nodes.prefix(2)))
        break
      }
    }
  }

  @Test("A consumer that does not come back fails the stage of its node, by name")
  func failing() async throws {
    let world = try world([.failing("is inactive after its restart"), .obedient, .obedient])
    let ending = try await world.whileRunning { await world.rotate(on: $0) }.ending
    #expect(ending?.outcome == .degraded)
    #expect(ending?.nodes == [world.nodes[0]])
    #expect(ending?.fault?.problem.contains("dovecot.service") == true)
  }

  @Test("With all nodes required a consumer that does not come back calls the rotation off, kvno unmoved")
  func failingWhereAllAreRequired() async throws {
    var world = try world([.failing("is inactive after its restart"), .obedient, .obedient])
    world.settings.policy.require = .all
    let progress = try await world.whileRunning { scheduler in
      var progress: [RotationProgress] = []
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        progress.append(step)
        if case .phase("unstaging", _) = step { world.clock.advance(by: 10) }
      }
      return progress
    }
    #expect(progress.ending?.passwordChanged == false)
    #expect(world.directory.account.version == KeyVersion(7))
    // The others go on serving: no further node is taken out for a rotation that is called off.
    #expect(turns(in: world) == [world.nodes[0]])
  }

  @Test("A rotator that was started again while a node had its turn gives it anew")
  func restart() async throws {
    let world = try world([.hanging])
    try await world.whileRunning { scheduler in
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        guard case .phase("staging", _) = step else { continue }
        try await world.trace.first { if case .gaveTurn = $0 { true } else { false } }
        break
      }
    }
    world.fleet.setConsumer(nil, of: world.nodes[0])
    try await world.whileRunning { _ in
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
    }
  }

  @Test("A node that serves alone stays in service while its consumer loads the key; one beside others does not")
  func alone() async throws {
    for others in [0, 2] {
      var world = try world([.obedient])
      world.settings.policy.require = .atLeast(1)
      for node in world.nodes.dropFirst(1 + others) { world.fleet.detach(node) }
      try await world.whileRunning { _ = await world.rotate(on: $0) }
      let drained = world.trace.entries.compactMap { if case .gaveTurn(_, let drains) = $0 { drains } else { nil } }
      #expect(drained == [others > 0])
    }
  }
}
