import Foundation
import RotationCore
import RotationTestSupport
import Synchronization
import Testing

@Suite("The scheduler: keys that are removed from nodes", .timeLimit(.minutes(1)))
struct RemovalTests {
  private func request(
    _ nodes: [NodeName] = [], all isAll: Bool = false, isDryRun: Bool = false
  ) -> RemovalRequest {
    RemovalRequest(account: nil, nodes: nodes.map { NamePattern($0.description) }, isAll: isAll, isDryRun: isDryRun)
  }

  /// Lets the fleet say something, and waits until the scheduler has heard it: what was said before it has had its effect then.
  private func settle(_ world: RotationWorld) async throws {
    let mark = world.trace.entries.count
    world.fleet.attach(world.nodes[0])
    try await world.saw(world.nodes[0], since: mark)
  }

  private func snapshot(of node: NodeName, _ scheduler: RotationScheduler) async throws -> NodeSnapshot {
    try #require(await scheduler.snapshot().first?.nodes.first { $0.node == node })
  }

  @Test("A node destroys the keys of the account, is shown as such, and is given none by itself")
  func removed() async throws {
    let world = try RotationWorld()
    let node = world.nodes[2]
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let receipt = try await scheduler.remove(request([node]))
      #expect(receipt.items.map(\.place.node) == [node])
      #expect(receipt.items.first?.versions.map(\.number) == [8, 7])
      #expect(world.fleet[node].held.isEmpty)
      let mark = world.trace.entries.count
      world.fleet.detach(node)
      world.fleet.attach(node)
      try await world.saw(node, since: mark)
      try await settle(world)
      #expect(world.fleet[node].held.isEmpty)
      let shown = try await snapshot(of: node, scheduler)
      #expect(shown.removedAt != nil && !shown.isBehind && shown.connection == .attached)
    }
    #expect(world.recorder.records(.credentialRemoved).map(\.nodes) == [[node]])
    #expect(world.recorder.records(.nodeBehind).isEmpty)
  }

  @Test("The mark outlives the rotator's process; a keytab that somebody puts back there is destroyed")
  func durable() async throws {
    let world = try RotationWorld()
    let node = world.nodes[2]
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      _ = try await scheduler.remove(request([node]))
    }
    world.fleet.stage(.make(), version: KeyVersion(8), under: .zero, on: node)
    try await world.whileRunning { scheduler in
      try await world.trace.first { if case .toldToRemove(node) = $0 { true } else { false } }
      try await settle(world)
      #expect(try await snapshot(of: node, scheduler).removedAt != nil)
    }
    #expect(world.fleet[node].held.isEmpty)
  }

  @Test("The next rotation of the account gives the node keys again, those of before among them")
  func rotatedAgain() async throws {
    let world = try RotationWorld()
    let node = world.nodes[2]
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      _ = try await scheduler.remove(request([node]))
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
      #expect(try await snapshot(of: node, scheduler).removedAt == nil)
    }
    #expect(world.fleet[node].held.values.map(\.number).sorted() == [8, 9])
  }

  @Test("A rotation that is aborted leaves it as it was: the node holds nothing and is given nothing")
  func abortedRotation() async throws {
    var world = try RotationWorld()
    let node = world.nodes[2]
    let (fleet, other) = (world.fleet, world.nodes[1])
    let isAborting = Mutex(false)
    world.reached = { boundary in
      guard isAborting.withLock(\.self) else { return }
      if boundary == .before(.claim) { fleet.setTemper(of: other, to: .refusing("is full")) }
      if boundary == .before(.fence) { fleet.setTemper(of: other, to: .obedient) }
    }
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      _ = try await scheduler.remove(request([node]))
      isAborting.withLock { $0 = true }
      #expect(await world.rotate(on: scheduler).ending?.outcome == .failed)
      while !world.fleet[node].held.isEmpty { try await world.tick() }
      #expect(try await snapshot(of: node, scheduler).removedAt != nil)
    }
    #expect(world.directory.account.version == KeyVersion(8))
  }

  @Test("A node that is revoked, or away, is no node that goes on accepting")
  func onlyOneLeft() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      _ = try await scheduler.revoke(world.nodes[1])
      world.fleet.detach(world.nodes[2])
      try await settle(world)
      let fault = await #expect(throws: OperatorFault.self) { _ = try await scheduler.remove(request([world.nodes[0]])) }
      #expect(fault?.kind == .usage && fault?.remedy.contains("--all") == true)
      #expect(!world.fleet[world.nodes[0]].held.isEmpty)
    }
  }

  @Test("A rotation that comes due is not held up by it")
  func due() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      _ = try await scheduler.remove(request([world.nodes[2]]))
      world.clock.advance(by: 36_301)
      for node in world.nodes.prefix(2) {
        try await world.trace.first { if case .ordered(node, let order) = $0 { !order.drop.isEmpty } else { false } }
      }
      try await settle(world)
      world.clock.advance(by: 86_400)
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded && $0.version == KeyVersion(9) }
    }
    #expect(world.directory.account.version == KeyVersion(9))
  }

  @Test("The last node that holds the keys needs --all, and then a rotation takes all nodes in anew")
  func all() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      _ = try await scheduler.remove(request(Array(world.nodes.prefix(2))))
      let fault = await #expect(throws: OperatorFault.self) { _ = try await scheduler.remove(request([world.nodes[2]])) }
      #expect(fault?.kind == .usage && fault?.problem.contains("cas-3.lab.example") == true)
      #expect(!world.fleet[world.nodes[2]].held.isEmpty)
      let receipt = try await scheduler.remove(request(all: true))
      #expect(receipt.warnings.contains { $0.contains("every client is refused") })
      #expect(world.nodes.allSatisfy { world.fleet[$0].held.isEmpty })
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
    for node in world.nodes { #expect(world.fleet[node].held.values.contains(KeyVersion(9))) }
  }

  @Test("Keys of a node that is away cannot be destroyed: it is named, and nothing is destroyed anywhere")
  func outOfReach() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.fleet.detach(world.nodes[1])
      try await settle(world)
      let fault = await #expect(throws: OperatorFault.self) {
        _ = try await scheduler.remove(request(Array(world.nodes.prefix(2))))
      }
      #expect(fault?.kind == .unavailable && fault?.subject.contains("cas-2.lab.example") == true)
    }
    #expect(!world.fleet[world.nodes[0]].held.isEmpty)
  }

  @Test("A node that does not say that its keys are gone is told again when it is back")
  func silent() async throws {
    let world = try RotationWorld()
    let node = world.nodes[2]
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.fleet.setTemper(of: node, to: .silent)
      let end = world.clock.now().addingTimeInterval(20)
      let fault = await #expect(throws: OperatorFault.self) {
        async let outcome = scheduler.remove(request([node]))
        try await world.clock.sleeps.first { $0 == end }
        world.clock.advance(by: 25)
        _ = try await outcome
      }
      #expect(fault?.kind == .unavailable && fault?.remedy.contains("told again") == true)
      #expect(!world.fleet[node].held.isEmpty)
      world.fleet.setTemper(of: node, to: .obedient)
      world.fleet.detach(node)
      world.fleet.attach(node)
      try await world.recorder.chronicle.first { $0.kind == .credentialRemoved }
    }
    #expect(world.fleet[node].held.isEmpty)
  }

  @Test("A node without keys that is away for long is told of, and that is over when it is back")
  func awayForLong() async throws {
    let world = try RotationWorld()
    let node = world.nodes[2]
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      _ = try await scheduler.remove(request([node]))
      world.fleet.detach(node)
      try await settle(world)
      world.clock.advance(by: 700)
      try await world.recorder.chronicle.first { $0.kind == .nodeBehind && $0.nodes == [node] }
      world.fleet.attach(node)
      try await world.recorder.chronicle.first { $0.kind == .nodeRecovered && $0.nodes == [node] }
    }
    #expect(world.fleet[node].held.isEmpty)
  }

  @Test("A dry run says what would be destroyed and changes nothing")
  func dryRun() async throws {
    let world = try RotationWorld()
    let node = world.nodes[2]
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let mark = world.trace.entries.count
      let receipt = try await scheduler.remove(request([node], isDryRun: true))
      #expect(receipt.items.first?.versions.map(\.number) == [8, 7])
      #expect(receipt.items.first?.lost.map(\.number) == [7], "the key that the node came with is in no store")
      #expect(receipt.warnings.contains { $0.contains("cas-1.lab.example, cas-2.lab.example goes on accepting") })
      #expect(try await snapshot(of: node, scheduler).removedAt == nil)
      #expect(world.trace.entries.dropFirst(mark).allSatisfy { if case .toldToRemove = $0 { false } else { true } })
    }
    #expect(!world.fleet[node].held.isEmpty)
  }

  @Test("While a rotation is open nothing is removed")
  func duringRotation() async throws {
    let world = try RotationWorld()
    world.directory.script(.commit, .hung(applied: false))
    try await world.whileRunning { scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.trace.first { if case .hung(.commit) = $0 { true } else { false } }
      let fault = await #expect(throws: OperatorFault.self) { _ = try await scheduler.remove(request([world.nodes[2]])) }
      #expect(fault?.kind == .temporary)
    }
  }
}
