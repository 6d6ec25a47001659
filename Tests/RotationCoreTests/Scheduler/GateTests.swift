import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: the store against the directory", .timeLimit(.minutes(1)))
struct GateTests {
  /// How many orders went out since a mark.
  private func orders(_ world: RotationWorld, since mark: Int) -> Int {
    world.trace.entries.dropFirst(mark).count { if case .ordered = $0 { true } else { false } }
  }

  /// Leaves a rotation open whose password write was lost, and a DC that answers nobody.
  private func stopWhileCommitting(_ world: RotationWorld) async throws {
    world.directory.script(.commit, .hung(applied: false))
    try await world.whileRunning { scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.trace.first { if case .hung(.commit) = $0 { true } else { false } }
    }
    world.directory.setReachable(false)
  }

  @Test("A foreign stamp found at the start: nothing is pushed, it is recorded once, and no rotation begins")
  func foreignStamp() async throws {
    let world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    world.directory.change { $0.stamp = Script.foreignStamp?.description }
    let mark = world.trace.entries.count
    try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      world.clock.advance(by: 11)
      let ending = await world.rotate(on: scheduler).ending
      #expect(ending?.outcome == .failed)
      #expect(ending?.fault?.problem.contains("rotator-x") == true)
    }
    #expect(orders(world, since: mark) == 0)
    #expect(world.recorder.records(.storeBehind).count == 1)
    #expect(world.directory.account.version == KeyVersion(8))
  }

  @Test("A copy of the store that is older than the directory pushes nothing")
  func olderStore() async throws {
    let world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    let stamp = try #require(world.directory.account.stamp.flatMap { Stamp($0) })
    let newer = Stamp(epoch: stamp.epoch.next, rotation: .make(), state: .done, rotator: stamp.rotator)
    world.directory.change { $0.stamp = newer.description }
    let mark = world.trace.entries.count
    try await world.whileRunning { _ in try await world.recorder.chronicle.first { $0.kind == .storeBehind } }
    #expect(orders(world, since: mark) == 0)
  }

  @Test("A controller with an earlier stamp of ours at the start is behind: nodes get their slots, and no rotation begins")
  func controllerBehind() async throws {
    let world = try RotationWorld()
    let old = try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let old = world.directory.account
      _ = await world.rotate(on: scheduler)
      return old
    }
    world.directory.change { ($0.stamp, $0.version) = (old.stamp, old.version) }
    let mark = world.trace.entries.count
    try await world.whileRunning { scheduler in
      try await world.trace.first(skipping: mark) { if case .ordered = $0 { true } else { false } }
      #expect(await world.rotate(on: scheduler).ending?.fault?.problem.contains("the directory is behind the store") == true)
    }
    #expect(world.recorder.records(.storeBehind).isEmpty)
  }

  @Test(
    "An idle rotator that a rotation shows another one's stamp falls silent; a dry run leaves that to the next look at the account",
    arguments: [false, true])
  func supersededInPreflight(isDryRun: Bool) async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.change {
        $0.stamp = Script.foreignStamp?.description
        // What else is wrong must not hide it.
        $0.isEnabled = false
      }
      for await _ in scheduler.rotate(world.account, isDryRun: isDryRun) {}
      #expect(world.recorder.records(.storeBehind).isEmpty == isDryRun)
      if isDryRun { world.clock.advance(by: RotationScheduler.inspectionInterval) }
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      let mark = world.trace.entries.count
      world.fleet.detach(world.nodes[0])
      world.fleet.attach(world.nodes[0])
      try await world.saw(world.nodes[0], since: mark)
      try await world.tick()
      #expect(orders(world, since: mark) == 0)
    }
    #expect(world.recorder.records(.storeBehind).count == 1)
  }

  @Test("With a rotation open and the DC silent nothing is sent; when the DC answers, the rotation goes on")
  func unreadableWithOpenRotation() async throws {
    let world = try RotationWorld()
    try await stopWhileCommitting(world)
    let mark = world.trace.entries.count
    try await world.whileRunning { _ in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      #expect(orders(world, since: mark) == 0)
      #expect(world.recorder.endings.isEmpty)
      world.directory.setReachable(true)
      world.clock.advance(by: 10)
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
    }
    #expect(world.directory.passwordsSet == 1)
  }

  @Test("A node that is revoked while the stamp cannot be read is not waited for when the rotation goes on")
  func revokedWhileShut() async throws {
    let world = try RotationWorld()
    try await stopWhileCommitting(world)
    try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      _ = try await scheduler.revoke(world.nodes[2])
      world.directory.setReachable(true)
      world.clock.advance(by: 10)
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
    }
    #expect(world.recorder.endings.map(\.nodes) == [Array(world.nodes[0...1])])
  }

  @Test("Nodes that leave and deadlines that pass do not move an open rotation before the stamp was read")
  func gateHoldsTimers() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        if case .phase("claiming", _) = step { world.fleet.setTemper(of: world.nodes[2], to: .silent) }
        if case .phase("staging", _) = step { break }
      }
    }
    world.directory.setReachable(false)
    let mark = world.trace.entries.count
    try await world.whileRunning { _ in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      world.fleet.detach(world.nodes[0])
      world.clock.advance(by: 60)
      for _ in 1...3 { try await world.tick() }
    }
    let writes = world.trace.entries.dropFirst(mark).count { if case .wrote = $0 { true } else { false } }
    #expect(writes == 0)
    #expect(try await world.store.accounts().first?.rotation?.phase == .staging)
  }

  @Test("Without an open rotation a silent DC keeps no slots from nodes")
  func silentDirectoryWhileIdle() async throws {
    let world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    world.directory.setReachable(false)
    let mark = world.trace.entries.count
    try await world.whileRunning { _ in
      for node in world.nodes {
        try await world.trace.first(skipping: mark) { if case .ordered(node, _) = $0 { true } else { false } }
      }
    }
    #expect(world.recorder.records(.storeBehind).isEmpty)
  }

  @Test("A rotation that loses its claim falls silent even while the store refuses its end")
  func supersededWithABrokenStore() async throws {
    let world = try RotationWorld()
    world.directory.script(.commit, .refused(.stampMismatch))
    world.store.refuseCommits(1) { $0.records.contains { $0.kind == .rotationFailed } }
    try await world.whileRunning { scheduler in
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        guard case .phase("staging", _) = step else { continue }
        world.directory.change { $0.stamp = Script.foreignStamp?.description }
        break
      }
      try await world.recorder.chronicle.first { $0.kind == .storeUnwritable }
      let mark = world.trace.entries.count
      world.fleet.detach(world.nodes[0])
      world.fleet.attach(world.nodes[0])
      try await world.saw(world.nodes[0], since: mark)
      #expect(orders(world, since: mark) == 0)
      try await world.tick()
      try await world.recorder.chronicle.first { $0.kind == .rotationFailed }
    }
    #expect(world.recorder.endings.map(\.passwordChanged) == [nil])
  }

  @Test("A rotation that loses its claim falls silent: nobody is un-staged, late nodes get nothing, the keys are kept")
  func superseded() async throws {
    let world = try RotationWorld()
    world.directory.script(.commit, .refused(.stampMismatch))
    let mark = try await world.whileRunning { scheduler in
      var mark = 0
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        if case .phase("staging", _) = step { world.directory.change { $0.stamp = Script.foreignStamp?.description } }
        if case .ended(_, let ending) = step {
          #expect(ending.passwordChanged == nil)
          mark = world.trace.entries.count
        }
      }
      world.fleet.detach(world.nodes[0])
      let attachMark = world.trace.entries.count
      world.fleet.attach(world.nodes[0])
      try await world.saw(world.nodes[0], since: attachMark)
      try await world.tick()
      return mark
    }
    #expect(orders(world, since: mark) == 0)
    #expect(world.store.sealed.count == 1)
    #expect(world.recorder.endings.map(\.kind) == [.rotationFailed])
    for node in world.nodes { #expect(world.fleet[node].held.count == 2) }
  }
}
