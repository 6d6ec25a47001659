import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: taking an account over from a dead claimant", .timeLimit(.minutes(1)))
struct TakeoverTests {
  private static func stamp(_ number: UInt64, of rotator: RotatorID? = RotatorID("rotator-x")) throws -> Stamp {
    Stamp(
      epoch: Epoch(era: 1, number: number), rotation: try #require(RotationID("rotation-x")), state: .claimed,
      rotator: try #require(rotator))
  }

  /// A world that has rotated once, with somebody else's claim on the account.
  private func claimedElsewhere(_ number: UInt64 = 9) async throws -> RotationWorld {
    let world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    let stamp = try Self.stamp(number)
    world.directory.change { $0.stamp = stamp.description }
    return world
  }

  private func takeOver(_ world: RotationWorld, isDryRun: Bool = false) async throws -> [RotationProgress] {
    try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      return await world.rotate(on: scheduler, isDryRun: isDryRun, isTakeover: true)
    }
  }

  @Test("Without the word the refusal names the command, with it the rotation goes through and says whom it followed")
  func word() async throws {
    let world = try await claimedElsewhere()
    try await world.whileRunning { scheduler in
      let behind = try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      #expect(behind.message.contains("asactl rotate --take-over"))
      #expect(await world.rotate(on: scheduler).ending?.fault?.remedy.contains("asactl rotate --take-over") == true)
      #expect(await world.rotate(on: scheduler, isTakeover: true).ending?.outcome == .succeeded)
      #expect(await scheduler.snapshot().first?.gateFault == nil)
      #expect(await scheduler.standingAlarms.allSatisfy { $0.endedAt != nil })
    }
    let record = try #require(world.recorder.records(.accountTakenOver).first)
    #expect(record.message.contains("rotator-x") && record.message.contains("rotation-x"))
    let stamp = try #require(world.directory.account.stamp.flatMap { Stamp($0) })
    #expect(stamp.state == .done && stamp.epoch > Epoch(era: 1, number: 9))
    #expect(world.directory.account.version == KeyVersion(9))
  }

  @Test("A claim of our own id that this store does not know is taken over the same way")
  func ownGhost() async throws {
    let world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    let ghost = try Self.stamp(20, of: try await world.store.identity().rotator)
    world.directory.change { $0.stamp = ghost.description }
    #expect(try await takeOver(world).ending?.outcome == .succeeded)
  }

  @Test("A rotator that lost the account with a key staged takes it back, though no node has had an order of it since")
  func takenBack() async throws {
    let world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    world.directory.script(.commit, .hung(applied: false))
    try await world.whileRunning { scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.trace.first { if case .hung(.commit) = $0 { true } else { false } }
    }
    let stamp = try Self.stamp(90)
    world.directory.change { $0.stamp = stamp.description }
    try await world.whileRunning { _ in try await world.recorder.chronicle.first { $0.kind == .rotationFailed } }
    world.clock.advance(by: 600)
    #expect(try await takeOver(world).ending?.outcome == .succeeded)
    #expect(world.directory.account.version == KeyVersion(9))
  }

  @Test("A dry run names the one who is taken over from, and changes nothing")
  func dryRun() async throws {
    let world = try await claimedElsewhere()
    let progress = try await takeOver(world, isDryRun: true)
    let plans = progress.compactMap { step in if case .planned(let plan) = step { plan } else { nil } }
    #expect(plans.first?.warnings.contains { $0.contains("rotator-x") } == true)
    #expect(world.directory.account.stamp == (try Self.stamp(9)).description)
  }

  @Test("A newer password, or another one under the same kvno, is storeBehind and names the way out", arguments: [8, 9])
  func keyChanged(version: UInt32) async throws {
    let world = try await claimedElsewhere()
    world.directory.resetPasswordElsewhere()
    world.directory.change { $0.version = KeyVersion(version) }
    // What the nodes hold opens no ticket then, which is a refusal of its own: the store's own word is looked for.
    let fault = try #require(try await takeOver(world).ending?.fault)
    #expect(fault.kind == .data && fault.problem.contains("storeBehind"), "\(fault)")
    #expect(fault.remedy.contains("asactl credential adopt --from NODE"))
    #expect(world.directory.account.stamp == (try Self.stamp(9)).description)
    #expect(world.recorder.records(.accountTakenOver).isEmpty)
  }

