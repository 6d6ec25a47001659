import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: nodes that refuse, leave, return", .timeLimit(.minutes(1)))
struct NodeTroubleTests {
  private func lenient() throws -> RotationWorld {
    try RotationWorld(policy: RotationPolicy(every: .seconds(86_400), require: .atLeast(2)))
  }

  @Test("A node that refuses aborts: fenced first, then un-staged, kvno unmoved, the password destroyed")
  func refusingNode() async throws {
    let world = try RotationWorld()
    world.fleet.setTemper(of: world.nodes[1], to: .refusing("cannot write /etc/krb5.keytab"))
    try await world.whileRunning { scheduler in
      var stream = scheduler.rotate(world.account, isDryRun: false).makeAsyncIterator()
      while let step = await stream.next() {
        if case .phase("unstaging", _) = step { world.fleet.setTemper(of: world.nodes[1], to: .obedient) }
        if case .phase("unstaging", _) = step { world.clock.advance(by: 10) }
      }
    }
    #expect(world.directory.account.version == KeyVersion(7))
    let stamp = try #require(world.directory.account.stamp.flatMap { Stamp($0) })
    #expect(stamp.state == .aborted)
    #expect(world.store.sealed.isEmpty)
    #expect(world.store.destroyed == [stamp.rotation])
    for node in [world.nodes[0], world.nodes[2]] { #expect(world.fleet[node].held == [.adopted(KeyVersion(7)): KeyVersion(7)]) }
    let record = try #require(world.recorder.endings.first)
    #expect(record.kind == .rotationFailed)
    #expect(record.nodes.contains(world.nodes[1]))
    #expect(record.message.contains("cannot write /etc/krb5.keytab"))
  }

  @Test("A node whose agent dies while it tries the new ticket is waited for, and asked again when it is back")
  func lostInProof() async throws {
    var world = try RotationWorld()
    let (fleet, node) = (world.fleet, world.nodes[2])
    let proofs = Chronicle<Boundary>()
    world.reached = { boundary in
      if boundary == .before(.claim) { fleet.setTemper(of: node, to: .mute) }
      if boundary == .after(.prove) { proofs.append(boundary) }
    }
    let ending = try await world.whileRunning { scheduler in
      let stream = scheduler.rotate(world.account, isDryRun: false)
      try await proofs.first(skipping: world.nodes.count - 1) { _ in true }
      fleet.detach(node)
      fleet.setTemper(of: node, to: .obedient)
      fleet.attach(node)
      return await stream.reduce(into: [RotationProgress]()) { $0.append($1) }.ending
    }
    #expect(ending?.outcome == .succeeded)
  }

  @Test("A node that claims to hold the key without holding it is found out by its checksum")
  func lyingNode() async throws {
    let world = try lenient()
    world.fleet.setTemper(of: world.nodes[1], to: .lying)
    let ending = try #require(try await world.whileRunning { await world.rotate(on: $0) }.ending)
    #expect(ending.outcome == .degraded)
    #expect(ending.nodes == [world.nodes[1]])
    #expect(ending.fault?.problem.contains("gave no valid checksum") == true)
  }

  @Test("With two of three required a stopped node makes it degraded, and it is caught up when it returns, without waiting")
  func lateNode() async throws {
    let world = try lenient()
    world.fleet.detach(world.nodes[2])
    try await world.whileRunning { scheduler in
      let ending = try #require(await world.rotate(on: scheduler).ending)
      #expect(ending.outcome == .degraded)
      #expect(ending.nodes == [world.nodes[2]])
      world.fleet.attach(world.nodes[2])
      let recovered = try await world.recorder.chronicle.first { $0.kind == .nodeRecovered }
      #expect(recovered.nodes == [world.nodes[2]])
    }
    #expect(world.fleet[world.nodes[2]].held.values.sorted().map(\.number) == [7, 8])
  }

  @Test("A node that returns to another rotator process is caught up just the same")
  func lateNodeAfterRestart() async throws {
    let world = try lenient()
    world.fleet.detach(world.nodes[2])
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    try await world.whileRunning { _ in
      world.fleet.attach(world.nodes[2])
      try await world.recorder.chronicle.first { $0.kind == .nodeRecovered && $0.nodes == [world.nodes[2]] }
    }
    #expect(world.fleet[world.nodes[2]].held.values.contains(KeyVersion(8)))
  }

  @Test("A late node that refuses to catch up is recorded as behind, once")
  func stubbornNode() async throws {
    let world = try lenient()
    world.fleet.detach(world.nodes[2])
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.fleet.setTemper(of: world.nodes[2], to: .refusing("is full"))
      world.fleet.attach(world.nodes[2])
      try await world.recorder.chronicle.first { $0.kind == .nodeBehind }
      for _ in 1...3 {
        let mark = world.trace.entries.count
        world.clock.advance(by: 5)
        try await world.trace.first(skipping: mark) { if case .ordered(world.nodes[2], _) = $0 { true } else { false } }
      }
      world.fleet.setTemper(of: world.nodes[2], to: .obedient)
      world.clock.advance(by: 5)
      try await world.recorder.chronicle.first { $0.kind == .nodeRecovered }
    }
    #expect(world.recorder.records(.nodeBehind).count == 1)
    #expect(world.recorder.records(.nodeRecovered).count == 1)
  }

