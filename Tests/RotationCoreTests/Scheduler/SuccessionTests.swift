import Foundation
import RotationCore
import RotationTestSupport
import SecretMemory
import Testing

@Suite("The scheduler: a domain controller that is gone for good", .timeLimit(.minutes(1)))
struct SuccessionTests {
  /// A world in which two rotations succeeded and the second never reached the controller that takes over.
  private func worldWithALostRotation() async throws -> RotationWorld {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let replica = world.directory.replica()
      _ = await world.rotate(on: scheduler)
      world.directory.fall(back: replica, to: "dc2")
    }
    return world
  }

  @Test("Until somebody says so, a controller that lacks the last rotation is not written to")
  func notForgotten() async throws {
    let world = try await worldWithALostRotation()
    try await world.whileRunning { scheduler in
      let ending = try #require(await world.rotate(on: scheduler).ending)
      #expect(ending.fault?.subject == "dc2.lab.example")
      #expect(ending.fault?.remedy.contains("asactl dc forget dc1.lab.example") == true)
    }
    #expect(world.directory.passwordsSet == 2)
  }

  @Test(
    "A rotation that finds a domain controller behind fails, and nodes go on getting their slots",
    arguments: ["before the claim", "between claim and password"])
  func controllerBehind(got: String) async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      var replica = world.directory.replica()
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        if case .phase("staging", _) = step, got != "before the claim" { replica = world.directory.replica() }
      }
      world.directory.fall(back: replica, to: "dc2")
      #expect(await world.rotate(on: scheduler).ending?.outcome == .failed)
      let mark = world.trace.entries.count
      world.fleet.detach(world.nodes[0])
      world.fleet.attach(world.nodes[0])
      try await world.trace.first(skipping: mark) { if case .ordered(world.nodes[0], _) = $0 { true } else { false } }
    }
    #expect(world.recorder.records(.storeBehind).isEmpty)
  }

  @Test(
    "The password that lived on the lost controller alone is set again under its own kvno, in a new era, and no key is dropped")
  func replayed() async throws {
    let world = try await worldWithALostRotation()
    try await world.whileRunning { scheduler in
      let receipt = try await scheduler.forget("DC1.lab.example.", of: world.account)
      #expect(receipt.replays == [KeyVersion(9)])
      #expect(receipt.successor == "dc2.lab.example")
      try await world.passTime(untilSuccessOn: "dc2.lab.example")
      #expect(world.directory.account.version == KeyVersion(9))
      #expect(world.directory.passwordsSet == 3)
      let stamp = try #require(world.directory.account.stamp.flatMap(Stamp.init))
      #expect(stamp.epoch.era == 2)
      for node in world.nodes { #expect(world.fleet[node].held.values.sorted().map(\.number) == [7, 8, 9]) }
      let next = try #require(await world.rotate(on: scheduler).ending)
      #expect(next.outcome == .succeeded)
      #expect(next.version == KeyVersion(10))
    }
    #expect(world.recorder.records(.controllerForgotten).count == 1)
  }

  @Test("An open rotation whose password may have been sent ends, keeps its key, and its password is set again")
  func openRotation() async throws {
    let world = try RotationWorld()
    let replica = world.directory.replica()
    world.directory.script(.commit, .hung(applied: true))
    try await world.whileRunning { scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.trace.first { if case .hung(.commit) = $0 { true } else { false } }
    }
    world.directory.fall(back: replica, to: "dc2")
    try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      let receipt = try await scheduler.forget("dc1.lab.example", of: world.account)
      #expect(receipt.replays == [KeyVersion(8)])
      try await world.passTime(untilSuccessOn: "dc2.lab.example")
    }
    #expect(world.recorder.endings.map(\.passwordChanged) == [nil, true])
    #expect(world.directory.account.version == KeyVersion(8))
    for node in world.nodes { #expect(world.fleet[node].held.values.sorted().map(\.number) == [7, 8]) }
  }

  @Test("A controller that still answers is not forgotten")
  func stillThere() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      await #expect(throws: OperatorFault.self) { try await scheduler.forget("dc1.lab.example", of: world.account) }
      await #expect(throws: OperatorFault.self) { try await scheduler.forget("dc9.lab.example", of: world.account) }
    }
  }

  @Test("A successor that issues under a key which is none of ours is refused")
  func foreignSuccessor() async throws {
    let world = try await worldWithALostRotation()
    world.directory.resetPasswordElsewhere()
    try await world.whileRunning { scheduler in
      await #expect { try await scheduler.forget("dc1.lab.example", of: world.account) } throws: { error in
        (error as? OperatorFault)?.problem.contains("none that this store knows") == true
      }
    }
    #expect(world.recorder.records(.controllerForgotten).isEmpty)
  }

  @Test("A password that somebody else has set on the successor ends the setting again of what stood under its kvno")
  func overtakenReplay() async throws {
    let world = try await worldWithALostRotation()
    try await world.whileRunning { scheduler in
      _ = try await scheduler.forget("dc1.lab.example", of: world.account)
      world.directory.resetPasswordElsewhere()
      try await world.passTime(untilSuccessOn: "dc2.lab.example")
    }
    #expect(world.directory.account.version == KeyVersion(10))
    for node in world.nodes { #expect(world.fleet[node].held.values.sorted().map(\.number) == [7, 8, 9, 10]) }
    let ledger = try #require(try await world.store.accounts().first?.ledger)
    #expect(ledger.nextReplay == nil)
  }

  /// A world put back to a backup with an open rotation for kvno 9, which its later self gave up for another one under the same kvno, on the
  /// controller that is lost.
  private func worldWithAStranger(_ stranger: RotationID) async throws -> RotationWorld {
    let world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    let replica = world.directory.replica()
    try await hang(.commit, in: world)
    for node in world.nodes {
      world.fleet.changeSlot(0, of: node) { report, keys in
        keys = ToyCryptography.keys(of: .random(count: 9), salt: "", encryptionTypes: [.aes256])
        (report.rotation, report.isProven) = (stranger, true)
        report.fingerprint = KeyFingerprint(of: keys, under: .random(count: 32))
      }
      world.fleet.follow(Epoch(era: 1, number: 20), on: node)
    }
    world.directory.fall(back: replica, to: "dc2")
    return world
  }

  @Test("A key that nodes hold under the kvno of one that is to be set again stays, gets an end, and then makes way")
  func stranger() async throws {
    let stranger = RotationID.make()
    let world = try await worldWithAStranger(stranger)
    try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      #expect(try await scheduler.forget("dc1.lab.example", of: world.account).replays == [KeyVersion(9)])
      try await world.passTime { world.recorder.endings.count == 3 }
      let ending = try #require(world.recorder.endings.last)
      #expect(ending.message.contains("it holds the key of rotation \(stranger) under that number"), "\(ending.message)")
      for node in world.nodes { #expect(world.fleet[node].held.values.sorted().map(\.number) == [7, 8, 9]) }
      #expect(world.directory.account.version == KeyVersion(8))
      world.clock.advance(by: 36_300)
      try await world.passTime(untilSuccessOn: "dc2.lab.example")
    }
    #expect(world.directory.account.version == KeyVersion(9))
    for node in world.nodes { #expect(world.fleet[node].held[stranger] == nil) }
  }

  @Test("Where a held key and an open rotation want the same kvno, forgetting is refused by name, with a way out")
  func sameVersionTwice() async throws {
    let world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    let replica = world.directory.replica()
    try await hang(.commit, in: world)
    let other = "asa1;1.90;\(RotationID.make());claimed;\(RotatorID.make())"
    world.directory.change { $0.stamp = other }
    try await world.whileRunning { _ in try await world.recorder.chronicle.first { $0.kind == .rotationFailed } }
    world.clock.advance(by: 600)
    try await hang(.claim, in: world, isTakeover: true)
    world.directory.fall(back: replica, to: "dc2")
    try await world.whileRunning { scheduler in
      await #expect { try await scheduler.forget("dc1.lab.example", of: world.account) } throws: { error in
        guard let fault = error as? OperatorFault else { return false }
        return fault.problem.contains("kvno 9 cannot be set again") && fault.remedy.contains("credential adopt")
      }
    }
  }

  /// Begins a rotation and stops the scheduler while this write is under way.
  private func hang(_ write: PortCall.Write, in world: RotationWorld, isTakeover: Bool = false) async throws {
    world.directory.script(write, .hung(applied: false))
    let mark = world.trace.entries.count
    try await world.whileRunning { scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false, isTakeover: isTakeover)
      try await world.trace.first(skipping: mark) { if case .hung(write) = $0 { true } else { false } }
    }
  }

  @Test("Passwords that cannot follow one another on the successor are not set again: it is refused, by kvno")
  func gap() async throws {
    let world = try RotationWorld()
    let replica = world.directory.replica()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.change { $0.version = KeyVersion(12) }
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      try await world.recorder.chronicle.first { $0.kind == .drift }
      world.directory.fall(back: replica, to: "dc2")
      await #expect { try await scheduler.forget("dc1.lab.example", of: world.account) } throws: { error in
        (error as? OperatorFault)?.problem.contains("kvno 12 cannot be set again after kvno 7") == true
      }
    }
    #expect(world.recorder.records(.controllerForgotten).isEmpty)
  }

  @Test("A claim that was open when its controller was lost keeps its key, though no node has it yet")
  func openClaim() async throws {
    let world = try RotationWorld()
    let replica = world.directory.replica()
    world.directory.script(.claim, .hung(applied: true))
    try await world.whileRunning { scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.trace.first { if case .hung(.claim) = $0 { true } else { false } }
    }
    let sealed = world.store.sealed
    world.directory.fall(back: replica, to: "dc2")
    try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      #expect(try await scheduler.forget("dc1.lab.example", of: world.account).replays == [KeyVersion(8)])
      try await world.passTime(untilSuccessOn: "dc2.lab.example")
    }
    #expect(sealed.count == 1 && world.store.sealed == sealed)
    for node in world.nodes { #expect(world.fleet[node].held.values.sorted().map(\.number) == [7, 8]) }
  }

  @Test("An account that is not configured has no controller to forget, and a value that is no stamp is not taken over")
  func refusedForget() async throws {
    let world = try await worldWithALostRotation()
    world.directory.change { $0.stamp = "somebody's note" }
    try await world.whileRunning { scheduler in
      let unknown = await #expect(throws: OperatorFault.self) {
        try await scheduler.forget("dc1.lab.example", of: AccountName("LAB\\OTHER$"))
      }
      #expect(unknown?.kind == .noInput)
      let unreadable = await #expect(throws: OperatorFault.self) {
        try await scheduler.forget("dc1.lab.example", of: world.account)
      }
      #expect(unreadable?.kind == .configuration)
    }
    #expect(world.recorder.records(.controllerForgotten).isEmpty)
  }

  @Test("A controller that took over while nothing was open and has everything begins a new era by itself")
  func movedInOrder() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.fall(back: world.directory.replica(), to: "dc2")
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
    #expect(world.directory.account.stamp.flatMap(Stamp.init)?.epoch.era == 2)
  }

  @Test("Without a stamp a rotation succeeds, leaves none, and settles a lost answer by the key", arguments: [true, false])
  func stampless(isApplied: Bool) async throws {
    var world = try RotationWorld()
    world.settings.stampAttribute = nil
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
    #expect(world.directory.account.stamp == nil)
    #expect(world.directory.passwordsSet == 1)
  }
}

extension RotationWorld {
  /// Lets time pass until a rotation has succeeded on this controller.
  fileprivate func passTime(untilSuccessOn controller: String) async throws {
    try await passTime { recorder.records(.rotationSucceeded).contains { $0.domainController == controller } }
  }

  /// Lets time pass, tick by tick, until something is so; while a rotation runs, time stands still.
  fileprivate func passTime(until isSo: () -> Bool) async throws {
    for _ in 1...2000 {
      let seen = recorder.chronicle.entries.count
      if isSo() { return }
      if recorder.records(.rotationStarted).count > recorder.endings.count {
        try await recorder.chronicle.first(skipping: seen) { $0.phase != nil }
      } else {
        let mark = clock.sleeps.entries.count
        clock.advance(by: 5)
        try await clock.sleeps.first(skipping: mark) { _ in true }
      }
    }
    Issue.record("it is not so: \(recorder.endings.map(\.message))")
  }
}
