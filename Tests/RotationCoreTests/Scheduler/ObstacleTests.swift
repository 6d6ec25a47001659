import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: everything that stands in the way", .timeLimit(.minutes(1)))
struct ObstacleTests {
  private func dryRun(_ world: RotationWorld) async throws -> [RotationProgress] {
    try await world.whileRunning { await world.rotate(on: $0, isDryRun: true) }
  }

  @Test("A dry run that is refused tells every fault that can be found apart from the others, and changes nothing")
  func several() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[0])
    world.fleet.setTemper(of: world.nodes[1], to: .rejectingTickets)
    world.directory.change {
      $0.servicePrincipalNames.removeLast()
      $0.mayWriteStamp = false
      $0.server.securityStrength = 56
    }
    let progress = try await dryRun(world)
    let plan = try #require(progress.plan)
    let found = plan.obstacles.map(\.description).joined(separator: "\n")
    for part in [
      "sealed with only 56 bits", "may not write adminDescription", "SPN http/autodiscover.lab.example: is not registered",
      "node cas-1.lab.example: is not attached", "node cas-2.lab.example: does not accept the DC's ticket",
    ] {
      #expect(found.contains(part), "\(found)")
    }
    #expect(plan.obstacles.count == 5, "\(found)")
    #expect(plan.obstacles.allSatisfy { !$0.remedy.isEmpty })
    #expect(plan.participants == [world.nodes[2]] && plan.absent == Array(world.nodes.prefix(2)))
    #expect(progress.refusal?.problem.contains("56 bits") == true, "the first one decides")
    #expect(progress.ending == nil)
    #expect(world.directory.account.stamp == nil && world.store.sealed.isEmpty)
    #expect(world.recorder.records(.rotationStarted).isEmpty && world.recorder.endings.isEmpty)
  }

  @Test("Where the account cannot be read there is no plan, and the refusal says why")
  func unreadable() async throws {
    let world = try RotationWorld()
    world.directory.setReachable(false)
    let progress = try await dryRun(world)
    #expect(progress.plan == nil)
    #expect(progress.refusal?.kind == .unavailable)
  }

  @Test("Nodes that are not ready do not stand in the way where the others are enough")
  func enough() async throws {
    var policy = RotationPolicy(every: .seconds(86_400))
    policy.require = .atLeast(2)
    let world = try RotationWorld(policy: policy)
    world.fleet.detach(world.nodes[0])
    world.directory.change { $0.isEnabled = false }
    let plan = try #require(try await dryRun(world).plan)
    #expect(plan.obstacles.map(\.problem) == ["is disabled"])
  }

  @Test("A plan that can be carried out has no obstacles")
  func none() async throws {
    let plan = try #require(try await dryRun(RotationWorld()).plan)
    #expect(plan.obstacles.isEmpty)
    #expect(plan.destinations.map(\.array) == ["mail.lab.example"])
  }
}
