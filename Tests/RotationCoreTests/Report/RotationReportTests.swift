import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: the report at the end", .timeLimit(.minutes(1)))
struct RotationReportTests {
  @Test("After a success it has every part, as things stand then")
  func succeeded() async throws {
    let world = try RotationWorld()
    let set = Date(timeIntervalSince1970: 1_750_000_500)
    world.directory.change { $0.passwordLastSet = set }
    let progress = try await world.whileRunning { await world.rotate(on: $0) }
    let report = try #require(progress.report)
    #expect(report.verdict == .succeeded)
    #expect(report.destinations == [ArrayMembers(array: "mail.lab.example", nodes: world.nodes)])
    #expect(report.credentials.map(\.position) == [.latest, .previous])
    #expect(report.credentials.map(\.version.number) == [8, 7])
    #expect(report.prune.map(\.version.number) == [8, 7])
    #expect(report.pushes.map(\.node) == world.nodes)
    #expect(report.pushes.allSatisfy { $0.steps.map(\.step) == [.staged, .promoted, .proven] })
    #expect(report.pushes.first?.steps.first?.detail == "holds kvno 8 beside 7 in /etc/krb5.keytab")
    let change = try #require(report.change)
    #expect(change.domainController == "dc1.lab.example" && change.passwordChanged == true)
    #expect(change.versionBefore == KeyVersion(7) && change.versionAfter == KeyVersion(8))
    #expect(change.stampBefore == nil)
    #expect(change.stampAfter?.description == world.directory.account.stamp)
    let properties = try #require(report.properties)
    #expect(properties.kind == .computer && properties.passwordLastSet == set)
    #expect(properties.distinguishedName == "CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example")
    #expect(properties.servicePrincipalNames.count == 2)
    #expect(report.nodes.allSatisfy { $0.slots.map(\.position) == [.latest, .previous] })
  }

  @Test("The account is read once more when its password is new, and status shows what was read")
  func readAfterwards() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let shown = try #require(await scheduler.snapshot().first?.properties)
      #expect(shown.samAccountName == "EXCH2016ASA$")
    }
  }

  @Test("After a failure in preflight it says that nothing was written")
  func failedBefore() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[2])
    let report = try #require(try await world.whileRunning { await world.rotate(on: $0) }.report)
    #expect(report.verdict == .failed)
    #expect(report.change == nil)
    #expect(report.pushes.allSatisfy { $0.steps.isEmpty && $0.remark == "was told nothing" })
  }

  @Test("After an abort it says what each node had come to, and that the kvno is as before")
  func aborted() async throws {
    let world = try RotationWorld()
    world.fleet.setTemper(of: world.nodes[1], to: .refusing("the disk is full"))
    let progress = try await world.whileRunning { scheduler in
      var progress: [RotationProgress] = []
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        progress.append(step)
        guard case .phase("unstaging", _) = step else { continue }
        world.fleet.setTemper(of: world.nodes[1], to: .obedient)
        world.clock.advance(by: 10)
      }
      return progress
    }
    let report = try #require(progress.report)
    #expect(report.verdict == .failed)
    #expect(report.change?.passwordChanged == false && report.change?.versionAfter == KeyVersion(7))
    let first = try #require(report.pushes[1].steps.first)
    #expect(first.step == .failed && first.detail == "the disk is full")
  }

  @Test("A success without some node is one with warnings")
  func degraded() async throws {
    var policy = RotationPolicy(every: .seconds(86_400))
    policy.require = .atLeast(2)
    let world = try RotationWorld(policy: policy)
    world.fleet.detach(world.nodes[2])
    let report = try #require(try await world.whileRunning { await world.rotate(on: $0) }.report)
    #expect(report.verdict == .succeededWithWarnings)
    #expect(report.pushes[2].steps.isEmpty && report.pushes[2].remark == "was not ready")
  }
}
