import Foundation
import Logging
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: waiting, pausing, catching up, being overdue", .timeLimit(.minutes(1)))
struct DueTests {
  private func policy(every: Int = 86_400) -> RotationPolicy { RotationPolicy(every: .seconds(every)) }

  @Test("A rotation that came due while the daemon was down is caught up, and said so once")
  func caughtUp() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { _ in }
    world.clock.advance(by: 90_000)
    try await world.whileRunning { _ in
      try await world.tickUntilStarted()
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
    }
    let record = try #require(world.recorder.records(.rotationCaughtUp).first)
    #expect(record.message.contains("while asa-rotatord was not running"))
    #expect(world.recorder.records(.rotationCaughtUp).count == 1)
  }

  @Test("A paused schedule begins nothing, says so once when it is due, and goes on when it is resumed")
  func paused() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      let pause = SchedulePause(reason: "mail migration", since: world.clock.now(), until: nil)
      #expect(try await scheduler.pause([world.account], pause) == [world.account])
      world.clock.advance(by: 86_400)
      let waiting = try await world.recorder.chronicle.first { $0.kind == .rotationWaiting }
      #expect(waiting.message.contains("mail migration"))
      for _ in 1...3 { try await world.tick() }
      #expect(world.recorder.records(.rotationStarted).isEmpty)
      #expect(world.recorder.records(.rotationWaiting).count == 1)
      #expect(try await scheduler.pause([world.account], nil) == [world.account])
      world.clock.advance(by: 5)
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
      #expect(try await scheduler.pause([world.account], nil).isEmpty)
    }
  }

  @Test("What comes due in a freeze that was set meanwhile waits for its end, and says until when, once")
  func frozen() async throws {
    var world = try RotationWorld()
    try await world.whileRunning { _ in }
    world.settings.policy.freezes = [try FreezePeriod("2025-06-16 to 2025-06-17 UTC")]
    world.settings.policy.every = .seconds(3600)
    world.clock.advance(by: 86_400)
    try await world.whileRunning { [world] _ in
      while world.recorder.records(.rotationWaiting).isEmpty { try await world.tick() }
      for _ in 1...3 { try await world.tick() }
      #expect(world.recorder.records(.rotationWaiting).map(\.message).count == 1)
      #expect(world.recorder.records(.rotationWaiting).first?.message.contains("it waits until 2025-06-18T00:") == true)
      #expect(world.recorder.records(.rotationStarted).isEmpty)
    }
  }

  @Test("A pause with an end ends by itself, also across a restart")
  func pauseEnds() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      let until = world.clock.now().addingTimeInterval(100_000)
      _ = try await scheduler.pause([world.account], SchedulePause(reason: "audit", since: world.clock.now(), until: until))
    }
    world.clock.advance(by: 90_000)
    try await world.whileRunning { _ in
      while world.recorder.records(.rotationWaiting).isEmpty { try await world.tick() }
      world.clock.advance(by: 10_000)
      try await world.recorder.chronicle.first { $0.kind == .scheduleResumed }
      try await world.tickUntilStarted()
    }
  }

  @Test("A manual rotation goes on while the schedule is paused")
  func manualWhilePaused() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = try await scheduler.pause([world.account], SchedulePause(reason: "x", since: world.clock.now(), until: nil))
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
  }

  @Test("What is due for longer than policy.overdueAfter is overdue: one record with the reason, one alarm")
  func overdue() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[0])
    try await world.whileRunning { scheduler in
      world.clock.advance(by: 86_400)
      try await world.recorder.chronicle.first { $0.kind == .rotationFailed }
      world.clock.advance(by: 86_400)
      let record = try await world.recorder.chronicle.first { $0.kind == .rotationOverdue }
      #expect(record.message.contains("cas-1.lab.example is not attached"))
      try await world.alarms.notices.first { $0.outcome == .overdue }
      for _ in 1...3 { try await world.tick() }
      world.fleet.attach(world.nodes[0])
      #expect(await scheduler.snapshot().first?.isDue == true)
    }
    #expect(world.recorder.records(.rotationOverdue).count == 1)
  }

  @Test("The next try after failures survives a restart")
  func retrySurvives() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[0])
    try await world.whileRunning { _ in
      world.clock.advance(by: 86_400)
      try await world.recorder.chronicle.first { $0.kind == .rotationFailed }
    }
    try await world.whileRunning { _ in
      for _ in 1...20 { try await world.tick() }
      #expect(world.recorder.records(.rotationStarted).count == 1)
    }
  }
}

@Suite("The scheduler: the directory between rotations", .timeLimit(.minutes(1)))
struct InspectionTests {
  /// Lets the quarter of an hour between two looks pass.
  private func look(_ world: RotationWorld) { world.clock.advance(by: RotationScheduler.inspectionInterval) }

