import Foundation
import RotationCore
import RotationTestSupport
import Synchronization
import Testing

/// What the deterministic simulation has found, each as the shortest story that shows it.
@Suite("The scheduler: recovery from rare coincidences", .timeLimit(.minutes(1)))
struct RecoveryTests {
  private func report(of node: FakeNode, _ account: AccountName, refusing order: SlotOrder, because reason: OrderRefusal.Reason)
    -> NodeReport
  {
    NodeReport(
      account: account, epoch: order.epoch, version: order.version,
      refusal: OrderRefusal(reason, "no", epoch: order.epoch, version: order.version), slots: [], checksums: [],
      nonce: order.nonce, keytabs: [])
  }

  private func lastOrder(_ world: RotationWorld, to node: NodeName) throws -> SlotOrder {
    try #require(
      world.trace.entries.compactMap { call in if case .ordered(node, let order) = call { order } else { nil } }.last)
  }

  /// The report and the clock's tick come by two roads: time passes only when the report, which lists no slot, is on disk.
  private func reportWasTaken(_ world: RotationWorld, since mark: Int) async throws {
    let node = world.nodes[0]
    try await world.trace.first(skipping: mark) { call in
      if case .committed(let change) = call { change.account?.holdings[node]?.slots.isEmpty == true } else { false }
    }
  }

  @Test("An order that a node has carried out before with other contents is given again under the next number")
  func conflictingOrder() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let order = try lastOrder(world, to: world.nodes[0])
      let mark = world.trace.entries.count
      world.fleet.report(
        report(of: world.fleet[world.nodes[0]], world.account, refusing: order, because: .conflictingOrder),
        from: world.nodes[0])
      try await reportWasTaken(world, since: mark)
      world.clock.advance(by: 5)
      try await world.trace.first(skipping: mark) { call in
        if case .ordered(_, let next) = call { next.version > order.version } else { false }
      }
    }
  }

  @Test("A node that was installed anew without our knowing is no longer told to keep what it does not hold")
  func unknownSlot() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let order = try lastOrder(world, to: world.nodes[0])
      #expect(order.slots.contains { $0.rotation.isAdopted })
      let mark = world.trace.entries.count
      world.fleet.report(
        report(of: world.fleet[world.nodes[0]], world.account, refusing: order, because: .unknownSlot), from: world.nodes[0])
      try await reportWasTaken(world, since: mark)
      world.clock.advance(by: 5)
      let node = world.nodes[0]
      try await world.trace.first(skipping: mark) { call in
        if case .ordered(node, let next) = call { !next.slots.contains { $0.rotation.isAdopted } } else { false }
      }
    }
  }

  @Test(
    "Somebody's reset on another DC that ended under the kvno of ours is found by the ticket, and the next rotation ends it")
  func sameVersionAnotherKey() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.resetPasswordElsewhere()
      world.directory.change { $0.version = KeyVersion(8) }
      let ending = await world.rotate(on: scheduler).ending
      #expect(ending?.outcome == .succeeded)
      #expect(ending?.version == KeyVersion(9))
    }
  }

  @Test("A record is durable before it is in the journal, so that a crash between the two does not tell it twice")
  func storeBeforeJournal() async throws {
    let world = try RotationWorld()
    world.directory.change { $0.isEnabled = false }
    let recorder = world.recorder
    let early = Mutex(0)
    world.store.refuseCommits(1) { change in
      let isTold = change.records.contains { $0.kind == .rotationFailed } && !recorder.endings.isEmpty
      early.withLock { $0 += isTold ? 1 : 0 }
      return false
    }
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    #expect(world.recorder.endings.count == 1)
    #expect(early.withLock { $0 } == 0)
  }

  @Test("A record that the store has refused becomes durable with whatever is written next, before its state can be without it")
  func refusedRecordGoesFirst() async throws {
    let world = try RotationWorld()
    world.directory.change { $0.isEnabled = false }
    world.store.refuseCommits(1) { change in change.records.contains { $0.kind == .rotationFailed } }
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let mark = world.trace.entries.count
      world.fleet.detach(world.nodes[0])
      world.fleet.attach(world.nodes[0])
      try await world.trace.first(skipping: mark) { if case .committed = $0 { true } else { false } }
    }
    let written = world.trace.entries.compactMap { call -> StoreChange? in
      if case .committed(let change) = call { change } else { nil }
    }
    let ended = try #require(written.firstIndex { $0.records.contains { $0.kind == .rotationFailed } })
    let closed = try #require(written.firstIndex { $0.account?.lastEnding != nil })
    #expect(ended <= closed)
  }

  @Test("A node that refused during a rotation gets the newest order again when the rotation has ended")
  func faultOutlivesRotation() async throws {
    let world = try RotationWorld()
    let node = world.nodes[1]
    world.fleet.setTemper(of: node, to: .refusing("disk full"))
    try await world.whileRunning { scheduler in
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        if case .phase("unstaging", _) = step { world.clock.advance(by: 11) }
      }
      world.fleet.setTemper(of: node, to: .obedient)
      world.clock.advance(by: 5)
      try await world.trace.first { call in
        if case .committed(let change) = call, let record = change.account, record.lastEnding != nil {
          record.holdings[node].map { $0.fault == nil && $0.version == record.ledger.version } ?? false
        } else {
          false
        }
      }
    }
  }

  @Test("A node that was last seen by a clock that ran ahead is revoked all the same")
  func revokedAfterClockWasSetBack() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      world.clock.set(to: world.clock.now().addingTimeInterval(-7200))
      _ = try await scheduler.revoke(world.nodes[2])
      #expect(await scheduler.nodeSnapshot().last?.connection == .revoked)
    }
  }

  @Test("A store from before the password write that finds the write done is behind, and touches nothing")
  func storeFromBeforeTheCommit() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        if case .phase("claiming", _) = step { world.fleet.setTemper(of: world.nodes[2], to: .silent) }
        if case .phase("staging", _) = step { break }
      }
    }
    let claim = try #require(world.directory.account.stamp.flatMap { Stamp($0) })
    let done = Stamp(epoch: claim.epoch, rotation: claim.rotation, state: .done, rotator: claim.rotator)
    world.directory.change { $0.stamp = done.description }
    let mark = world.trace.entries.count
    try await world.whileRunning { _ in try await world.recorder.chronicle.first { $0.kind == .storeBehind } }
    #expect(!world.trace.entries.dropFirst(mark).contains { if case .ordered = $0 { true } else { false } })
  }
}
