import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: alarms and what reaches nobody", .timeLimit(.minutes(1)))
struct AlarmTests {
  @Test("A failed rotation starts its alarm, and the result is on record with the rotation's own fields")
  func failed() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[0])
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let failure = try #require(world.recorder.endings.first)
      let delivered = try await world.recorder.chronicle.first { $0.kind == .alarmDelivered }
      #expect(delivered.rotation == failure.rotation)
      #expect(delivered.alarm == .failed)
      #expect(delivered.message.contains(failure.message))
    }
    #expect(world.alarms.notices.entries.map(\.outcome) == [.failed])
    #expect(try await world.store.daemon().alarms.alarms.map(\.notices) == [1])
  }

  @Test("It is repeated while nothing is done, also by a daemon that was started anew, until somebody acknowledges it")
  func repeated() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[0])
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      try await world.recorder.chronicle.first { $0.kind == .alarmDelivered }
      for node in world.nodes { world.fleet.attach(node) }
    }
    world.clock.advance(by: 3600)
    try await world.whileRunning { scheduler in
      try await world.alarms.notices.first { $0.count == 2 }
      try await world.recorder.chronicle.first { _ in world.recorder.records(.alarmDelivered).count == 2 }
      let acknowledged = try await scheduler.acknowledge(AcknowledgeRequest(account: nil, outcomes: [], comment: "known"))
      #expect(acknowledged.map(\.key.outcome) == [.failed])
      world.clock.advance(by: 864_00 - 3700)
      try await world.tick()
    }
    #expect(world.alarms.notices.entries.count == 2)
    #expect(world.recorder.records(.alarmAcknowledged).first?.message.contains("(known)") == true)
  }

  @Test("One that could not be started is on record as such and is tried again after a minute")
  func undeliverable() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[0])
    world.alarms.fail(with: OperatorFault(.permission, "asa-outcome@failed.service", "polkit refuses"))
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let record = try await world.recorder.chronicle.first { $0.kind == .alarmFailed }
      #expect(record.message.contains("polkit refuses"))
      world.alarms.fail(with: nil)
      world.clock.advance(by: 60)
      try await world.recorder.chronicle.first { $0.kind == .alarmDelivered }
    }
  }

  @Test("A store that refuses writes is told to the journal and to a person, and what was held back is written later")
  func storeRefuses() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      world.store.refuseCommits(40) { _ in true }
      let ending = await world.rotate(on: scheduler).ending
      #expect(ending?.outcome == .failed)
      try await world.alarms.notices.first { $0.outcome == .store }
      #expect(await scheduler.health(certificateNotAfter: nil).level == .critical)
      for _ in 1...40 where world.recorder.records(.storeWritable).isEmpty { try await world.tick() }
      try await world.recorder.chronicle.first { $0.kind == .storeWritable }
    }
    #expect(world.recorder.records(.storeUnwritable).count == 1)
    let history = try await world.store.history(of: nil, limit: 100)
    #expect(history.contains { $0.kind == .rotationFailed })
    #expect(history.contains { $0.kind == .storeUnwritable })
  }

  @Test("A node that stays away is told of after ten minutes, again each day, and when it is back")
  func missingNode() async throws {
    let world = try RotationWorld(policy: RotationPolicy(every: .seconds(8_640_000)))
    try await world.whileRunning { scheduler in
      let mark = world.trace.entries.count
      world.fleet.detach(world.nodes[1])
      try await world.trace.first(skipping: mark) { if case .remembered(world.nodes[1]) = $0 { true } else { false } }
      world.clock.advance(by: 590)
      try await world.tick()
      #expect(world.recorder.records(.nodeBehind).isEmpty)
      world.clock.advance(by: 15)
      let record = try await world.recorder.chronicle.first { $0.kind == .nodeBehind }
      #expect(record.nodes == [world.nodes[1]])
      try await world.alarms.notices.first { $0.count == 1 && $0.outcome == .behind }
      for (count, pause) in [(2, 3600.0), (3, 14_400), (4, 86_400), (5, 86_400)] {
        try await world.recorder.chronicle.first { _ in world.recorder.records(.alarmDelivered).count == count - 1 }
        world.clock.advance(by: pause)
        try await world.alarms.notices.first { $0.count == count }
      }
      #expect(await scheduler.health(certificateNotAfter: nil).level == .warning)
      world.fleet.attach(world.nodes[1])
      try await world.recorder.chronicle.first { $0.kind == .nodeRecovered }
      #expect(await scheduler.health(certificateNotAfter: nil).level == .ok)
    }
    #expect(world.recorder.records(.nodeBehind).count == 1)
  }

  @Test("A daemon that was killed says so when it starts again; one that was stopped does not")
  func interrupted() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { _ in }
    try await world.whileRunning { _ in }
    #expect(world.recorder.records(.daemonInterrupted).isEmpty)
    var change = StoreChange()
    change.daemon = try await world.store.daemon()
    change.daemon?.runningSince = world.clock.now()
    try await world.store.commit(change, of: nil)
    try await world.whileRunning { _ in try await world.alarms.notices.first { $0.outcome == .stalled } }
    #expect(world.recorder.records(.daemonInterrupted).count == 1)
  }

  @Test("A killed daemon's last record of an account is told again: it may have died between the store and the journal")
  func lastWords() async throws {
    let world = try RotationWorld()
    var change = StoreChange()
    change.daemon = try await world.store.daemon()
    change.daemon?.runningSince = world.clock.now()
    change.records = [
      OutcomeRecord(kind: .rotationSucceeded, time: world.clock.now(), account: world.account, message: "It was rotated."),
      OutcomeRecord(kind: .storeWritable, time: world.clock.now(), account: nil, message: "The store takes writes again."),
    ]
    try await world.store.commit(change, of: world.account)
    try await world.whileRunning { _ in }
    let message = try #require(world.recorder.records(.daemonInterrupted).first?.message)
    #expect(message.hasSuffix("The last record before: It was rotated."))
  }
}

