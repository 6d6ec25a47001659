import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: compromised keys", .timeLimit(.minutes(1)))
struct CompromiseTests {
  private static let other = "dc2.lab.example"

  private func world(_ change: (inout RotationPolicy) -> Void = { _ in }) throws -> RotationWorld {
    var policy = RotationPolicy(every: .seconds(86_400 * 30))
    change(&policy)
    return try RotationWorld(policy: policy)
  }

  private func expectAlone(_ version: UInt32, on nodes: [NodeName], of world: RotationWorld) async throws {
    for node in nodes {
      try await world.trace.first { call in
        guard case .ordered(node, let order) = call else { return false }
        return order.slots.map(\.version.number) == [version] && !order.drop.isEmpty
      }
      #expect(world.fleet[node].reports.map(\.version.number) == [version])
    }
  }

  @Test(
    "Every older key is destroyed on every node and in the store as soon as the new one is proven, whatever becomes of Previous",
    arguments: [RotationPolicy.PreviousRetention.ticketLifetime, .keep])
  func destroyed(previous: RotationPolicy.PreviousRetention) async throws {
    let world = try world { $0.previous = previous }
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let (old, rotation) = (try await world.ticket(), try #require(world.store.sealed.first))
      let ending = try #require(await world.rotate(on: scheduler, compromise: Compromise(reason: "stolen")).ending)
      #expect(ending.outcome == .succeeded)
      #expect(ending.compromised?.dropped == [KeyVersion(7), KeyVersion(8)] && ending.compromised?.kept == [])
      try await expectAlone(9, on: world.nodes, of: world)
      #expect(world.store.destroyed.contains(rotation))
      #expect(try await !world.isAcceptedEverywhere(old))
      #expect(try await world.isAcceptedEverywhere(try await world.ticket()))
    }
    let terminal = try #require(world.recorder.endings.last)
    #expect(terminal.message.contains("Compromised (stolen): kvno 7, 8 were destroyed"))
    #expect(world.recorder.records(.rotationStarted).last?.message.contains("its keys are compromised: stolen") == true)
  }

