import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: what the watchdog is told, and stalls", .timeLimit(.minutes(1)))
struct StallTests {
  private func step(_ world: RotationWorld, _ rotation: RotationID) -> DueStep {
    DueStep(account: world.account, rotation: rotation, phase: "staging", since: 0, deadline: 360)
  }

  /// A rotation left open in `staging` by a daemon that died.
  private func openRotation(in world: RotationWorld) async throws -> RotationID {
    try await world.whileRunning { scheduler in
      for await progress in scheduler.rotate(world.account, isDryRun: false) {
        if case .phase("claiming", _) = progress { world.fleet.setTemper(of: world.nodes[2], to: .silent) }
        if case .phase("staging", _) = progress { break }
      }
    }
    let record = try #require(try await world.store.accounts().first)
    return try #require(record.rotation?.plan.rotation)
  }

  @Test("Every turn of the loop promises the next one within a bound")
  func loop() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { _ in try await world.tick() }
    let pulses = world.pulse.pulses.entries
    #expect(!pulses.isEmpty)
    #expect(
      pulses.allSatisfy { pulse in
        pulse.steps.contains { $0.phase == "scheduler" && $0.deadline == $0.since + RotationScheduler.turnBound }
      })
  }

  @Test("A rotation under way must move within its deadline and one exchange, by name of account and phase")
  func rotation() async throws {
    let world = try RotationWorld()
    let rotation = try await openRotation(in: world)
    let step = try #require(
      world.pulse.pulses.entries.flatMap(\.steps).first { $0.rotation == rotation && $0.phase == "staging" })
    #expect(step.account == world.account)
    #expect(step.deadline - step.since == 60 + RotationScheduler.exchangeBound)
  }

  @Test("While a rotation is open, a turn of the loop that does not end counts against that rotation")
  func turnInRotation() async throws {
    let world = try RotationWorld()
    let rotation = try await openRotation(in: world)
    let turns = world.pulse.pulses.entries.flatMap(\.steps).filter { $0.phase == "scheduler" }
    #expect(turns.first?.rotation == nil)
    #expect(turns.last?.rotation == rotation)
    #expect(turns.last?.account == world.account)
  }

  @Test("A rotation that waits for a domain controller moves with every try: somebody else's outage is no stall")
  func outage() async throws {
    let world = try RotationWorld()
    world.directory.script(.commit, .lost(applied: false), .lost(applied: false), .lost(applied: false))
    try await world.whileRunning { scheduler in
      for await progress in scheduler.rotate(world.account, isDryRun: false) {
        if case .phase("outcomeUnknown", _) = progress { break }
      }
      while world.recorder.endings.isEmpty { try await world.tick() }
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
    }
    let late = world.pulse.pulses.entries.filter { pulse in
      let now = pulse.steps.first?.since ?? 0
      return pulse.steps.contains { $0.deadline < now }
    }
    #expect(late.isEmpty)
  }

  @Test("A stall is put on record at the next start, without a second line in the journal, and the rotation goes on")
  func recorded() async throws {
    let world = try RotationWorld()
    let rotation = try await openRotation(in: world)
    world.fleet.setTemper(of: world.nodes[2], to: .obedient)
    try await world.whileRunning(after: step(world, rotation)) { _ in
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
      try await world.alarms.notices.first { $0.outcome == .stalled }
    }
    #expect(world.recorder.records(.rotationStalled).isEmpty)
    let history = try await world.store.history(of: world.account, limit: 100)
    #expect(history.count { $0.kind == .rotationStalled } == 1)
  }

  @Test("A rotation that stalls three times ends as failed, once, with nodes and password as they were")
  func givenUp() async throws {
    let world = try RotationWorld()
    let rotation = try await openRotation(in: world)
    for _ in 1...2 {
      let mark = world.trace.entries.count
      try await world.whileRunning(after: step(world, rotation)) { _ in
        try await world.trace.first(skipping: mark) { if case .ordered = $0 { true } else { false } }
      }
    }
    world.fleet.setTemper(of: world.nodes[2], to: .obedient)
    try await world.whileRunning(after: step(world, rotation)) { _ in
      try await world.recorder.chronicle.first { $0.kind == .rotationFailed }
    }
    #expect(world.recorder.endings.count == 1)
    #expect(world.recorder.endings.first?.message.contains("stalled 3 times") == true)
    #expect(world.directory.account.version == KeyVersion(7))
  }

  @Test("The status is one sentence: the worst that is true, or what comes next")
  func sentence() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      try await world.tick()
      #expect(world.pulse.pulses.entries.last?.sentence.hasPrefix("1 account, 3 of 3 nodes attached") == true)
      world.fleet.detach(world.nodes[0])
      _ = await world.rotate(on: scheduler)
      try await world.tick()
      let sentence = try #require(world.pulse.pulses.entries.last?.sentence)
      #expect(sentence.contains("cas-1.lab.example"), "\(sentence)")
    }
  }
}
