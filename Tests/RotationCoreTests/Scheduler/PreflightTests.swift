import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: what a preflight refuses", .timeLimit(.minutes(1)))
struct PreflightTests {
  /// A failed preflight: the directory, the nodes and the secrets are as they were, and one record says so.
  private func expectUntouched(_ world: RotationWorld) {
    #expect(world.directory.account.version == KeyVersion(7))
    #expect(world.store.sealed.isEmpty)
    #expect(world.trace.entries.allSatisfy { if case .ordered = $0 { false } else { true } })
    #expect(world.trace.entries.allSatisfy { if case .wrote = $0 { false } else { true } })
    #expect(world.recorder.endings.map(\.kind) == [.rotationFailed])
    #expect(world.recorder.endings.first?.passwordChanged == false)
  }

  private func rotate(_ world: RotationWorld) async throws -> RotationEnding {
    try #require(try await world.whileRunning { await world.rotate(on: $0) }.ending)
  }

  @Test("With all required, an absent node is named and nothing changes")
  func absentNode() async throws {
    let world = try RotationWorld()
    world.fleet.detach(world.nodes[2])
    let ending = try await rotate(world)
    #expect(ending.fault?.kind == .unavailable)
    #expect(ending.fault?.problem.contains("cas-3.lab.example is not attached") == true)
    expectUntouched(world)
  }

  @Test("One node that follows newer orders than this store has given is enough to refuse, however few are required")
  func nodeAhead() async throws {
    var policy = RotationPolicy(every: .seconds(86_400))
    policy.require = .atLeast(2)
    let world = try RotationWorld(policy: policy)
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    world.fleet.follow(Epoch(era: 1, number: 40), on: world.nodes[2])
    let fault = try await rotate(world).fault
    #expect(fault?.problem.contains("storeBehind: cas-3.lab.example follows orders of epoch 1.40") == true)
    #expect(fault?.remedy.contains("credential adopt") == true && fault?.remedy.contains("dc forget") == true)
    #expect(world.directory.account.version == KeyVersion(8))
  }

  @Test("A node that hangs is named after one ticket that it did not answer, however many there are to try")
  func hangingNode() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      // What it came with has been tried already, outside of any rotation.
      try await world.trace.first { if case .challenged(world.nodes[2]) = $0 { true } else { false } }
      world.fleet.setTemper(of: world.nodes[2], to: .silent)
      try await world.tick()
      let mark = world.trace.entries.count
      let ending = try #require(await world.rotate(on: scheduler).ending)
      #expect(ending.fault?.problem.contains("cas-3.lab.example does not answer") == true)
      let challenges = world.trace.entries.dropFirst(mark).count {
        if case .challenged(world.nodes[2]) = $0 { true } else { false }
      }
      #expect(challenges == 1)
    }
    expectUntouched(world)
  }

  @Test(
    "What is wrong with the account is named before anything is changed",
    arguments: [
      Obstacle("disabled", .noInput) { $0.isEnabled = false },
      Obstacle("no Reset Password", .permission) { $0.mayResetPassword = false },
      Obstacle("no stamp right", .permission) { $0.mayWriteStamp = false },
      Obstacle("SPN missing", .noInput) { $0.servicePrincipalNames.removeFirst() },
      Obstacle("SPN elsewhere", .data) { $0.conflictingHolders = ["http/mail.lab.example": ["CN=OTHER"]] },
      Obstacle("only DES", .data) { $0.supportedEncryptionTypes = 3 },
      Obstacle("weak seal", .permission) { $0.server.securityStrength = 56 },
      Obstacle("not the PDC emulator", .configuration) { $0.server.isPDCEmulator = false },
      Obstacle("a read-only DC", .configuration) { account in
        account.domainControllers = [ListedController(dnsHostName: account.server.dnsHostName, isReadOnly: true)]
      },
      Obstacle("DC clock", .temporary) { $0.server.clockOffset = -301 },
      Obstacle("attribute in use", .configuration) { $0.stamp = "somebody's note" },
    ])
  func obstacle(_ obstacle: Obstacle) async throws {
    let world = try RotationWorld()
    world.directory.change(obstacle.change)
    let ending = try await rotate(world)
    #expect(ending.fault?.kind == obstacle.kind)
    #expect(ending.fault?.remedy.isEmpty == false)
    expectUntouched(world)
  }

  @Test("A DC that cannot be reached")
  func unreachable() async throws {
    let world = try RotationWorld()
    world.directory.setReachable(false)
    #expect(try await rotate(world).fault?.kind == .unavailable)
    expectUntouched(world)
  }

  @Test("A node whose key opens no ticket, and one without any key while others have one")
  func unprovenNodes() async throws {
    let world = try RotationWorld()
    world.fleet.setTemper(of: world.nodes[0], to: .rejectingTickets)
    world.fleet.emptySlots(of: world.nodes[1])
    let problem = try #require(try await rotate(world).fault?.problem)
    #expect(problem.contains("cas-1.lab.example does not accept the DC's ticket"))
    #expect(problem.contains("cas-2.lab.example holds no key of the account while other nodes do"))
    expectUntouched(world)
  }

  @Test("A node whose clock is off by more than the skew")
  func nodeClock() async throws {
    let world = try RotationWorld()
    let ending = try await world.whileRunning { scheduler in
      world.fleet.reportClock(of: world.nodes[1], offset: 301)
      // The events of the fleet come in order: when the node's next attachment is seen, so was its clock.
      let mark = world.trace.entries.count
      world.fleet.attach(world.nodes[0])
      try await world.saw(world.nodes[0], since: mark)
      return await world.rotate(on: scheduler).ending
    }
    #expect(ending?.fault?.problem.contains("cas-2.lab.example has a clock that is 301 s ahead") == true)
    expectUntouched(world)
  }

  @Test("More keys of rotations than nodes may hold; the one that they came with does not count")
  func slotLimit() async throws {
    var policy = RotationPolicy(every: .seconds(86_400))
    policy.slotLimit = 2
    let world = try RotationWorld(policy: policy)
    let endings = try await world.whileRunning { scheduler in
      var endings: [RotationEnding?] = []
      for _ in 1...3 { endings.append(await world.rotate(on: scheduler).ending) }
      return endings
    }
    #expect(endings.map { $0?.outcome } == [.succeeded, .succeeded, .failed])
    #expect(endings[2]?.fault?.problem.contains("the limit is 2") == true)
  }
}

/// One thing that may be wrong with an account, and the class of the refusal.
struct Obstacle: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var kind: OperatorFault.Kind
  var change: @Sendable (inout DirectoryAccount) -> Void

  init(_ name: String, _ kind: OperatorFault.Kind, _ change: @escaping @Sendable (inout DirectoryAccount) -> Void) {
    testDescription = name
    self.kind = kind
    self.change = change
  }
}
