import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: several domain controllers", .timeLimit(.minutes(1)))
struct ConvergenceTests {
  private static let other = "dc2.lab.example"
  private static let third = "dc3.lab.example"

  private func world(_ names: [String] = [other]) throws -> (RotationWorld, FakeReplicaSource) {
    var world = try RotationWorld(policy: RotationPolicy(every: .seconds(86_400 * 30)))
    let replicas = FakeReplicaSource(names, of: world.directory, realm: world.settings.realm, clock: world.clock)
    world.settings.replicas = replicas
    return (world, replicas)
  }

  /// Rotates, and lets the time for proofs pass as soon as nodes have proven the new key.
  private func rotateBehind(_ world: RotationWorld, on scheduler: RotationScheduler) async throws -> RotationEnding {
    var progress: [RotationProgress] = []
    for await step in scheduler.rotate(world.account, isDryRun: false) {
      progress.append(step)
      if progress.areAllProven(world) { world.clock.advance(by: 61) }
    }
    return try #require(progress.ending)
  }

  private func keyEnds(_ scheduler: RotationScheduler, _ world: RotationWorld) async -> [Date?] {
    let ledger = await scheduler.snapshot()[0].ledger
    return ledger.slots.map { ledger.retireAfter($0, policy: world.settings.policy) }
  }

  @Test("A rotation succeeds when every one of them issues tickets under the new key; old keys end from then on")
  func converged() async throws {
    let (world, _) = try world()
    try await world.whileRunning { scheduler in
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
      #expect(await keyEnds(scheduler, world) == [nil, world.clock.now().addingTimeInterval(36_300)])
      let controllers = await scheduler.snapshot()[0].controllers
      #expect(controllers.map(\.name) == ["dc1.lab.example", Self.other])
      #expect(controllers.map(\.isWriter) == [true, false] && controllers.allSatisfy { !$0.isBehind })
    }
  }

  @Test("While one lags it ends as degraded and names that one, and no key gets an end; when it has converged both are told")
  func lagging() async throws {
    let (world, replicas) = try world([Self.other, Self.third])
    replicas.setPaused(Self.other, true)
    try await world.whileRunning { scheduler in
      let ending = try await rotateBehind(world, on: scheduler)
      #expect(ending.outcome == .degraded && ending.controllers == [Self.other] && ending.nodes.isEmpty)
      #expect(world.recorder.records(.rotationDegraded).first?.message.contains("not yet issued by \(Self.other)") == true)
      #expect(await keyEnds(scheduler, world) == [nil, nil])
      let behind = await scheduler.snapshot()[0].controllers.filter(\.isBehind)
      #expect(behind.map(\.name) == [Self.other] && behind.first?.behindSince != nil)
      #expect(await scheduler.standingAlarms.contains { $0.key.outcome == .degraded && $0.endedAt == nil })
      world.clock.advance(by: 36_400)
      try await world.tick()
      #expect(await keyEnds(scheduler, world) == [nil, nil])
      replicas.setPaused(Self.other, false)
      let record = try await world.untilControllerConverged()
      #expect(record.domainController == Self.other && record.version == KeyVersion(8))
      #expect(await keyEnds(scheduler, world) == [nil, record.time.addingTimeInterval(36_300)])
      #expect(await scheduler.snapshot()[0].controllers.allSatisfy { !$0.isBehind })
      #expect(!(await scheduler.standingAlarms.contains { $0.key.outcome == .degraded && $0.endedAt == nil }))
    }
  }

  @Test("A second rotation before the first has reached it keeps every key until one of them has")
  func twice() async throws {
    let (world, replicas) = try world()
    replicas.setPaused(Self.other, true)
    try await world.whileRunning { scheduler in
      for _ in 1...2 { _ = try await rotateBehind(world, on: scheduler) }
      #expect(await keyEnds(scheduler, world) == [nil, nil, nil])
      replicas.setPaused(Self.other, false)
      let end = try await world.untilControllerConverged().time.addingTimeInterval(36_300)
      #expect(await keyEnds(scheduler, world) == [nil, end, end])
    }
  }

  struct Trouble: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: OperatorFault.Kind
    let words: String
    let happen: @Sendable (FakePasswordDirectory) -> Void

