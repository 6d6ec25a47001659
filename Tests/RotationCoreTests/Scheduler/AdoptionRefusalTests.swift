import Foundation
import RotationCore
import RotationTestSupport
import SecretMemory
import Testing

@Suite("The scheduler: what adopting refuses", .timeLimit(.minutes(1)))
struct AdoptionRefusalTests {
  private func lost() async throws -> RotationWorld {
    var world = try RotationWorld()
    try await world.whileRunning { scheduler in
      for _ in 1...2 { _ = await world.rotate(on: scheduler) }
    }
    try await world.loseStore()
    return world
  }

  private func refusal(
    _ world: RotationWorld, account: AccountName? = nil, node: NodeName? = nil
  ) async throws -> OperatorFault {
    let request = AdoptionRequest(account: account ?? world.account, node: node ?? world.nodes[0], isDryRun: false)
    let fault = try await world.whileRunning { scheduler in
      await #expect(throws: OperatorFault.self) { try await scheduler.adopt(request) }
    }
    #expect(world.recorder.records(.credentialAdopted).isEmpty)
    return try #require(fault)
  }

  @Test("An account that is not configured, and a node that is in none of its arrays")
  func unknownNames() async throws {
    let world = try await lost()
    #expect(try await refusal(world, account: AccountName("LAB\\OTHER$")).subject.contains("OTHER$"))
    #expect(try await refusal(world, node: NodeName("stranger.lab.example")).problem.contains("in no array"))
  }

  @Test("A stamp attribute that holds something else")
  func noStamp() async throws {
    let world = try await lost()
    world.directory.change { $0.stamp = "somebody's note" }
    #expect(try await refusal(world).problem.contains("holds a value that is not a stamp"))
  }

  @Test("Tickets of another kvno than the account's: the domain controllers do not agree yet")
  func disagreement() async throws {
    let world = try await lost()
    world.directory.changeIssuing { $0.version = KeyVersion(8) }
    let fault = try await refusal(world)
    #expect(fault.kind == .temporary && fault.problem.contains("has kvno 9, and tickets of kvno 8"))
  }

  @Test("A node that opens the tickets with a key that it holds under another kvno")
  func otherNumber() async throws {
    let world = try await lost()
    world.fleet.changeSlot(0, of: world.nodes[0]) { report, _ in report.version = KeyVersion(10) }
    #expect(try await refusal(world).problem.contains("holds as kvno 10; the directory has kvno 9"))
  }

  @Test("Of another node, by name: another key under Latest's rotation, and one of another rotation under Latest's kvno")
  func impostors() async throws {
    let world = try await lost()
    world.fleet.changeSlot(0, of: world.nodes[1]) { report, keys in
      keys = ToyCryptography.keys(of: .random(count: 9), salt: "", encryptionTypes: [.aes256])
      report.fingerprint = KeyFingerprint(of: keys, under: .random(count: 32))
    }
    let planted = try #require(RotationID("planted"))
    world.fleet.stage(planted, version: KeyVersion(9), under: Epoch(era: 1, number: 2), on: world.nodes[2])
    try await world.whileRunning { scheduler in
      let receipt = try await scheduler.adopt(AdoptionRequest(account: world.account, node: world.nodes[0], isDryRun: false))
      let reasons = receipt.refusals.map { "\($0.node): \($0.reason)" }
      #expect(reasons.contains("cas-2.lab.example: it is another key than the one that the directory uses"))
      #expect(reasons.contains("cas-3.lab.example: the directory uses another key under kvno 9"))
      #expect(receipt.slots.first { $0.worth == .latest }?.nodes == [world.nodes[0], world.nodes[2]])
      #expect(receipt.warnings.contains { $0.contains("cas-2.lab.example does not hold Latest") })
    }
  }
}
