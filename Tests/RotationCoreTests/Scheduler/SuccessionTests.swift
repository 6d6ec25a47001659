import Foundation
import RotationCore
import RotationTestSupport
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
  /// Lets time pass, tick by tick, until a rotation has succeeded on this controller; while one runs, time stands still.
  fileprivate func passTime(untilSuccessOn controller: String) async throws {
    for _ in 1...2000 {
      let seen = recorder.chronicle.entries.count
      if recorder.records(.rotationSucceeded).contains(where: { $0.domainController == controller }) { return }
      if recorder.records(.rotationStarted).count > recorder.endings.count {
        try await recorder.chronicle.first(skipping: seen) { $0.phase != nil }
      } else {
        let mark = clock.sleeps.entries.count
        clock.advance(by: 5)
        try await clock.sleeps.first(skipping: mark) { _ in true }
      }
    }
    Issue.record("no success on \(controller): \(recorder.endings.map(\.message))")
  }
}