    init(
      _ name: String, _ kind: OperatorFault.Kind, _ words: String, _ happen: @escaping @Sendable (FakePasswordDirectory) -> Void
    ) {
      (testDescription, self.kind, self.words, self.happen) = (name, kind, words, happen)
    }
  }

  @Test(
    "One that is ahead of the writer, or went another way, forbids a rotation by name",
    arguments: [
      Trouble("a password was set there", .temporary, "is ahead: it has kvno 9") { $0.resetPasswordElsewhere() },
      Trouble("another stamp was written there", .data, "has forked from dc1.lab.example") { directory in
        directory.change { $0.stamp = "asa1;1.9;ra-other;claimed;rot-other" }
      },
      Trouble("another key stands under the same kvno", .data, "under another key than dc1.lab.example") { directory in
        directory.resetPasswordElsewhere()
        directory.change { $0.version = KeyVersion(8) }
      },
    ])
  func refused(_ trouble: Trouble) async throws {
    let (world, replicas) = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      replicas.setPaused(Self.other, true)
      let directory = try #require(replicas[Self.other])
      trouble.happen(directory)
      let fault = try #require(await world.rotate(on: scheduler).ending?.fault)
      #expect(fault.kind == trouble.kind && fault.subject == Self.other && fault.problem.contains(trouble.words), "\(fault)")
      #expect(world.directory.account.version == KeyVersion(8))
    }
  }

  @Test("One that is behind, silent, or not in the configuration is told of, and forbids nothing", arguments: [0, 1, 2])
  func warned(_ trouble: Int) async throws {
    let (world, replicas) = try world()
    try await world.whileRunning { scheduler in
      replicas.setPaused(Self.other, true)
      _ = try await rotateBehind(world, on: scheduler)
      if trouble == 1 { replicas[Self.other]?.setReachable(false) }
      if trouble == 2 { replicas.configure([]) }
      let progress = await world.rotate(on: scheduler, isDryRun: true)
      guard case .planned(let plan)? = progress.first(where: { if case .planned = $0 { true } else { false } }) else {
        Issue.record("no plan: \(progress)")
        return
      }
      let words = ["dc2.lab.example is behind: it has kvno 7", "dc2.lab.example cannot be asked", "is a domain controller too"]
      #expect(plan.warnings.contains { $0.contains(words[trouble]) }, "\(plan.warnings)")
    }
  }

  @Test(
    "One that goes back to an old key takes the ends of old keys with it, is told of, and gives them back when it has converged"
  )
  func fellBack() async throws {
    let (world, replicas) = try world()
    let old = world.directory.replica()
    try await world.whileRunning { scheduler in
      for _ in 1...2 { _ = await world.rotate(on: scheduler) }
      #expect(await keyEnds(scheduler, world).dropFirst().allSatisfy { $0 != nil })
      replicas.setPaused(Self.other, true)
      replicas[Self.other]?.fall(back: old, to: "dc2")
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      let record = try await world.recorder.chronicle.first { $0.kind == .controllerBehind }
      #expect(record.domainController == Self.other && record.message.contains("issues tickets"))
      #expect(await keyEnds(scheduler, world).allSatisfy { $0 == nil })
      replicas.setPaused(Self.other, false)
      try await world.untilControllerConverged()
      #expect(await keyEnds(scheduler, world).dropFirst().allSatisfy { $0 != nil })
    }
  }

  @Test("Giving one up is refused while it answers; then nothing waits for it any more")
  func forgotten() async throws {
    let (world, replicas) = try world()
    replicas.setPaused(Self.other, true)
    try await world.whileRunning { scheduler in
      _ = try await rotateBehind(world, on: scheduler)
      await #expect(throws: OperatorFault.self) { try await scheduler.forget(Self.other, of: world.account) }
      replicas[Self.other]?.setReachable(false)
      let receipt = try await scheduler.forget("DC2.lab.example.", of: world.account)
      #expect(receipt.forgotten == Self.other && receipt.successor == "dc1.lab.example" && receipt.replays.isEmpty)
      #expect(await keyEnds(scheduler, world) == [nil, world.clock.now().addingTimeInterval(36_300)])
      #expect(world.recorder.records(.controllerForgotten).first?.domainController == Self.other)
      #expect(await scheduler.snapshot()[0].controllers.count == 1)
      // Listed or not, nothing waits for it until it answers again.
      let next = await world.rotate(on: scheduler).ending
      #expect(next?.outcome == .succeeded, "\(String(describing: next))")
      replicas[Self.other]?.setReachable(true)
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      try await world.recorder.chronicle.first { $0.kind == .controllerBehind }
      #expect(await keyEnds(scheduler, world).allSatisfy { $0 == nil })
    }
  }

  @Test("Convergence that the store refuses to note ends no key and orders nothing; it is noted at the next look")
  func refusedByStore() async throws {
    let (world, replicas) = try world()
    replicas.setPaused(Self.other, true)
    try await world.whileRunning { scheduler in
      _ = try await rotateBehind(world, on: scheduler)
      world.store.refuseCommits(1) { $0.records.contains { $0.kind == .controllerConverged } }
      replicas.setPaused(Self.other, false)
      let mark = world.trace.entries.count
      world.clock.advance(by: 6)
      for _ in 1...12 { try await world.tick() }
      try await world.recorder.chronicle.first { $0.kind == .controllerConverged }
      let calls = world.trace.entries.dropFirst(mark)
      let noted = calls.firstIndex { call in
        if case .committed(let change) = call { change.records.contains { $0.kind == .controllerConverged } } else { false }
      }
      let ended = calls.firstIndex { call in
        if case .ordered(_, let order) = call { order.slots.contains { $0.retireAfter != nil } } else { false }
      }
      #expect(try #require(noted) < (ended ?? .max))
      #expect(await keyEnds(scheduler, world).last != .some(nil))
    }
  }

  @Test("An SPN that stands on another account there does not hide that another one is issued under an old key")
  func movedName() async throws {
    let (world, replicas) = try world()
    replicas.setPaused(Self.other, true)
    let name = world.settings.servicePrincipalNames[1].description
    replicas[Self.other]?.changeIssuing { $0.elsewhere = [name: KeyVersion(20)] }
    try await world.whileRunning { scheduler in
      let ending = try await rotateBehind(world, on: scheduler)
      #expect(ending.controllers == [Self.other])
      for _ in 1...3 {
        world.clock.advance(by: 61)
        try await world.tick()
      }
      #expect(await keyEnds(scheduler, world) == [nil, nil])
    }
  }

  @Test("Tickets that live longer there than keys are kept forbid a rotation, and do not count as convergence")
  func ticketLife() async throws {
    let (world, replicas) = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      replicas[Self.other]?.changeIssuing { $0.lifetime = 86_400 }
      let fault = try #require(await world.rotate(on: scheduler).ending?.fault)
      #expect(fault.problem.contains("\(Self.other) gives tickets of 1440 minutes"))
    }
  }

  @Test("The writer that has gone back to what it had before takes ends back, too, until it issues under Latest again")
  func writerFellBack() async throws {
    let (world, _) = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let old = world.directory.account
      let copy = world.directory.replica()
      _ = await world.rotate(on: scheduler)
      let new = world.directory.replica()
      #expect(await keyEnds(scheduler, world).last != .some(nil))
      world.directory.fall(back: copy, to: "dc1")
      world.directory.change { $0.server = old.server }
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      try await world.recorder.chronicle.first { $0.kind == .controllerBehind && $0.domainController == "dc1.lab.example" }
      #expect(await keyEnds(scheduler, world)[1] == nil)
      world.directory.fall(back: new, to: "dc1")
      world.directory.change { $0.server = old.server }
    }
  }

  @Test("One that the directory lists no more is waited for no more, by itself")
  func vanished() async throws {
    let (world, replicas) = try world()
    replicas.setPaused(Self.other, true)
    try await world.whileRunning { scheduler in
      _ = try await rotateBehind(world, on: scheduler)
      replicas[Self.other]?.setReachable(false)
      replicas.list([])
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      let record = try await world.recorder.chronicle.first { $0.kind == .controllerForgotten }
      #expect(record.message.contains("the directory lists it no more"))
      #expect(await keyEnds(scheduler, world).last != .some(nil))
    }
  }

  @Test("After a restart that finds the rotation waiting for one of them, it is waited for again, and ends")
  func restarted() async throws {
    let (world, replicas) = try world()
    replicas.setPaused(Self.other, true)
    try await world.whileRunning { scheduler in
      var progress: [RotationProgress] = []
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        progress.append(step)
        if progress.areAllProven(world) { break }
      }
    }
    replicas.setPaused(Self.other, false)
    try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
      #expect(await keyEnds(scheduler, world).last != .some(nil))
    }
    #expect(world.directory.passwordsSet == 1)
  }

  @Test("A full verification asks each of them, and one that issues nothing is a refusal by name")
  func verified() async throws {
    let (world, replicas) = try world([Self.other, Self.third])
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      replicas.setPaused(Self.third, true)
      replicas[Self.third]?.setReachable(false)
      let verdicts = Chronicle<ProofVerdict>()
      try await scheduler.verify(world.account, isFull: true) { verdicts.append($0) }
      #expect(verdicts.entries.count == 3 * 3 * 2)
      #expect(Set(verdicts.entries.filter { $0.fault != nil }.map(\.domainController)) == [Self.third])
      #expect(Set(verdicts.entries.filter { $0.fault == nil }.map(\.domainController)) == ["dc1.lab.example", Self.other])
    }
  }
}

extension [RotationProgress] {
  /// Whether the last step was that of the last node that accepts the new key.
  fileprivate func areAllProven(_ world: RotationWorld) -> Bool {
    let proven = count { if case .node(_, .proven, _) = $0 { true } else { false } }
    guard case .node(_, .proven, _)? = last else { return false }
    return proven == world.nodes.count
  }
}
