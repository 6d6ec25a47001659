import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: keys that are copied to nodes", .timeLimit(.minutes(1)))
struct CopyTests {
  private struct Result {
    var targets: [NodeName] = []
    var confirmed: [NodeName: [UInt32]] = [:]
    var failed: [NodeName: OperatorFault] = [:]
    var refusal: OperatorFault?
  }

  private func copy(
    _ scheduler: RotationScheduler, from source: NodeName? = nil, to nodes: [NodeName], isDryRun: Bool = false
  ) async -> Result {
    var result = Result()
    let scope = RotationScope.nodes(nodes.map { NamePattern($0.description) })
    for await progress in scheduler.copyCredentials(of: nil, from: source, to: scope, isDryRun: isDryRun) {
      switch progress {
      case .begun(let places): result.targets = places.map(\.node)
      case .confirmed(let place, let slots): result.confirmed[place.node] = slots.map(\.version.number)
      case .failed(let place, let fault): result.failed[place.node] = fault
      case .refused(let fault): result.refusal = fault
      }
    }
    return result
  }

  private func remove(_ node: NodeName, _ scheduler: RotationScheduler) async throws {
    _ = try await scheduler.remove(
      RemovalRequest(account: nil, nodes: [NamePattern(node.description)], isAll: false, isDryRun: false))
  }

  @Test("A node from which the keys were removed holds the rotator's again, and confirms it")
  func givenBack() async throws {
    let world = try RotationWorld()
    let node = world.nodes[2]
    try await world.whileRunning { scheduler in
      for _ in 1...2 { _ = await world.rotate(on: scheduler) }
      try await remove(node, scheduler)
      let result = await copy(scheduler, from: world.nodes[0], to: [node])
      #expect(result.targets == [node])
      #expect(result.confirmed == [node: [9, 8]], "the key that it came with is nowhere any more")
      #expect(result.failed.isEmpty && result.refusal == nil)
      #expect(await scheduler.snapshot().first?.nodes.allSatisfy { $0.removedAt == nil && !$0.isBehind } == true)
    }
    #expect(world.recorder.records(.credentialCopied).map(\.nodes) == [[node]])
    #expect(world.directory.account.version == KeyVersion(9))
  }

  @Test("Nodes that hold everything confirm it anew; a node that is away is named and told when it is back")
  func someAway() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      try await remove(world.nodes[2], scheduler)
      world.fleet.detach(world.nodes[2])
      let result = await copy(scheduler, to: world.nodes)
      #expect(Set(result.confirmed.keys) == Set(world.nodes.prefix(2)))
      #expect(result.failed[world.nodes[2]]?.kind == .unavailable)
      let mark = world.trace.entries.count
      world.fleet.attach(world.nodes[2])
      try await world.trace.first(skipping: mark) { if case .ordered(world.nodes[2], _) = $0 { true } else { false } }
    }
    #expect(world.fleet[world.nodes[2]].held.values.contains(KeyVersion(8)))
  }

  @Test("A node that refuses is named with its reason")
  func refusing() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.fleet.setTemper(of: world.nodes[1], to: .refusing("the disk is full"))
      let result = await copy(scheduler, to: Array(world.nodes.prefix(2)))
      #expect(result.failed[world.nodes[1]]?.problem == "the disk is full")
      #expect(result.confirmed[world.nodes[0]] != nil)
    }
  }

  @Test("A node to copy from that does not hold the rotator's slots is refused, and nobody is told anything")
  func unfitSource() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      try await remove(world.nodes[0], scheduler)
      let result = await copy(scheduler, from: world.nodes[0], to: [world.nodes[1]])
      #expect(result.refusal?.subject == "node cas-1.lab.example")
      #expect(result.refusal?.problem.contains("removed") == true)
      #expect(result.targets.isEmpty)
    }
    #expect(world.recorder.records(.credentialCopied).isEmpty)
  }

  @Test("Before its first rotation the rotator has nothing to give")
  func noKeys() async throws {
    let world = try RotationWorld()
    let refusal = try await world.whileRunning { await copy($0, to: [world.nodes[0]]) }.refusal
    #expect(refusal?.kind == .noInput && refusal?.remedy.contains("asactl rotate") == true)
  }

  @Test("A dry run names the nodes and changes nothing")
  func dryRun() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      try await remove(world.nodes[2], scheduler)
      let result = await copy(scheduler, to: [world.nodes[2]], isDryRun: true)
      #expect(result.targets == [world.nodes[2]] && result.confirmed.isEmpty)
      #expect(await scheduler.snapshot().first?.nodes.last?.removedAt != nil)
    }
    #expect(world.fleet[world.nodes[2]].held.isEmpty)
  }
}
