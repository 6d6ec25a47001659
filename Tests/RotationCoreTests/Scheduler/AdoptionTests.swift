import Foundation
import RotationCore
import RotationTestSupport
import SecretMemory
import Testing

@Suite("The scheduler: adopting the nodes' keys into a store that has lost them", .timeLimit(.minutes(1)))
struct AdoptionTests {
  /// A world that has rotated and then lost its store.
  private func lost(rotations: Int = 1) async throws -> RotationWorld {
    var world = try RotationWorld()
    try await world.whileRunning { scheduler in
      for _ in 1...rotations { #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded) }
    }
    try await world.loseStore()
    return world
  }

  private func adopt(
    _ world: RotationWorld, on scheduler: RotationScheduler, from index: Int = 0, isDryRun: Bool = false
  ) async throws -> AdoptionReceipt {
    try await scheduler.adopt(AdoptionRequest(account: world.account, node: world.nodes[index], isDryRun: isDryRun))
  }

  @Test(
    "A new store that finds the stamp of the old one names the command; after it tickets are accepted and the next rotation works"
  )
  func lostStore() async throws {
    let world = try await lost(rotations: 2)
    let mark = world.trace.entries.count
    try await world.whileRunning { scheduler in
      let behind = try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      #expect(behind.message.contains("asactl credential adopt --from NODE"))
      let receipt = try await adopt(world, on: scheduler)
      #expect(receipt.slots.map(\.worth) == [.latest, .retiring, .retiring])
      #expect(receipt.slots.map(\.version) == [KeyVersion(9), KeyVersion(8), KeyVersion(7)])
      #expect(receipt.slots.allSatisfy { $0.nodes == world.nodes })
      #expect(receipt.slots.map { $0.retireAfter != nil } == [false, true, true])
      #expect(receipt.refusals.isEmpty && receipt.warnings.isEmpty)
      #expect(world.trace.entries.dropFirst(mark).allSatisfy { if case .ordered = $0 { false } else { true } })
      #expect(await scheduler.snapshot().first?.gateFault == nil)
      #expect(world.recorder.records(.credentialAdopted).count == 1)
      #expect(await verdicts(world, scheduler).allSatisfy { $0.fault == nil })
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
      #expect(await verdicts(world, scheduler).allSatisfy { $0.fault == nil })
    }
    #expect(world.directory.account.version == KeyVersion(10))
    let stamps = try await world.store.accounts().compactMap(\.knownStamp)
    #expect(stamps.map(\.description) == [world.directory.account.stamp])
    // All of them are still held: tickets under each may be alive.
    for node in world.nodes { #expect(Set(world.fleet[node].held.values.map(\.number)) == [7, 8, 9, 10]) }
  }

  private func verdicts(_ world: RotationWorld, _ scheduler: RotationScheduler) async -> [ProofVerdict] {
    let chronicle = Chronicle<ProofVerdict>()
    try? await scheduler.verify(world.account) { chronicle.append($0) }
    return chronicle.entries.isEmpty ? [] : chronicle.entries
  }

  @Test("The adopted older keys end one retention from now; Latest stays until the rotation after it has superseded it")
  func ends() async throws {
    let world = try await lost(rotations: 2)
    try await world.whileRunning { scheduler in
      _ = try await adopt(world, on: scheduler)
      _ = await world.rotate(on: scheduler)
      world.clock.advance(by: 36_300)
      try await world.recorder.chronicle.first { $0.kind == .keyRetired }
      try await world.tick()
      for node in world.nodes {
        try await world.trace.first { call in
          if case .ordered(node, let order) = call { order.drop.count >= 3 && order.slots.count == 1 } else { false }
        }
      }
    }
    for node in world.nodes { #expect(Set(world.fleet[node].held.values.map(\.number)) == [10]) }
  }

  @Test("A dry run says the same and changes nothing")
  func dryRun() async throws {
    let world = try await lost()
    try await world.whileRunning { scheduler in
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      #expect(try await adopt(world, on: scheduler, isDryRun: true).slots.first?.worth == .latest)
      #expect(await scheduler.snapshot().first?.gateFault != nil)
    }
    #expect(world.recorder.records(.credentialAdopted).isEmpty)
    #expect(try await world.store.accounts().first?.ledger.slots.isEmpty == true)
  }

  @Test("An old key that a node presents as Latest is refused by name, and nothing is adopted from that node")
  func plantedLatest() async throws {
    let world = try await lost(rotations: 2)
    // The slots of the second node are put back to what they were before the last password.
    world.fleet.changeSlot(0, of: world.nodes[1]) { report, keys in
      keys = ToyCryptography.keys(of: .random(count: 9), salt: "", encryptionTypes: [.aes256])
      report.version = KeyVersion(8)
    }
    try await world.whileRunning { scheduler in
      let fault = await #expect(throws: OperatorFault.self) { try await adopt(world, on: scheduler, from: 1) }
      let rotation = try #require(world.fleet[world.nodes[1]].held.first { $0.value == KeyVersion(8) }?.key)
      #expect(fault?.subject.contains("cas-2.lab.example") == true)
      #expect(fault?.problem.contains("kvno 8") == true && fault?.problem.contains("rotation") == true, "\(rotation)")
      #expect(world.recorder.records(.credentialAdopted).isEmpty)
    }
  }

  @Test("An older key that one node alone has, or has otherwise than the others, is refused by node, kvno and rotation")
  func plantedOlder() async throws {
    let world = try await lost(rotations: 2)
    let planted = try #require(RotationID("planted"))
    world.fleet.stage(planted, version: KeyVersion(5), under: Epoch(era: 1, number: 2), on: world.nodes[2])
    world.fleet.changeSlot(2, of: world.nodes[2]) { report, keys in
      keys = ToyCryptography.keys(of: .random(count: 9), salt: "", encryptionTypes: [.aes256])
      report.fingerprint = KeyFingerprint(of: keys, under: .random(count: 32))
    }
    try await world.whileRunning { scheduler in
      let receipt = try await adopt(world, on: scheduler)
      #expect(receipt.slots.map(\.version.number) == [9, 8, 7])
      #expect(receipt.slots.map(\.nodes.count) == [3, 2, 3])
      #expect(receipt.refusals.map(\.node) == [world.nodes[2], world.nodes[2]])
      #expect(receipt.refusals.map(\.version.number) == [8, 5])
      #expect(receipt.refusals.last?.rotation == planted)
      #expect(world.recorder.records(.credentialAdopted).first?.message.contains("rotation planted on cas-3") == true)
    }
  }

  @Test("A slot newer than the directory's is held; when its write has come after all, it is adopted as Latest")
  func lateCommit() async throws {
    var world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    world.directory.script(.commit, .late)
    try await world.whileRunning { [world] scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.recorder.chronicle.first { $0.kind == .outcomeUnknown }
    }
    try await world.loseStore()
    try await world.whileRunning { [world] scheduler in
      #expect(try await adopt(world, on: scheduler).slots.map(\.worth) == [.held, .latest, .retiring])
      world.directory.deliverLateWrites()
      #expect(await world.rotate(on: scheduler).ending?.fault?.remedy.contains("credential adopt") == true)
      let receipt = try await adopt(world, on: scheduler, from: 2)
      #expect(receipt.slots.first { $0.worth == .latest }?.version == KeyVersion(9))
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
      #expect(await verdicts(world, scheduler).allSatisfy { $0.fault == nil })
    }
    #expect(world.directory.account.version == KeyVersion(10))
  }

  @Test("A store restored from before the last rotation takes the newer key from the nodes and keeps its own older ones")
  func restoredBackup() async throws {
    var world = try RotationWorld()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    let backup = world.store.copy()
    _ = try await world.whileRunning { await world.rotate(on: $0) }
    world.store = backup
    let own = try #require(backup.sealed.first)
    try await world.whileRunning { [world] scheduler in
      #expect(await world.rotate(on: scheduler, isTakeover: true).ending?.fault?.remedy.contains("credential adopt") == true)
      let receipt = try await adopt(world, on: scheduler)
      #expect(receipt.slots.map(\.version.number) == [9])
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
    #expect(backup.sealed.contains(own))
    let ledger = try #require(try await backup.accounts().first?.ledger)
    #expect(ledger.slots.compactMap { ledger.position(of: $0.rotation) } == [.latest, .previous, .retiring, .retiring])
    #expect(ledger.slots.map(\.version.number) == [10, 9, 8, 7])
  }

  @Test("A node without Latest is named, gets no order that it would have to refuse, and its first key from the next rotation")
  func lackingNode() async throws {
    var world = try RotationWorld()
    world.settings.policy.require = .atLeast(2)
    _ = try await world.whileRunning { [world] in await world.rotate(on: $0) }
    world.fleet.emptySlots(of: world.nodes[2])
    try await world.loseStore()
    try await world.whileRunning { [world] scheduler in
      let receipt = try await adopt(world, on: scheduler)
      #expect(receipt.warnings.contains { $0.contains("cas-3.lab.example does not hold Latest") })
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
    #expect(world.fleet[world.nodes[2]].held.values.map(\.number) == [9])
  }

  private func refusal(
    _ world: RotationWorld, on scheduler: RotationScheduler, from index: Int = 0
  ) async throws -> OperatorFault.Kind? {
    do { _ = try await adopt(world, on: scheduler, from: index) } catch let fault as OperatorFault { return fault.kind }
    return nil
  }

  @Test("It is refused where nothing is lost, while a rotation is in progress, and for a node that is not there")
  func refusals() async throws {
    let world = try RotationWorld()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      #expect(try await refusal(world, on: scheduler) == .usage)
      world.fleet.detach(world.nodes[1])
      try await world.tick()
      #expect(try await refusal(world, on: scheduler, from: 1) == .unavailable)
      let mark = world.trace.entries.count
      world.fleet.attach(world.nodes[1])
      try await world.saw(world.nodes[1], since: mark)
      world.directory.script(.claim, .hung(applied: false))
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.trace.first { if case .hung(.claim) = $0 { true } else { false } }
      #expect(try await refusal(world, on: scheduler) == .temporary)
    }
  }

  @Test("With the stamp cleared, a new store still does not rotate past keys that it does not know")
  func clearedStamp() async throws {
    let world = try await lost()
    world.directory.change { $0.stamp = nil }
    try await world.whileRunning { scheduler in
      let fault = await world.rotate(on: scheduler).ending?.fault
      #expect(fault?.problem.contains("storeBehind") == true, "\(String(describing: fault))")
      let receipt = try await adopt(world, on: scheduler)
      #expect(receipt.stamp == nil)
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
  }

  @Test("A rotation that was open when its store was put back, and that somebody has overtaken, ends and leaves the way free")
  func overtakenRotation() async throws {
    var world = try RotationWorld()
    world.directory.script(.commit, .hung(applied: false))
    try await world.whileRunning { [world] scheduler in
      _ = scheduler.rotate(world.account, isDryRun: false)
      try await world.trace.first { if case .hung(.commit) = $0 { true } else { false } }
    }
    let backup = world.store.copy()
    try await world.whileRunning { [world] scheduler in
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded }
      _ = await world.rotate(on: scheduler)
    }
    world.store = backup
    try await world.whileRunning { [world] scheduler in
      let ended = try await world.recorder.chronicle.first { $0.kind == .rotationFailed }
      #expect(ended.passwordChanged == nil)
      #expect(try await adopt(world, on: scheduler).slots.first?.worth == .latest)
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
  }
}
