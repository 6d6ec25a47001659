import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: the state of everything in one word", .timeLimit(.minutes(1)))
struct HealthTests {
  @Test("With nothing wrong it is ok, and says when the next rotation is due")
  func calm() async throws {
    let world = try RotationWorld()
    let health = try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      return await scheduler.health(certificateNotAfter: world.clock.now().addingTimeInterval(86_400 * 31))
    }
    #expect(health.level == .ok && health.findings.isEmpty)
    #expect(health.sentence == health.calm)
  }

  @Test("An absent node, a pause and a certificate that ends within 30 days are warnings; the first of them is the sentence")
  func warnings() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[2])
    let health = try await world.whileRunning { scheduler in
      _ = try await scheduler.pause([world.account], SchedulePause(reason: "audit", since: world.clock.now(), until: nil))
      return await scheduler.health(certificateNotAfter: world.clock.now().addingTimeInterval(86_400 * 12))
    }
    #expect(health.level == .warning)
    #expect(health.findings.contains { $0.message == "cas-3.lab.example is not attached" })
    #expect(health.findings.contains { $0.message.contains("is paused: audit") })
    #expect(health.findings.contains { $0.message == "the rotator's certificate expires in 12 days" })
    #expect(health.sentence.hasSuffix("(and 2 more)"))
  }

  @Test("An expired certificate, and a store that is behind the directory, are critical and come first")
  func critical() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[2])
    world.directory.change { $0.stamp = Script.foreignStamp?.description }
    let health = try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      return await scheduler.health(certificateNotAfter: world.clock.now().addingTimeInterval(-1))
    }
    #expect(health.level == .critical)
    let critical = health.findings.filter { $0.level == .critical }
    #expect(health.findings.prefix(critical.count) == critical[...])
    #expect(critical.contains { $0.message == "the rotator's certificate expired" })
    #expect(critical.contains { $0.message.hasPrefix("nothing is pushed for") && $0.message.contains("rotator-x") })
  }

  @Test("While the store refuses writes it is not called writable, and is again with the first that it takes")
  func store() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      #expect(await scheduler.isStoreWritable)
      world.store.refuseCommits(1) { $0.records.contains { $0.kind == .configurationReloaded } }
      let note = OutcomeRecord(kind: .configurationReloaded, time: world.clock.now(), account: nil, message: "reloaded")
      scheduler.note(note)
      try await world.recorder.chronicle.first { $0.kind == .configurationReloaded }
      #expect(await !scheduler.isStoreWritable)
      for _ in 1...2 { try await world.tick() }
      _ = await world.rotate(on: scheduler)
      #expect(await scheduler.isStoreWritable)
    }
  }

  @Test("The next dates of an account are one interval apart and begin with the one that stands")
  func dates() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let due = try #require(await scheduler.snapshot().first?.nextDue)
      let schedules = await scheduler.schedules(of: world.account, count: 3)
      #expect(schedules.map(\.account) == [world.account])
      let dates = try #require(schedules.first?.dates)
      #expect(dates.count == 3)
      #expect(dates.first?.date == due)
      #expect(try await scheduler.schedules(of: AccountName("LAB\\OTHER$"), count: 3).isEmpty)
    }
  }

  @Test("A destroyed key stays listed for people, as the Previous that it was")
  func retiredIsListed() async throws {
    let world = try RotationWorld(policy: RotationPolicy(every: .seconds(86_400 * 30)))
    try await world.whileRunning { scheduler in
      for _ in 1...2 { _ = await world.rotate(on: scheduler) }
      world.clock.advance(by: 36_300)
      try await world.recorder.chronicle.first { $0.kind == .keyRetired && $0.rotation?.isAdopted == false }
      let nodes = try #require(await scheduler.snapshot().first?.nodes)
      for node in nodes {
        let listed = try #require(node.slots.last { $0.encryptionTypes.isEmpty })
        #expect(listed.position == .previous && listed.version == KeyVersion(8))
        #expect(listed.retireAfter == world.clock.now())
      }
    }
  }
}
