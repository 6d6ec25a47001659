import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: keys of every type that tickets may come with", .timeLimit(.minutes(1)))
struct StagedTypesTests {
  @Test(
    "An account whose tickets are RC4 is rotated with RC4 and AES keys, and tickets of before and after are accepted",
    arguments: [nil, 0, 4] as [UInt32?])
  func rc4(supported: UInt32?) async throws {
    let world = try RotationWorld.withRC4(supported: supported)
    let ending = try await world.whileRunning { await world.rotate(on: $0) }.ending
    #expect(ending?.outcome == .succeeded)
    for node in world.nodes { #expect(world.types(on: node) == [8: [23, 18, 17], 7: [23]]) }
  }

  @Test("Where the attribute permits AES alone no RC4 key is made", arguments: [24, 16])
  func aesOnly(supported: UInt32) async throws {
    let world = try RotationWorld(supported: supported)
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    for node in world.nodes { #expect(world.types(on: node)[8] == [18, 17]) }
  }

  @Test("Where it permits RC4 as well a client may ask for it, and a key is made")
  func mixed() async throws {
    let world = try RotationWorld(supported: 28)
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    for node in world.nodes { #expect(world.types(on: node)[8] == [23, 18, 17]) }
  }

  @Test("What another domain controller still issues is staged too")
  func replica() async throws {
    var world = try RotationWorld(found: EncryptionType.allCases)
    let replicas = FakeReplicaSource(
      ["dc2.lab.example"], of: world.directory, realm: world.settings.realm, clock: world.clock)
    world.settings.replicas = replicas
    replicas["dc2.lab.example"]?.changeIssuing { $0.encryptionType = 23 }
    let ending = try await world.whileRunning { [world] in await world.rotate(on: $0) }.ending
    #expect(ending?.outcome == .succeeded)
    for node in world.nodes { #expect(world.types(on: node)[8] == [23, 18, 17]) }
  }

  @Test("Keys that the tickets of a changed attribute need, and nodes lack, are made by a rotation that says so")
  func cleared() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.change { $0.supportedEncryptionTypes = nil }
      let plan = await world.rotate(on: scheduler, isDryRun: true)
      #expect(plan.warnings.contains { $0.contains("arcfour-hmac, for which nodes have no key") })
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
    for node in world.nodes { #expect(world.types(on: node)[9] == [23, 18, 17]) }
  }

  @Test("An attribute that is changed while the password is set leads to keys of its types, not to a foreign key")
  func changedMeanwhile() async throws {
    var world = try RotationWorld()
    let directory = world.directory
    world.reached = { if $0 == .before(.checkCommit) { directory.change { $0.supportedEncryptionTypes = 4 } } }
    let ending = try await world.whileRunning { [world] in await world.rotate(on: $0) }.ending
    #expect(ending?.outcome == .succeeded)
    for node in world.nodes { #expect(world.types(on: node)[8] == [23, 18, 17]) }
  }

  @Test("RC4 tickets do not hide that the AES keys have a wrong salt: they are made anew")
  func resalted() async throws {
    var world = try RotationWorld.withRC4()
    let directory = world.directory
    world.reached = { if $0 == .before(.commit) { directory.change { $0.samAccountName = "RENAMED$" } } }
    try await world.whileRunning { [world] scheduler in
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
      world.directory.change { $0.supportedEncryptionTypes = 24 }
      let accepted = try await scheduler.verified(world)
      #expect(accepted == 6)
    }
  }
}

extension [RotationProgress] {
  var warnings: [String] {
    for case .planned(let plan) in self { return plan.warnings }
    return []
  }
}

extension RotationScheduler {
  /// How many tickets nodes accept now.
  func verified(_ world: RotationWorld) async throws -> Int {
    let accepted = Chronicle<ProofVerdict>()
    try await verify(world.account) { if $0.fault == nil { accepted.append($0) } }
    return accepted.entries.count
  }
}
