import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: tickets that are not as they should be", .timeLimit(.minutes(1)))
struct TicketTroubleTests {
  @Test("Tickets of a type that no key would be made for are refused before anything is changed")
  func encryptionType() async throws {
    let world = try RotationWorld()
    world.directory.changeIssuing { $0.encryptionType = 3 }
    let ending = try #require(try await world.whileRunning { await world.rotate(on: $0) }.ending)
    #expect(ending.fault?.problem.contains("issues tickets with encryption type 3") == true)
    #expect(world.directory.passwordsSet == 0)
  }

  @Test("Tickets that live longer than keys are kept are refused, and the setting is named")
  func lifetime() async throws {
    let world = try RotationWorld()
    world.directory.changeIssuing { $0.lifetime = 86_400 }
    let ending = try #require(try await world.whileRunning { await world.rotate(on: $0) }.ending)
    #expect(ending.fault?.problem.contains("tickets of 1440 minutes") == true)
    #expect(ending.fault?.remedy.contains("policy.ticketLifetime") == true)
    #expect(world.directory.passwordsSet == 0)
  }

  @Test("Between rotations such tickets are drift with the consequence for clients")
  func typeDrift() async throws {
    let world = try RotationWorld(policy: RotationPolicy(every: .seconds(86_400 * 30)))
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.changeIssuing { $0.encryptionType = 23 }
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      let record = try await world.recorder.chronicle.first { $0.kind == .drift }
      #expect(record.message.contains("arcfour-hmac, for which nodes have no key"))
    }
  }

  @Test("Without any ticket for the account a look at the directory tells that there is none")
  func noTicket() async throws {
    let world = try RotationWorld(policy: RotationPolicy(every: .seconds(86_400 * 30)))
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.changeIssuing { $0.unknown = Set(world.settings.servicePrincipalNames.map(\.description)) }
      world.clock.advance(by: RotationScheduler.inspectionInterval)
      let record = try await world.recorder.chronicle.first { $0.kind == .drift }
      #expect(record.message.contains("is on no account"))
    }
  }

  @Test("An SPN that is taken away during a rotation is what the nodes' proof fails by, not the check of the key")
  func nameTakenAway() async throws {
    var world = try RotationWorld()
    let (directory, gone) = (world.directory, "http/autodiscover.lab.example")
    world.reached = { if $0 == .before(.checkCommit) { directory.changeIssuing { $0.unknown = [gone] } } }
    let ending = try #require(try await world.whileRunning { await world.rotate(on: $0) }.ending)
    #expect(ending.passwordChanged == true && ending.version == KeyVersion(8))
    #expect(ending.outcome == .failed && ending.nodes == world.nodes)
    #expect(ending.fault?.problem.contains("cannot be tried for \(gone)") == true)
  }

  @Test("An SPN that is given to another account during a rotation does not make the password somebody else's")
  func nameGivenAway() async throws {
    var world = try RotationWorld()
    let (directory, moved) = (world.directory, "http/mail.lab.example")
    world.reached = {
      if $0 == .before(.checkCommit) { directory.changeIssuing { $0.elsewhere = [moved: KeyVersion(31)] } }
    }
    let ending = try #require(try await world.whileRunning { await world.rotate(on: $0) }.ending)
    #expect(ending.passwordChanged == true && ending.version == KeyVersion(8))
    #expect(ending.outcome == .failed && ending.nodes == world.nodes)
    #expect(ending.fault?.problem.contains("refuses \(moved)") == true)
  }

  @Test("A controller that falls silent after the password write is asked again until a ticket shows the key")
  func silentAfterCommit() async throws {
    var world = try RotationWorld()
    let (directory, asked) = (world.directory, Chronicle<Boundary>())
    world.reached = { boundary in
      if boundary == .before(.checkCommit), asked.entries.isEmpty { directory.setReachable(false) }
      if boundary == .after(.checkCommit) { asked.append(boundary) }
    }
    let progress = try await world.whileRunning { scheduler in
      let stream = scheduler.rotate(world.account, isDryRun: false)
      try await asked.first { _ in true }
      directory.setReachable(true)
      while world.recorder.endings.isEmpty { try await world.tick() }
      return await stream.reduce(into: [RotationProgress]()) { $0.append($1) }
    }
    #expect(progress.ending?.outcome == .succeeded)
    #expect(world.directory.passwordsSet == 1)
  }

  @Test("Another claimant that stands when the account is read back is given way to, and the key is kept")
  func supersededAfterCommit() async throws {
    var world = try RotationWorld()
    let directory = world.directory
    world.reached = { boundary in
      if boundary == .before(.checkCommit) { directory.change { $0.stamp = Script.foreignStamp?.description } }
    }
    let ending = try #require(try await world.whileRunning { await world.rotate(on: $0) }.ending)
    #expect(ending.passwordChanged == nil)
    #expect(ending.fault?.problem.contains("another rotator's stamp stands") == true)
    #expect(world.store.sealed.count == 1 && world.store.destroyed.isEmpty)
  }
}
