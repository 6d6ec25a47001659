import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: whole rotations", .timeLimit(.minutes(1)))
struct RotationTests {
  @Test("Two rotations: kvno n, n+1, n+2, each proven on every node, each with one terminal record")
  func twoRotations() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      for version in [UInt32(8), 9] {
        let ending = try #require(await world.rotate(on: scheduler).ending)
        #expect(ending.outcome == .succeeded)
        #expect(ending.version == KeyVersion(version))
        for node in world.nodes { #expect(world.fleet[node].held.values.contains(KeyVersion(version))) }
      }
    }
    #expect(world.recorder.endings.map(\.kind) == [.rotationSucceeded, .rotationSucceeded])
    #expect(world.directory.account.version == KeyVersion(9))
    #expect(world.directory.passwordsSet == 2)
    for node in world.nodes { #expect(world.fleet[node].held.values.sorted().map(\.number) == [7, 8, 9]) }
  }

  @Test("A watcher sees every phase in order")
  func phases() async throws {
    let world = try RotationWorld()
    let progress = try await world.whileRunning { await world.rotate(on: $0) }
    #expect(
      progress.phases == ["preflight", "claiming", "staging", "committing", "checking", "proving"])
  }

  @Test("The found key is Latest before the first rotation and Previous after it, though no node has reported it proven")
  func adoption() async throws {
    let world = try RotationWorld()
    let snapshot = try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      return await scheduler.snapshot()
    }
    let slots = try #require(snapshot.first?.nodes.first?.slots)
    #expect(slots.map(\.position) == [.latest, .previous])
    #expect(slots.map(\.version.number) == [8, 7])
    #expect(slots.last?.rotation.isAdopted == true)
  }

  @Test("Nodes without any key are taken in by the first rotation")
  func onboarding() async throws {
    let world = try RotationWorld(isOnboarding: true)
    let progress = try await world.whileRunning { await world.rotate(on: $0) }
    #expect(progress.ending?.outcome == .succeeded)
  }

  @Test("A dry run shows the plan and changes nothing: not the directory, not a node, not the store")
  func dryRun() async throws {
    let world = try RotationWorld()
    let progress = try await world.whileRunning { await world.rotate(on: $0, isDryRun: true) }
    guard case .planned(let plan)? = progress.dropFirst().first, case .dryRunEnded? = progress.last else {
      Issue.record("unexpected \(progress)")
      return
    }
    #expect(plan.plannedVersion == KeyVersion(8))
    #expect(world.directory.account.stamp == nil)
    #expect(world.store.sealed.isEmpty)
    #expect(world.recorder.chronicle.entries.isEmpty)
    #expect(world.trace.entries.allSatisfy { if case .ordered = $0 { false } else { true } })
    let tried = world.trace.entries.compactMap { if case .tried(let node) = $0 { node } else { nil } }
    #expect(Set(tried) == Set(world.nodes), "nodes take no note of what they try")
    let record = try #require(try await world.store.accounts().first)
    #expect(record.ledger == SlotLedger())
    #expect(record.rotation == nil)
  }

  @Test("Of two requests at once one is refused, and only one rotation happens")
  func twoRequests() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      let streams = [scheduler.rotate(world.account, isDryRun: false), scheduler.rotate(world.account, isDryRun: false)]
      var runs: [[RotationProgress]] = []
      for stream in streams { runs.append(await stream.reduce(into: []) { $0.append($1) }) }
      #expect(runs[0].ending?.outcome == .succeeded)
      #expect(runs[1].refusal?.kind == .temporary)
    }
    #expect(world.recorder.endings.count == 1)
    #expect(world.directory.account.version == KeyVersion(8))
  }

  @Test("An account that is not configured is refused")
  func unknownAccount() async throws {
    let world = try RotationWorld()
    let other = try AccountName("LAB\\OTHER$")
    let refusal = try await world.whileRunning { scheduler in
      await scheduler.rotate(other, isDryRun: false).reduce(into: [RotationProgress]()) { $0.append($1) }.refusal
    }
    #expect(refusal?.kind == .noInput)
  }

  @Test("Verify lets every node accept a ticket for every SPN and changes nothing")
  func verify() async throws {
    let world = try RotationWorld()
    world.fleet.setTemper(of: world.nodes[1], to: .rejectingTickets)
    let verdicts = Chronicle<ProofVerdict>()
    try await world.whileRunning { try await $0.verify(world.account) { verdicts.append($0) } }
    #expect(verdicts.entries.count == 6)
    #expect(Set(verdicts.entries.filter { $0.fault != nil }.map(\.node)) == [world.nodes[1]])
    #expect(world.directory.account.stamp == nil)
  }

  @Test("Nothing leaves the rotator before the state that it belongs to is durable")
  func persistedFirst() async throws {
    let world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    var phase: RotationMachine.Phase?
    var sealed: Set<RotationID> = []
    var ordersOf: Epoch = .zero
    for call in world.trace.entries {
      switch call {
      case .committed(let change):
        if let account = change.account { (phase, ordersOf) = (account.rotation?.phase, account.ledger.epoch) }
        sealed.formUnion(change.seal.keys)
      case .wrote(.claim): #expect(phase == .claiming && sealed.count == 1)
      case .wrote(.commit): #expect(phase == .committing)
      case .wrote(.fence): Issue.record("nothing was to be fenced")
      case .ordered(_, let order): #expect(order.epoch <= ordersOf)
      case .remembered, .challenged, .tried, .hung, .gaveTurn, .leftBehind, .toldToRemove: break
      }
    }
    #expect(phase == nil)
  }
}