  @Test("The plan says who is refused, under which kvnos and until when at most, and changes nothing")
  func plan() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let progress = await world.rotate(
        on: scheduler, isDryRun: true, compromise: Compromise(reason: "stolen", shutOut: [world.nodes[2]]))
      let plan = try #require(progress.plan)
      #expect(plan.dropped == [KeyVersion(7), KeyVersion(8)] && plan.shutOut == [world.nodes[2]])
      #expect(plan.refusedUntil == world.clock.now().addingTimeInterval(36_300))
      #expect(plan.participants == Array(world.nodes.prefix(2)) && plan.absent.isEmpty)
      #expect(plan.warnings.contains { $0.contains("refuses clients that hold tickets of kvno 7, 8") })
      #expect(plan.warnings.contains { $0.contains("cas-3.lab.example is revoked first") })
      #expect(await scheduler.nodeSnapshot().allSatisfy { $0.connection == .attached })
    }
    #expect(world.directory.passwordsSet == 1)
  }

  @Test("A node that is shut out is revoked before anything else and never gets the new key")
  func shutOut() async throws {
    let world = try world()
    let stolen = world.nodes[2]
    try await world.whileRunning { scheduler in
      let ending = await world.rotate(
        on: scheduler, compromise: Compromise(reason: "stolen", shutOut: [stolen])
      ).ending
      #expect(ending?.outcome == .succeeded)
      #expect(await scheduler.nodeSnapshot().first { $0.node == stolen }?.connection == .revoked)
    }
    #expect(world.fleet[stolen].reports.map(\.version.number) == [7])
    let kinds = world.recorder.chronicle.entries.map(\.kind)
    let (revoked, started) = (kinds.firstIndex(of: .nodeRefused), kinds.firstIndex(of: .rotationStarted))
    #expect(try #require(revoked) < (try #require(started)))
  }

  @Test("A node that is shut out and in no array is refused by name, and nobody is revoked")
  func stranger() async throws {
    let world = try world()
    let stranger = try NodeName("cas-9.lab.example")
    try await world.whileRunning { scheduler in
      let refusal = await world.rotate(
        on: scheduler, compromise: Compromise(reason: "x", shutOut: [world.nodes[0], stranger])
      ).refusal
      #expect(refusal?.kind == .noInput && refusal?.subject == "node cas-9.lab.example")
      #expect(await scheduler.nodeSnapshot().allSatisfy { $0.connection == .attached })
    }
  }

  @Test("Where too few nodes would be left nobody is revoked, and nothing begins")
  func tooManyShutOut() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      let refusal = await world.rotate(on: scheduler, compromise: Compromise(reason: "x", shutOut: world.nodes)).refusal
      #expect(refusal?.kind == .unavailable)
      #expect(await scheduler.nodeSnapshot().allSatisfy { $0.connection == .attached })
    }
    #expect(world.recorder.records(.rotationStarted).isEmpty)
  }

  @Test("While a domain controller issues under the old key it is kept, and destroyed as soon as that one has converged")
  func lagging() async throws {
    let (world, replicas) = try lagging(dropsAtOnce: false)
    try await world.whileRunning { scheduler in
      let ending = try await rotateBehind(world, Compromise(reason: "stolen"), on: scheduler)
      #expect(ending.outcome == .degraded && ending.compromised?.dropped == [] && ending.compromised?.kept == [KeyVersion(7)])
      #expect(world.recorder.endings.last?.message.contains("kvno 7 is not destroyed yet") == true)
      replicas.setPaused(Self.other, false)
      try await world.untilControllerConverged()
      try await world.tick()
      let record = try await world.recorder.chronicle.first { $0.kind == .keyRetired }
      #expect(record.message.contains("it was compromised"))
      try await expectAlone(8, on: world.nodes, of: world)
    }
  }

  @Test("With --drop-now it is destroyed all the same")
  func dropNow() async throws {
    let (world, _) = try lagging(dropsAtOnce: true)
    try await world.whileRunning { scheduler in
      let ending = try await rotateBehind(world, Compromise(reason: "stolen", dropsAtOnce: true), on: scheduler)
      #expect(ending.outcome == .degraded && ending.compromised?.dropped == [KeyVersion(7)])
      try await expectAlone(8, on: world.nodes, of: world)
    }
  }

  @Test("The plan names the domain controller that lags, and what --drop-now would do", arguments: [false, true])
  func planOfLag(dropsAtOnce: Bool) async throws {
    let (world, replicas) = try lagging(dropsAtOnce: dropsAtOnce)
    replicas[Self.other]?.setReachable(false)
    let progress = try await world.whileRunning { scheduler in
      await world.rotate(on: scheduler, isDryRun: true, compromise: Compromise(reason: "x", dropsAtOnce: dropsAtOnce))
    }
    let words = dropsAtOnce ? "with --drop-now every node refuses them" : "--drop-now does not wait"
    #expect(progress.plan?.warnings.contains { $0.contains(Self.other) && $0.contains(words) } == true)
  }

  @Test("A node that was away destroys its older keys when it returns")
  func late() async throws {
    let world = try world { $0.require = .atLeast(2) }
    let late = world.nodes[2]
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.fleet.detach(late)
      let ending = await world.rotate(on: scheduler, compromise: Compromise(reason: "stolen")).ending
      #expect(ending?.outcome == .degraded && ending?.compromised?.dropped == [KeyVersion(7), KeyVersion(8)])
      #expect(world.fleet[late].reports.map(\.version.number) == [8, 7])
      world.fleet.attach(late)
      try await expectAlone(9, on: [late], of: world)
    }
  }

  @Test("Where the new key is not proven on enough nodes the older ones stay, and the record says so")
  func unproven() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      for await step in scheduler.rotate(world.account, isDryRun: false, compromise: Compromise(reason: "stolen")) {
        if case .phase("committing", _) = step {
          for node in world.nodes { world.fleet.setTemper(of: node, to: .rejectingTickets) }
        }
      }
      let ending = try #require(world.recorder.endings.last)
      #expect(ending.kind == .rotationFailed && ending.message.contains("kvno 7 is not destroyed yet"))
      for node in world.nodes { #expect(world.fleet[node].reports.map(\.version.number) == [8, 7]) }
    }
  }

  @Test("The rotation after it keeps Previous for as long as its tickets live")
  func afterwards() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler, compromise: Compromise(reason: "stolen"))
      let old = try await world.ticket()
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
      try await world.tick()
      #expect(try await world.isAcceptedEverywhere(old))
    }
  }

  @Test("A pause and a closed window hold nobody who has lost a key")
  func atOnce() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = try await scheduler.pause([world.account], SchedulePause(reason: "x", since: world.clock.now(), until: nil))
      #expect(await world.rotate(on: scheduler, compromise: Compromise(reason: "stolen")).ending?.outcome == .succeeded)
    }
  }

  private func lagging(dropsAtOnce: Bool) throws -> (RotationWorld, FakeReplicaSource) {
    var world = try world()
    let replicas = FakeReplicaSource([Self.other], of: world.directory, realm: world.settings.realm, clock: world.clock)
    world.settings.replicas = replicas
    replicas.setPaused(Self.other, true)
    return (world, replicas)
  }

  /// Rotates, and lets the time for proofs pass as soon as nodes have proven the new key.
  private func rotateBehind(
    _ world: RotationWorld, _ compromise: Compromise, on scheduler: RotationScheduler
  ) async throws -> RotationEnding {
    var progress: [RotationProgress] = []
    var proven = 0
    for await step in scheduler.rotate(world.account, isDryRun: false, compromise: compromise) {
      progress.append(step)
      if case .node(_, .proven, _) = step { proven += 1 }
      if proven == world.nodes.count { world.clock.advance(by: 61) }
    }
    return try #require(progress.ending)
  }
}

extension [RotationProgress] {
  var plan: PlanSummary? {
    for case .planned(let plan) in self { return plan }
    return nil
  }
}