  @Test("With nobody to take it over from the word is refused")
  func nobody() async throws {
    let world = try RotationWorld()
    let ending = try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      return await world.rotate(on: scheduler, isTakeover: true).ending
    }
    #expect(ending?.fault?.kind == .usage)
    #expect(world.directory.account.version == KeyVersion(8))
  }

  @Test("Without a stamp there is nobody whom it could be taken from")
  func stampless() async throws {
    var world = try RotationWorld()
    world.settings.stampAttribute = nil
    let ending = try await world.whileRunning { [world] in await world.rotate(on: $0, isTakeover: true).ending }
    #expect(ending?.fault?.kind == .usage)
    #expect(ending?.fault?.problem.contains("without a stamp") == true)
    #expect(world.directory.passwordsSet == 0)
  }

  @Test("A stamp that leaves no epoch above it, and a value that is none, are not followed; the way out is named")
  func unusable() async throws {
    let world = try await claimedElsewhere(.max)
    let fault = try #require(try await takeOver(world).ending?.fault)
    #expect(fault.kind == .data && fault.problem.contains("leaves no epoch to follow it"))
    #expect(fault.remedy.contains("clear the attribute"))
    world.directory.change { $0.stamp = "somebody's note" }
    let other = try #require(try await world.whileRunning { await world.rotate(on: $0, isTakeover: true) }.ending?.fault)
    #expect(other.kind == .configuration && other.remedy.contains("stampAttribute"))
    #expect(world.directory.passwordsSet == 1)
  }

  @Test("Two rotators do not take the account from each other without end: the second time within ten minutes is refused")
  func pingPong() async throws {
    let world = try await claimedElsewhere()
    #expect(try await takeOver(world).ending?.outcome == .succeeded)
    let again = try Self.stamp(40)
    world.directory.change { $0.stamp = again.description }
    let refusal = try await takeOver(world).refusal
    #expect(refusal?.kind == .temporary)
    #expect(refusal?.remedy.contains("2025-06-15T15:16:40Z") == true, "\(String(describing: refusal))")
    world.clock.advance(by: 600)
    #expect(try await takeOver(world).ending?.outcome == .succeeded)
  }

  @Test("A takeover whose claim is refused leaves the other one's stamp, pushes nothing and does not speak for the account")
  func claimRefused() async throws {
    let world = try await claimedElsewhere()
    world.directory.script(.claim, .refused(.accessDenied))
    let mark = world.trace.entries.count
    try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      #expect(await world.rotate(on: scheduler, isTakeover: true).ending?.outcome == .failed)
      let attachMark = world.trace.entries.count
      world.fleet.detach(world.nodes[0])
      world.fleet.attach(world.nodes[0])
      try await world.saw(world.nodes[0], since: attachMark)
      try await world.tick()
      #expect(await scheduler.snapshot().first?.gateFault != nil)
    }
    #expect(world.trace.entries.dropFirst(mark).allSatisfy { if case .ordered = $0 { false } else { true } })
    #expect(world.recorder.records(.accountTakenOver).isEmpty)
    #expect(try await world.store.accounts().first?.knownStamp?.description != world.directory.account.stamp)
  }

  @Test("A crash while the claim is under way: after the restart the same claim is recognised, and nothing went out before")
  func crashWhileClaiming() async throws {
    let world = try await claimedElsewhere()
    world.directory.script(.claim, .hung(applied: true))
    let mark = world.trace.entries.count
    try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      _ = scheduler.rotate(world.account, isDryRun: false, isTakeover: true)
      try await world.trace.first(skipping: mark) { if case .hung(.claim) = $0 { true } else { false } }
    }
    #expect(world.trace.entries.dropFirst(mark).allSatisfy { if case .ordered = $0 { false } else { true } })
    try await world.whileRunning { _ in
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded && $0.version == KeyVersion(9) }
    }
    #expect(world.recorder.records(.accountTakenOver).count == 1)
  }

  @Test("What the dead claimant staged under the kvno that ours gets is dropped by name; the claim is above every node's epoch")
  func stagedByTheDead() async throws {
    let world = try await claimedElsewhere()
    let dead = try #require(RotationID("rotation-x"))
    for node in world.nodes { world.fleet.stage(dead, version: KeyVersion(9), under: Epoch(era: 1, number: 77), on: node) }
    let mark = world.trace.entries.count
    #expect(try await takeOver(world).ending?.outcome == .succeeded)
    let orders = world.trace.entries.dropFirst(mark).compactMap { call in
      if case .ordered(_, let order) = call { order } else { nil }
    }
    #expect(!orders.isEmpty && orders.allSatisfy { $0.drop.contains(dead) && $0.epoch > Epoch(era: 1, number: 77) })
    for node in world.nodes { #expect(world.fleet[node].held[dead] == nil) }
  }
}