  @Test("A required node that goes away while staging and stays away aborts at the deadline")
  func detachWhileStaging() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        switch step {
        case .phase("claiming", _): world.fleet.setTemper(of: world.nodes[2], to: .silent)
        case .phase("staging", _):
          world.fleet.detach(world.nodes[2])
        case .node(world.nodes[2], .failed, _): world.clock.advance(by: 60)
        case .phase("unstaging", _): world.clock.advance(by: 10)
        default: break
        }
      }
    }
    let record = try #require(world.recorder.endings.first)
    #expect(record.kind == .rotationFailed)
    #expect(record.nodes.contains(world.nodes[2]))
    #expect(record.phase == "staging")
    #expect(world.directory.account.version == KeyVersion(7))
  }

  @Test("A node that attaches in the middle of a rotation takes part in it")
  func attachWhileStaging() async throws {
    let world = try lenient()
    world.fleet.detach(world.nodes[2])
    world.directory.script(.commit, .notSent)
    let progress = try await world.whileRunning { scheduler in
      var progress: [RotationProgress] = []
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        progress.append(step)
        if case .phase("committing", _) = step { world.fleet.attach(world.nodes[2]) }
        if case .phase("committing", _) = step {
          try await world.trace.first { if case .ordered(world.nodes[2], _) = $0 { true } else { false } }
          world.clock.advance(by: 1)
        }
      }
      return progress
    }
    #expect(progress.ending?.outcome == .succeeded)
  }

  @Test("A revoked node is cut off, not waited for, and holds up neither this rotation nor the next")
  func revoke() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      let receipt = try await scheduler.revoke(world.nodes[2])
      #expect(receipt.wasAttached)
      #expect(await scheduler.nodeSnapshot().last?.connection == .revoked)
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
    #expect(world.recorder.records(.nodeRefused).map(\.nodes) == [[world.nodes[2]]])
    #expect(!world.fleet[world.nodes[2]].held.values.contains(KeyVersion(8)))
  }

  @Test("Revoked while the rotation waits for it, a node leaves the required set at once")
  func revokeWhileStaging() async throws {
    let world = try RotationWorld()
    let outcome = try await world.whileRunning { scheduler in
      var outcome: RotationOutcome?
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        switch step {
        case .phase("claiming", _): world.fleet.setTemper(of: world.nodes[2], to: .silent)
        case .phase("staging", _): _ = try await scheduler.revoke(world.nodes[2])
        case .ended(_, let ending): outcome = ending.outcome
        default: break
        }
      }
      return outcome
    }
    #expect(outcome == .succeeded)
  }

  @Test("A node of no array cannot be revoked")
  func revokeStranger() async throws {
    let world = try RotationWorld()
    let stranger = try NodeName("stranger.lab.example")
    let fault = try await world.whileRunning { scheduler in
      await #expect(throws: OperatorFault.self) { _ = try await scheduler.revoke(stranger) }
    }
    #expect(fault?.kind == .noInput)
  }

  @Test("After the daemon has stopped, requests are answered and not left waiting")
  func stopped() async throws {
    let world = try RotationWorld()
    let scheduler = try await world.whileRunning { $0 }
    #expect(await world.rotate(on: scheduler).refusal?.kind == .temporary)
    await #expect(throws: OperatorFault.self) { _ = try await scheduler.revoke(world.nodes[0]) }
  }
}
