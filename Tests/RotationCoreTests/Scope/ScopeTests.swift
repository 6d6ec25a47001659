import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: rotations of some nodes", .timeLimit(.minutes(1)))
struct ScopeTests {
  /// Two arrays: cas-1 and cas-2 in one, cas-3 in the other.
  private func world() throws -> RotationWorld {
    var world = try RotationWorld()
    world.settings.arrays = ["mail": Array(world.nodes.prefix(2)), "web": [world.nodes[2]]]
    return world
  }

  private func nodes(_ patterns: String...) -> RotationScope { .nodes(patterns.map(NamePattern.init)) }

  private func arrays(_ patterns: String...) -> RotationScope { .arrays(patterns.map(NamePattern.init)) }

  @Test("A scope selects the accounts that its nodes hold, with the nodes by array and those that it leaves out")
  func resolved() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      let all = try await scheduler.resolve(.entireForest)
      #expect(all.map(\.account) == [world.account])
      #expect(all.first?.destinations.map(\.array) == ["mail", "web"])
      #expect(all.first?.nodes == world.nodes)
      #expect(all.first?.leftOut == [] && all.first?.fault == nil)
      let mail = try #require(try await scheduler.resolve(arrays("MA*")).first)
      #expect(mail.destinations == [ArrayMembers(array: "mail", nodes: Array(world.nodes.prefix(2)))])
      #expect(mail.leftOut == [world.nodes[2]])
      let some = try #require(try await scheduler.resolve(nodes("cas-?.lab.example")).first)
      #expect(some.nodes == world.nodes)
    }
  }

  @Test(
    "A pattern that fits nothing is refused, and the nearest name told",
    arguments: [
      (RotationScope.arrays([NamePattern("mial")]), "'mail'"),
      (.nodes([NamePattern("cas-1")]), "'cas-1.lab.example'"),
      (.nodes([NamePattern("cas-3.lab.exmaple")]), "'cas-3.lab.example'"),
      (.nodes([NamePattern("exch*")]), "cas-1.lab.example, cas-2.lab.example, cas-3.lab.example"),
    ])
  func unknown(_ scope: RotationScope, _ hint: String) async throws {
    let fault = try await world().whileRunning { scheduler in
      await #expect(throws: OperatorFault.self) { _ = try await scheduler.resolve(scope) }
    }
    #expect(fault?.kind == .noInput)
    #expect(fault?.remedy.contains(hint) == true, "\(fault?.description ?? "")")
  }

  @Test("A rotation whose scope leaves nodes of the account out is refused with their names, and nothing is changed")
  func leftOut() async throws {
    let world = try world()
    let progress = try await world.whileRunning { await world.rotate(on: $0, scope: arrays("mail")) }
    let refusal = try #require(progress.refusal)
    #expect(refusal.kind == .usage)
    #expect(refusal.problem.contains("cas-3.lab.example") && !refusal.problem.contains("cas-1"))
    #expect(refusal.remedy.contains("credential copy"))
    #expect(progress.ending == nil)
    #expect(world.directory.account.stamp == nil && world.store.sealed.isEmpty)
    #expect(world.recorder.records(.rotationStarted).isEmpty)
  }

  @Test("It goes ahead without an excluded node, and with all nodes")
  func complete() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      #expect(await world.rotate(on: scheduler, scope: nodes("cas-*")).ending?.outcome == .succeeded)
      try await scheduler.exclude(
        world.nodes[2], NodeExclusion(until: world.clock.now().addingTimeInterval(3600), reason: "new disks"))
      #expect(await world.rotate(on: scheduler, scope: arrays("mail")).ending?.outcome == .succeeded)
    }
    #expect(world.directory.account.version == KeyVersion(9))
  }

  @Test("A scope that no node of the account is in is refused")
  func elsewhere() async throws {
    var world = try world()
    world.settings.arrays = ["mail": Array(world.nodes.prefix(2))]
    world.fleet.detach(world.nodes[2])
    let refusal = try await world.whileRunning { await world.rotate(on: $0, scope: nodes("cas-3*")) }.refusal
    #expect(refusal != nil)
  }
}
