import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: crashes, a failing store, lost answers", .timeLimit(.minutes(1)))
struct CrashTests {
  @Test(
    "A daemon killed during a write is resumed by its successor from the plan, with one password and one terminal record",
    arguments: [PortCall.Write.claim, .commit], [true, false])
  func killedDuringWrite(write: PortCall.Write, isApplied: Bool) async throws {
    let world = try RotationWorld()
    world.directory.script(write, .hung(applied: isApplied))
    try await world.whileRunning { scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.trace.first { if case .hung(write) = $0 { true } else { false } }
    }
    #expect(world.recorder.endings.isEmpty)
    try await world.whileRunning { _ in try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded } }
    #expect(world.recorder.endings.count == 1)
    #expect(world.directory.passwordsSet == 1)
    #expect(world.directory.account.version == KeyVersion(8))
  }

  @Test("A daemon killed in preflight leaves an attempt that its successor ends in a record", arguments: [1, 2])
  func killedInPreflight(restarts: Int) async throws {
    let world = try RotationWorld()
    world.directory.setReadsHang(true)
    try await world.whileRunning { scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.recorder.chronicle.first { $0.kind == .rotationStarted }
    }
    #expect(world.recorder.endings.isEmpty)
    world.directory.setReadsHang(false)
    for _ in 1...restarts { try await world.whileRunning { _ in } }
    #expect(world.recorder.endings.map(\.phase) == ["preflight"])
  }

  @Test("A lost answer to the password write is settled by sending the same modify again", arguments: [true, false])
  func lostCommitAnswer(isApplied: Bool) async throws {
    let world = try RotationWorld()
    world.directory.script(.commit, .lost(applied: isApplied))
    let progress = try await world.whileRunning { scheduler in
      var progress: [RotationProgress] = []
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        progress.append(step)
        if case .phase("outcomeUnknown", _) = step { world.clock.advance(by: 1) }
      }
      return progress
    }
    #expect(progress.ending?.outcome == .succeeded)
    #expect(world.directory.passwordsSet == 1)
    #expect(world.recorder.records(.outcomeUnknown).count == 1)
  }

  @Test("A write that arrives after the fence changes nothing")
  func lateWrite() async throws {
    let world = try RotationWorld()
    world.directory.script(.commit, .late, .refused(.accessDenied))
    let progress = try await world.whileRunning { scheduler in
      var progress: [RotationProgress] = []
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        progress.append(step)
        if case .phase("outcomeUnknown", _) = step { world.clock.advance(by: 1) }
      }
      return progress
    }
    #expect(progress.ending?.outcome == .failed)
    world.directory.deliverLateWrites()
    #expect(world.directory.account.version == KeyVersion(7))
    #expect(world.directory.passwordsSet == 0)
  }

  @Test("A step that the store refuses once is not performed, and is tried again")
  func storeRefusesOnce() async throws {
    let world = try RotationWorld()
    world.store.refuseCommits(1) { $0.account?.rotation?.phase == .claiming }
    let progress = try await world.whileRunning { scheduler in
      let stream = scheduler.rotate(world.account, isDryRun: false)
      try await world.trace.first { call in
        if case .committed(let change) = call { change.account?.rotation?.phase == .planned } else { false }
      }
      let wait = try await world.clock.sleeps.first(skipping: 1) { _ in true }
      #expect(world.directory.account.stamp == nil)
      world.clock.set(to: wait)
      return await stream.reduce(into: [RotationProgress]()) { $0.append($1) }
    }
    #expect(progress.ending?.outcome == .succeeded)
  }

  @Test("A step that the store refuses once is tried again soon, also when the clock is set back by a day meanwhile")
  func storeRefusesBeforeClockIsSetBack() async throws {
    let world = try RotationWorld()
    world.store.refuseCommits(1) { $0.account?.rotation?.phase == .staging }
    let progress = try await world.whileRunning { scheduler in
      let stream = scheduler.rotate(world.account, isDryRun: false)
      try await world.recorder.chronicle.first { $0.kind == .storeUnwritable }
      try await world.clock.sleeps.first(skipping: 1) { _ in true }
      world.clock.set(to: world.clock.now().addingTimeInterval(-86_400))
      return await stream.reduce(into: [RotationProgress]()) { $0.append($1) }
    }
    #expect(progress.ending?.outcome == .succeeded)
  }

  @Test("A plan that the store refuses ends the attempt; nothing is claimed")
  func storeRefusesPlan() async throws {
    let world = try RotationWorld()
    world.store.refuseCommits(1) { !$0.seal.isEmpty }
    let ending = try await world.whileRunning { await world.rotate(on: $0).ending }
    #expect(ending?.fault?.kind == .inputOutput)
    #expect(world.directory.account.stamp == nil)
    #expect(world.recorder.endings.count == 1)
  }

  @Test("A terminal record that the store refuses reaches the journal at once and the store with a later tick")
  func storeRefusesRecord() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[0])
    world.store.refuseCommits(1) { $0.records.contains { $0.kind == .rotationFailed } }
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      #expect(world.recorder.endings.count == 1)
      let mark = world.trace.entries.count
      world.clock.advance(by: 5)
      try await world.trace.first(skipping: mark) { call in
        if case .committed(let change) = call { change.records.contains { $0.kind == .rotationFailed } } else { false }
      }
    }
    let history = try await world.store.history(of: world.account, limit: 10)
    #expect(history.count { $0.kind == .rotationFailed } == 1)
    #expect(history.count { $0.kind == .rotationStarted } == 1)
    #expect(try await world.store.accounts().first?.openAttempt == nil)
  }

  @Test("Somebody else's reset between our write and the ticket is named; no key is retired, both stay")
  func foreignKey() async throws {
    let world = try RotationWorld()
    world.directory.script(.commit, .lost(applied: true))
    let progress = try await world.whileRunning { scheduler in
      var progress: [RotationProgress] = []
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        progress.append(step)
        if case .phase("outcomeUnknown", _) = step {
          world.directory.resetPasswordElsewhere()
          world.clock.advance(by: 1)
        }
      }
      return progress
    }
    #expect(progress.ending?.outcome == .failed)
    #expect(progress.ending?.passwordChanged == true)
    #expect(world.store.sealed.count == 1)
    #expect(world.fleet[world.nodes[0]].held.count == 2)
  }

  @Test("An account renamed between plan and write gets its keys derived anew, and nodes get those")
  func renamed() async throws {
    let world = try RotationWorld()
    let progress = try await world.whileRunning { scheduler in
      var progress: [RotationProgress] = []
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        progress.append(step)
        if case .phase("claiming", _) = step { world.directory.change { $0.samAccountName = "RENAMED$" } }
      }
      return progress
    }
    #expect(progress.ending?.outcome == .succeeded)
  }
}
