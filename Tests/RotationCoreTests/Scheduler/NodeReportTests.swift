import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: what nodes say unasked", .timeLimit(.minutes(1)))
struct NodeReportTests {
  private func report(_ world: RotationWorld, fault: String? = nil, drift: [KeytabDrift] = []) -> NodeReport {
    let fake = world.fleet[world.nodes[0]]
    return NodeReport(
      account: world.account, epoch: fake.epoch, version: fake.version, refusal: nil, slots: fake.reports, checksums: [],
      nonce: [], keytabs: [KeytabReport(path: "/etc/krb5.keytab", fault: fault)], drift: drift)
  }

  @Test("A keytab that an agent has put right is on record with what it meant", arguments: KeytabDrift.Kind.allCases)
  func restored(_ kind: KeytabDrift.Kind) async throws {
    let world = try RotationWorld()
    let words =
      switch kind {
      case .missing, .contents: "may have refused clients"
      case .permissions: "others may have read the keys"
      }
    try await world.whileRunning { _ in
      let drift = KeytabDrift(path: "/etc/http.keytab", kind: kind, problem: "it was touched", foundAt: world.clock.now())
      world.fleet.report(report(world, drift: [drift]), from: world.nodes[0])
      let record = try await world.recorder.chronicle.first { $0.kind == .keytabRestored }
      #expect(record.nodes == [world.nodes[0]])
      #expect(record.message.contains("/etc/http.keytab") && record.message.contains("it was touched; "))
      #expect(record.message.contains(words))
    }
  }

  @Test("A node that cannot write its keytab says so unasked, and is on record as behind, once")
  func keytabFault() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      for _ in 1...2 { world.fleet.report(report(world, fault: "the disk is full"), from: world.nodes[0]) }
      let record = try await world.recorder.chronicle.first { $0.kind == .nodeBehind }
      #expect(record.nodes == [world.nodes[0]] && record.message.contains("the disk is full"))
      try await world.tick()
    }
    #expect(world.recorder.records(.nodeBehind).count == 1)
  }

  @Test("Whoever is refused under a node's name puts a fault on it, unless the node itself is there")
  func refusedStream() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[2])
    try await world.whileRunning { scheduler in
      let fault = OperatorFault(.permission, "certificate", "is on the deny-list")
      for node in world.nodes { world.fleet.refuse("\(node)", because: fault) }
      // The events of the fleet come in order.
      let mark = world.trace.entries.count
      world.fleet.attach(world.nodes[0])
      try await world.saw(world.nodes[0], since: mark)
      let faults = await scheduler.nodeSnapshot().map(\.fault)
      #expect(faults[0] == nil && faults[1] == nil)
      #expect(faults[2]?.contains("is on the deny-list") == true)
    }
  }

  @Test("A node that says it accepted a ticket and cannot show it is not ready for a rotation")
  func boasting() async throws {
    let world = try RotationWorld()
    world.fleet.setTemper(of: world.nodes[1], to: .boasting)
    let ending = try #require(try await world.whileRunning { await world.rotate(on: $0) }.ending)
    #expect(ending.fault?.problem.contains("cas-2.lab.example does not accept the DC's ticket") == true)
    #expect(ending.fault?.problem.contains("claims to have accepted a ticket but does not hold its key") == true)
    #expect(world.directory.passwordsSet == 0)
  }

  @Test("A node that follows orders of a higher epoch than this store ever gave blocks the claim by name")
  func aheadOfTheStore() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      var ahead = report(world)
      ahead.epoch = Epoch(era: 1, number: 77)
      world.fleet.report(ahead, from: world.nodes[0])
      try await world.tick()
      let fault = try #require(await world.rotate(on: scheduler).ending?.fault)
      #expect(fault.problem.contains("cas-1.lab.example follows orders of epoch"))
      #expect(fault.problem.contains("storeBehind"))
    }
    #expect(world.directory.passwordsSet == 1)
  }

  @Test("Nobody proves anything for an account that is not configured")
  func verifyUnknown() async throws {
    let world = try RotationWorld()
    let fault = try await world.whileRunning { scheduler in
      await #expect(throws: OperatorFault.self) { try await scheduler.verify(AccountName("LAB\\OTHER$")) { _ in } }
    }
    #expect(fault?.kind == .noInput)
  }
}
