import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: an account that has no SPN yet", .timeLimit(.minutes(1)))
struct AwaitedNamesTests {
  /// A new account, nodes without keys, and no SPN.
  private func newWorld() throws -> RotationWorld {
    let world = try RotationWorld(policy: RotationPolicy(every: .seconds(86_400 * 30)), isOnboarding: true)
    world.directory.change { $0.servicePrincipalNames = [] }
    return world
  }

  private func register(_ names: [String], in world: RotationWorld) {
    world.directory.change { $0.servicePrincipalNames = names }
  }

  private func look(_ world: RotationWorld) { world.clock.advance(by: RotationScheduler.inspectionInterval) }

  private func detail(_ scheduler: RotationScheduler) async -> String { await scheduler.snapshot().first?.detail ?? "" }

  @Test("Its first rotation is proven with tickets of its own name, and the plan says so")
  func firstRotation() async throws {
    let world = try newWorld()
    try await world.whileRunning { scheduler in
      let progress = await world.rotate(on: scheduler)
      #expect(progress.ending?.outcome == .succeeded && progress.ending?.version == KeyVersion(8))
      let warnings = progress.compactMap { step in if case .planned(let plan) = step { plan.warnings } else { nil } }.joined()
      #expect(warnings.contains { $0.contains("its SPNs are not registered yet") && $0.contains("spn add") })
      #expect(await detail(scheduler).contains("'asactl spn add'"))
      let verdicts = Chronicle<ProofVerdict>()
      try await scheduler.verify(world.account) { verdicts.append($0) }
      #expect(verdicts.entries.count == 3)
      #expect(verdicts.entries.allSatisfy { $0.fault == nil && $0.servicePrincipalName.isOwnName })
    }
  }

  @Test("Until they are registered it is rotated by its own name, also after a restart, and that is no drift")
  func stillAwaited() async throws {
    let world = try newWorld()
    try await world.whileRunning { _ = await world.rotate(on: $0) }
    try await world.whileRunning { scheduler in
      look(world)
      try await world.tick()
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
    #expect(world.directory.account.version == KeyVersion(9))
    #expect(world.recorder.records(.drift) == [])
  }

  @Test("Before its first rotation a look at it finds nothing wrong")
  func beforeTheFirst() async throws {
    let world = try newWorld()
    try await world.whileRunning { scheduler in
      look(world)
      for _ in 1...3 { try await world.tick() }
      #expect(await scheduler.health(certificateNotAfter: nil).findings.allSatisfy { $0.level != .critical })
    }
    #expect(world.recorder.records(.drift) == [])
  }

  @Test("Once all are registered, tickets of every SPN count, and one that is taken away is drift")
  func registered() async throws {
    let world = try newWorld()
    let names = world.settings.servicePrincipalNames.map(\.description)
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      register(names, in: world)
      look(world)
      while await detail(scheduler).contains("spn add") { try await world.tick() }
      register([names[0]], in: world)
      look(world)
      let record = try await world.recorder.chronicle.first { $0.kind == .drift }
      #expect(record.message.contains("\(names[1])") && record.message.contains("is not registered"))
    }
  }

  @Test(
    "With some registered and some not the first rotation goes by its own name; after that those that are missing are named")
  func someRegistered() async throws {
    let world = try newWorld()
    register(["http/mail.lab.example"], in: world)
    try await world.whileRunning { scheduler in
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
      let fault = try #require(await world.rotate(on: scheduler).ending?.fault)
      #expect(fault.subject == "SPN http/autodiscover.lab.example" && fault.remedy.contains("spn add"))
    }
    #expect(world.directory.passwordsSet == 1)
  }

  @Test("A user account is refused until it has its SPNs: without one domain controllers issue no ticket for it")
  func userAccount() async throws {
    let world = try newWorld()
    world.directory.change { $0.kind = .user }
    try await world.whileRunning { scheduler in
      let ending = try #require(await world.rotate(on: scheduler).ending)
      #expect(ending.fault?.problem.contains("is not registered") == true && ending.fault?.remedy.contains("spn add") == true)
      #expect(world.directory.passwordsSet == 0)
      register(world.settings.servicePrincipalNames.map(\.description), in: world)
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
  }

  @Test("An SPN of it that is on another account is refused as ever")
  func onAnotherAccount() async throws {
    let world = try newWorld()
    world.directory.change { $0.conflictingHolders = ["http/mail.lab.example": ["CN=OTHER"]] }
    let ending = try #require(try await world.whileRunning { await world.rotate(on: $0) }.ending)
    #expect(ending.fault?.problem.contains("CN=OTHER") == true)
    #expect(world.directory.passwordsSet == 0)
  }

  @Test("Nodes that came with keys of the account have had clients: SPNs that are missing then are refused")
  func notNew() async throws {
    let world = try RotationWorld()
    register([], in: world)
    let ending = try #require(try await world.whileRunning { await world.rotate(on: $0) }.ending)
    #expect(ending.fault?.problem.contains("is not registered") == true)
    #expect(world.directory.passwordsSet == 0)
  }
}