@Suite("The scheduler: attached nodes that do not do what they should", .timeLimit(.minutes(1)))
struct AttachedNodeTests {
  @Test("A node that leaves orders unanswered is told of after two minutes, and when it answers again")
  func silent() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.fleet.setTemper(of: world.nodes[1], to: .silent)
      var settings = world.settings
      settings.policy.clockSkew = .seconds(600)
      try await scheduler.reload([settings])
      while world.recorder.records(.nodeBehind).isEmpty { try await world.tick() }
      let record = try #require(world.recorder.records(.nodeBehind).first)
      #expect(record.nodes == [world.nodes[1]])
      #expect(record.message.contains("has not answered an order"))
      world.fleet.setTemper(of: world.nodes[1], to: .obedient)
      while world.recorder.records(.nodeRecovered).isEmpty { try await world.tick() }
    }
    #expect(world.recorder.records(.nodeBehind).count == 1)
  }

  @Test("A node that holds the key and refuses tickets has not caught up: it is behind until it accepts one")
  func refusing() async throws {
    let world = try RotationWorld(policy: RotationPolicy(every: .seconds(86_400), require: .atLeast(2)))
    try await world.whileRunning { scheduler in
      var isPlanned = false
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        if case .planned = step, !isPlanned {
          isPlanned = true
          world.fleet.setTemper(of: world.nodes[2], to: .rejectingTickets)
        }
      }
      let behind = { @Sendable in world.recorder.records(.nodeBehind) }
      while behind().isEmpty { try await world.tick() }
      #expect(behind().first?.message.contains("does not accept the domain controller's tickets") == true)
      #expect(world.recorder.records(.nodeRecovered).isEmpty)
      world.fleet.setTemper(of: world.nodes[2], to: .obedient)
      while world.recorder.records(.nodeRecovered).isEmpty { try await world.tick() }
    }
    #expect(world.recorder.endings.map(\.kind) == [.rotationDegraded])
  }
}
