import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: the way to AES", .timeLimit(.minutes(1)))
struct EncryptionMigrationTests {
  @Test("An account without the attribute and nodes with RC4 keytabs get to AES, step by step, each with a record")
  func whole() async throws {
    let world = try RotationWorld.withRC4()
    try await world.whileRunning { scheduler in
      let first = try await scheduler.encryption(of: world.account, isAdvancing: false)
      #expect(first.states == [.due, .later, .later, .later] && first.next?.action == .rotate)
      #expect(first.attribute == nil && first.goal == 24 && first.controllers.map(\.encryptionTypes) == [[23]])
      let report = try await world.migrate(on: scheduler)
      #expect(report.states == [.done, .done, .done, .waiting] && report.attribute == 24)
      #expect(world.directory.encryptionWrites == [24] && world.directory.passwordsSet == 2)
      for node in world.nodes { #expect(world.types(on: node) == [9: [18, 17], 8: [23, 18, 17], 7: [23]]) }
      world.clock.advance(by: 36_400)
      try await world.recorder.chronicle.first { $0.kind == .encryptionMigrated }
      let last = try await scheduler.encryption(of: world.account, isAdvancing: false)
      #expect(last.next == nil)
    }
    let kinds = world.recorder.chronicle.entries.map(\.kind).filter { $0 != .keyRetired && $0 != .nodeRecovered }
    #expect(
      kinds == [
        .encryptionMigrationBegun, .rotationStarted, .rotationSucceeded, .encryptionTypesWritten, .encryptionTypesProven,
        .rotationStarted, .rotationSucceeded, .encryptionMigrated,
      ])
    for node in world.nodes { #expect(world.types(on: node) == [9: [18, 17]]) }
  }

  @Test("Tickets of every step are accepted on every node at every later one, while they live")
  func nobodyRefused() async throws {
    let world = try RotationWorld.withRC4()
    try await world.whileRunning { scheduler in
      var tickets = [try await world.ticket()]
      for _ in 1...6 {
        let report = try await scheduler.encryption(of: world.account, isAdvancing: true)
        tickets.append(try await world.ticket())
        for ticket in tickets { #expect(try await world.isAcceptedEverywhere(ticket)) }
        guard let next = report.next, next.state == .due else { break }
        _ = await world.rotate(on: scheduler)
      }
      #expect(Set(tickets.map(\.encryptionType)) == [23, 18])
    }
  }

  @Test("Looking changes nothing and leaves no record")
  func looking() async throws {
    let world = try RotationWorld.withRC4()
    try await world.whileRunning { _ = try await $0.encryption(of: world.account, isAdvancing: false) }
    #expect(world.directory.encryptionWrites.isEmpty && world.recorder.chronicle.entries.isEmpty)
    #expect(try await world.store.accounts().first?.migration == nil)
  }

  @Test("Without the right to the attribute the step names the commands of both worlds; written by hand, it goes on")
  func byHand() async throws {
    let world = try RotationWorld.withRC4()
    world.directory.change { $0.mayWriteEncryptionTypes = false }
    try await world.whileRunning { scheduler in
      let report = try await world.migrate(on: scheduler)
      #expect(report.states == [.done, .blocked, .later, .later] && report.next?.fault?.kind == .permission)
      let commands = report.next?.commands.joined(separator: "\n") ?? ""
      for words in ["dsacls", "samba-tool dsacl set", "20119867-1d04-4ab7-9371-cfc3d5df0afd", "Set-ADObject", "ldbmodify"] {
        #expect(commands.contains(words), "\(words)")
      }
      world.directory.change { $0.supportedEncryptionTypes = 24 }
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      for _ in 1...3 { try await world.tick() }
      #expect(world.recorder.records(.drift).isEmpty)
      #expect(try await world.migrate(on: scheduler).states == [.done, .done, .done, .waiting])
    }
    #expect(world.recorder.records(.encryptionTypesWritten).count == 1)
  }

  @Test("The value that the tool writes is no drift; another one that follows is")
  func noDrift() async throws {
    let world = try RotationWorld.withRC4()
    try await world.whileRunning { scheduler in
      _ = try await world.migrate(on: scheduler)
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      for _ in 1...3 { try await world.tick() }
      #expect(world.recorder.records(.drift).isEmpty)
      world.directory.change { $0.supportedEncryptionTypes = 28 }
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      let record = try await world.recorder.chronicle.first { $0.kind == .drift }
      #expect(record.message.contains("is 28, it was 24"))
    }
  }

  @Test("A node that does not hold the keys blocks the attribute by name, and the tool goes on when it is back")
  func nodeAway() async throws {
    var policy = RotationPolicy(every: .seconds(86_400 * 30))
    policy.require = .atLeast(2)
    let world = try RotationWorld.withRC4(policy: policy)
    world.fleet.detach(world.nodes[2])
    try await world.whileRunning { scheduler in
      let report = try await world.migrate(on: scheduler)
      #expect(report.states == [.blocked, .later, .later, .later])
      #expect(report.next?.fault?.problem.contains("cas-3.lab.example") == true)
      #expect(world.directory.encryptionWrites.isEmpty)
      world.fleet.attach(world.nodes[2])
      try await world.recorder.chronicle.first { $0.kind == .nodeRecovered }
      #expect(try await world.migrate(on: scheduler).states == [.done, .done, .done, .waiting])
    }
  }

  @Test("A domain controller that has not got the attribute is waited for by name, and no RC4 key ends before it has")
  func lagging() async throws {
    var world = try RotationWorld.withRC4()
    let replicas = FakeReplicaSource(
      ["dc2.lab.example"], of: world.directory, realm: world.settings.realm, clock: world.clock)
    world.settings.replicas = replicas
    try await world.whileRunning { [world] scheduler in
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
      replicas.setPaused("dc2.lab.example", true)
      let report = try await scheduler.encryption(of: world.account, isAdvancing: true)
      #expect(report.states == [.done, .done, .waiting, .later])
      #expect(report.next?.detail.contains("dc2.lab.example still issues tickets with arcfour-hmac") == true)
      replicas.setPaused("dc2.lab.example", false)
      #expect(try await world.migrate(on: scheduler).states == [.done, .done, .done, .waiting])
    }
  }

  @Test("It survives a restart between any two steps")
  func restarts() async throws {
    let world = try RotationWorld.withRC4()
    for _ in 1...5 {
      try await world.whileRunning { scheduler in
        let report = try await scheduler.encryption(of: world.account, isAdvancing: true)
        if report.next?.action == .rotate { _ = await world.rotate(on: scheduler) }
      }
    }
    let report = try await world.whileRunning { try await $0.encryption(of: world.account, isAdvancing: false) }
    #expect(report.states == [.done, .done, .done, .waiting])
    #expect(world.recorder.records(.encryptionTypesWritten, .encryptionTypesProven).count == 2)
  }

  @Test("With previous: keep one more rotation drops the last RC4 key")
  func previousKept() async throws {
    var policy = RotationPolicy(every: .seconds(86_400 * 30))
    policy.previous = .keep
    let world = try RotationWorld.withRC4(policy: policy)
    try await world.whileRunning { scheduler in
      #expect(try await world.migrate(on: scheduler).states == [.done, .done, .done, .waiting])
      world.clock.advance(by: 36_400)
      try await world.recorder.chronicle.first { $0.kind == .encryptionMigrated }
    }
    #expect(world.directory.passwordsSet == 3)
  }

  @Test("Compromised keys that are dropped at its last step end it, without the wait for tickets")
  func compromisedAtTheEnd() async throws {
    let world = try RotationWorld.withRC4()
    try await world.whileRunning { scheduler in
      #expect(try await world.migrate(on: scheduler).states == [.done, .done, .done, .waiting])
      let compromise = Compromise(reason: "stolen")
      #expect(await world.rotate(on: scheduler, compromise: compromise).ending?.outcome == .succeeded)
      try await world.tick()
      try await world.recorder.chronicle.first { $0.kind == .encryptionMigrated }
    }
  }

  @Test("A configuration that names RC4 is refused with the way out")
  func configured() async throws {
    var world = try RotationWorld.withRC4()
    world.settings.encryptionTypes = [.aes256, .rc4]
    await #expect {
      try await world.whileRunning { [world] in _ = try await $0.encryption(of: world.account, isAdvancing: true) }
    } throws: { ($0 as? OperatorFault)?.kind == .configuration }
  }

  @Test("While a rotation is open nothing is written")
  func rotationOpen() async throws {
    let world = try RotationWorld.withRC4()
    world.fleet.setTemper(of: world.nodes[0], to: .silent)
    world.directory.setReadsHang(true)
    try await world.whileRunning { scheduler in
      let stream = scheduler.rotate(world.account, isDryRun: false)
      for await step in stream { if case .phase = step { break } }
      await #expect {
        _ = try await scheduler.encryption(of: world.account, isAdvancing: true)
      } throws: { ($0 as? OperatorFault)?.kind == .temporary }
    }
  }

  @Test("An account that is at AES already is done, and has no record of it")
  func already() async throws {
    let world = try RotationWorld()
    let report = try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      return try await scheduler.encryption(of: world.account, isAdvancing: true)
    }
    #expect(report.next == nil && report.done.isEmpty)
  }
}

extension RotationWorld {
  /// A ticket of now.
  func ticket() async throws -> ServiceTicket {
    try await settings.tickets.requestTicket(for: settings.servicePrincipalNames[0])
  }

  func isAcceptedEverywhere(_ ticket: ServiceTicket) async throws -> Bool {
    for node in nodes {
      let challenge = try await ticket.handle.makeChallenge()
      let answer = await fleet.prove(
        challenge.request, for: ticket.servicePrincipalName, of: account, on: node, isTrial: false, timeout: .seconds(1))
      guard case .success(let reply) = answer.outcome, await challenge.isAnswered(by: reply) else { return false }
    }
    return true
  }
}
