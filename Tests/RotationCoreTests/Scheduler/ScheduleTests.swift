import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: due dates, retirement", .timeLimit(.minutes(1)))
struct ScheduleTests {
  @Test("A rotation happens by itself when it is due, and the next one counts from it")
  func due() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      let due = try #require(await scheduler.snapshot().first?.nextDue)
      #expect(due == world.clock.now().addingTimeInterval(86_400))
      world.clock.set(to: due)
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
      #expect(await scheduler.snapshot().first?.nextDue == due.addingTimeInterval(86_400))
    }
    #expect(world.recorder.endings.count == 1)
  }

  @Test("A manual rotation counts on the same clock")
  func manualCounts() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      world.clock.advance(by: 80_000)
      _ = await world.rotate(on: scheduler)
      #expect(await scheduler.snapshot().first?.nextDue == world.clock.now().addingTimeInterval(86_400))
    }
  }

  @Test("A due date survives a restart, and one that was missed is caught up")
  func missed() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { _ in }
    world.clock.advance(by: 90_000)
    try await world.whileRunning { _ in
      try await world.tickUntilStarted()
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
    }
    #expect(world.recorder.endings.count == 1)
  }

  @Test("After a start the schedule waits a minute for nodes to dial in, and not longer")
  func nodesDialInAfterStart() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { _ in }
    world.clock.advance(by: 90_000)
    for node in world.nodes { world.fleet.detach(node) }
    try await world.whileRunning { _ in
      for _ in 1...11 { try await world.tick() }
      #expect(world.recorder.endings.isEmpty)
      try await world.tickUntilStarted()
      try await world.recorder.chronicle.first { $0.kind == .rotationFailed }
    }
  }

  @Test("A shorter interval in the configuration counts at the next start")
  func shortened() async throws {
    var world = try RotationWorld()
    try await world.whileRunning { _ in }
    world.clock.advance(by: 7200)
    world.settings.policy.every = .seconds(3600)
    try await world.whileRunning { _ in
      try await world.tickUntilStarted()
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
    }
  }

  @Test("A clock that was years ahead and is set right does not put the next rotation off for years")
  func clockSetBack() async throws {
    let world = try RotationWorld()
    let right = world.clock.now()
    world.clock.set(to: right.addingTimeInterval(1e8))
    try await world.whileRunning { _ in }
    world.clock.set(to: right)
    let due = try await world.whileRunning { await $0.snapshot().first?.nextDue }
    #expect(due == right.addingTimeInterval(86_400))
  }

  @Test(
    "A due rotation that fails, in preflight or later, is tried again after a quarter of an hour, then after twice that, then after four times",
    arguments: [true, false])
  func retriesWithBackoff(inPreflight: Bool) async throws {
    let world = try RotationWorld()
    if inPreflight { world.fleet.detach(world.nodes[0]) }
    try await world.whileRunning { scheduler in
      var next = world.clock.now().addingTimeInterval(86_400)
      for (failure, pause) in [(1, 900.0), (2, 1800), (3, 3600)] {
        if !inPreflight { world.directory.script(.claim, .refused(.accessDenied)) }
        world.clock.set(to: next.addingTimeInterval(-1))
        try await world.tick()
        #expect(world.recorder.endings.count == failure - 1)
        world.clock.set(to: next)
        try await world.recorder.chronicle.first(skipping: 0) { _ in world.recorder.endings.count == failure }
        try await world.tick()
        let streak = try #require(await scheduler.snapshot().first?.failures)
        #expect(streak.count == failure)
        // A fifth at most is added by jitter.
        #expect((pause...pause * 1.2).contains(streak.pause.end.timeIntervalSince(streak.pause.start)))
        next = streak.pause.end
      }
    }
    #expect(world.recorder.endings.count == 3)
    #expect(world.recorder.records(.rotationStarted).count == 3)
  }

  @Test("Previous is destroyed on nodes and in the store when its tickets are dead, and is recorded")
  func retirement() async throws {
    let world = try RotationWorld(policy: RotationPolicy(every: .seconds(864_000)))
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      _ = await world.rotate(on: scheduler)
      #expect(world.store.sealed.count == 2)
      world.clock.advance(by: 36_301)
      try await world.recorder.chronicle.first { _ in world.recorder.records(.keyRetired).count == 2 }
      try await world.trace.first { call in
        if case .ordered(world.nodes[2], let order) = call { order.slots.count == 1 && order.drop.count == 2 } else { false }
      }
    }
    #expect(world.store.sealed.count == 1)
    for node in world.nodes { #expect(world.fleet[node].held.values.map(\.number) == [9]) }
    #expect(world.recorder.records(.nodeRecovered).isEmpty)
  }

  @Test("A store on another machine, which was up for long, destroys no key until its tickets are certainly dead there")
  func movedStore() async throws {
    let world = try RotationWorld(policy: RotationPolicy(every: .seconds(864_000)))
    try await world.whileRunning { scheduler in _ = await world.rotate(on: scheduler) }
    // The clock here is right; the one there was a day behind when the password was set.
    world.clock.set(to: world.clock.now().addingTimeInterval(86_400))
    world.clock.reboot(as: "boot-2", upFor: 1_000_000)
    try await world.whileRunning { _ in
      try await world.tick()
      world.clock.advance(by: 36_200)
      try await world.tick()
      #expect(world.recorder.records(.keyRetired).isEmpty)
    }
    try await world.whileRunning { _ in
      world.clock.advance(by: 100)
      try await world.recorder.chronicle.first { $0.kind == .keyRetired }
    }
  }

  @Test("A wall clock that leaps ahead destroys no key")
  func leap() async throws {
    let world = try RotationWorld(policy: RotationPolicy(every: .seconds(864_000)))
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.clock.set(to: world.clock.now().addingTimeInterval(100_000))
      try await world.tick()
    }
    #expect(world.recorder.records(.keyRetired).isEmpty)
  }
}

extension RotationWorld {
  /// Lets ticks pass until an attempt begins.
  func tickUntilStarted() async throws {
    while recorder.records(.rotationStarted).isEmpty { try await tick() }
  }

  /// Lets one tick of the scheduler pass: when it sleeps again, the tick before is posted, and a refused request after it is answered later.
  func tick(by seconds: TimeInterval = 5) async throws {
    let mark = clock.sleeps.entries.count
    clock.advance(by: seconds)
    try await clock.sleeps.first(skipping: mark) { _ in true }
  }

  /// Lets time pass until a domain controller is told to have converged: a look at it that is on its way tells of what was before.
  @discardableResult
  func untilControllerConverged() async throws -> OutcomeRecord {
    while true {
      if let record = recorder.records(.controllerConverged).first { return record }
      try await tick(by: 61)
    }
  }
}