  @Test("A domain controller that is down is told once, and again when it is back")
  func controllerDown() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.setReachable(false)
      look(world)
      let record = try await world.recorder.chronicle.first { $0.kind == .controllerBehind }
      #expect(record.domainController == "dc1.lab.example")
      look(world)
      try await world.tick()
      world.directory.setReachable(true)
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .controllerConverged }
    }
    #expect(world.recorder.records(.controllerBehind).count == 1)
  }

  @Test(
    "What would fail the next rotation, or refuses clients now, is drift: told when it happens, and when it is over",
    arguments: DriftCase.allCases)
  func drift(_ drift: DriftCase) async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let before = world.directory.account
      world.directory.change { drift.happen(to: &$0) }
      look(world)
      let record = try await world.recorder.chronicle.first { $0.kind == .drift }
      #expect(record.message.contains(drift.rawValue))
      try await world.alarms.notices.first { $0.outcome == .drift }
      #expect(await scheduler.health(certificateNotAfter: nil).level == .critical)
      world.directory.change { $0 = before }
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .driftEnded }
      #expect(await scheduler.health(certificateNotAfter: nil).level == .ok)
    }
  }
}

/// What somebody may do to the account, by the words that tell of it.
enum DriftCase: String, CaseIterable {
  case rights = "Reset Password"
  case disabled = "is disabled"
  case stamp = "stamp is gone"
  case names = "is not registered"

  func happen(to account: inout DirectoryAccount) {
    switch self {
    case .rights: account.mayResetPassword = false
    case .disabled: account.isEnabled = false
    case .stamp: account.stamp = nil
    case .names: account.servicePrincipalNames = []
    }
  }
}

@Suite("The scheduler: another configuration while it runs", .timeLimit(.minutes(1)))
struct ReloadTests {
  @Test("A shorter interval counts at once")
  func interval() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      var settings = world.settings
      settings.policy.every = .seconds(3600)
      try await scheduler.reload([settings])
      #expect(await scheduler.snapshot().first?.nextDue == world.clock.now().addingTimeInterval(3600))
    }
  }

  @Test("A node that is no longer named is nobody's concern, and one that is added is waited for")
  func nodes() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      var settings = world.settings
      let added = try NodeName("cas-9.lab.example")
      settings.arrays = ["mail.lab.example": [world.nodes[0], added]]
      try await scheduler.reload([settings])
      #expect(await scheduler.snapshot().first?.nodes.map(\.node) == [world.nodes[0], added])
      #expect(await world.rotate(on: scheduler).ending?.fault?.problem.contains("cas-9.lab.example is not attached") == true)
    }
  }

  @Test("An account that is taken out and put back is known by its store")
  func account() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      try await scheduler.reload([])
      #expect(await scheduler.snapshot().isEmpty)
      try await scheduler.reload([world.settings])
      #expect(await scheduler.snapshot().first?.lastSuccess != nil)
      try await world.tick()
      #expect(await world.rotate(on: scheduler).ending?.outcome != nil)
    }
  }

  @Test("A store that refuses leaves the configuration before in force, whole")
  func storeRefuses() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      try await scheduler.reload([])
      world.store.refuseCommits(1) { $0.account != nil }
      await #expect(throws: OperatorFault.self) { try await scheduler.reload([world.settings]) }
      #expect(await scheduler.configuredAccounts.isEmpty)
      #expect(await scheduler.snapshot().isEmpty)
      try await scheduler.reload([world.settings])
      #expect(await scheduler.snapshot().count == 1)
    }
  }

  @Test("An account with an open rotation cannot be taken out by a restart: nobody would end it")
  func leftOpen() async throws {
    let world = try RotationWorld()
    world.directory.script(.commit, .hung(applied: false))
    try await world.whileRunning { scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.trace.first { if case .hung(.commit) = $0 { true } else { false } }
    }
    let scheduler = RotationScheduler(
      accounts: [], fleet: world.fleet, store: world.store, recorder: world.recorder, alarms: nil, pulse: world.pulse,
      clock: world.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let fault = await #expect(throws: OperatorFault.self) { try await scheduler.run(after: nil, onReady: {}) }
    #expect(fault?.kind == .configuration)
    #expect(fault?.subject.contains("EXCH2016ASA") == true)
  }

  @Test("While a rotation is in progress it is refused whole, naming the account")
  func inProgress() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      world.fleet.setTemper(of: world.nodes[2], to: .silent)
      for await progress in scheduler.rotate(world.account, isDryRun: false) {
        if case .phase("preflight", _) = progress { break }
      }
      await #expect(throws: OperatorFault.self) { try await scheduler.reload([]) }
      #expect(await scheduler.snapshot().count == 1)
    }
  }
}
