import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: drift in the directory, and what it leads to", .timeLimit(.minutes(1)))
struct DriftTests {
  private func world(onDrift: RotationPolicy.DriftResponse = .report) throws -> RotationWorld {
    var policy = RotationPolicy(every: .seconds(86_400 * 30))
    policy.onDrift = onDrift
    return try RotationWorld(policy: policy)
  }

  private func look(_ world: RotationWorld) { world.clock.advance(by: RotationScheduler.inspectionInterval) }

  @Test("Somebody else's password is told as foreignKey, and with onDrift: report nothing begins by itself")
  func foreignReported() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.resetPasswordElsewhere()
      look(world)
      let record = try await world.recorder.chronicle.first { $0.kind == .drift }
      #expect(record.message.contains("foreignKey") && record.message.contains("kvno 9"))
      for _ in 1...3 { try await world.tick() }
      #expect(world.recorder.records(.rotationStarted).count == 1)
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
      #expect(await scheduler.health(certificateNotAfter: nil).level == .ok)
    }
  }

  @Test("Another key under the very same kvno is found by a ticket, and a rotation ends it")
  func foreignUnderSameNumber() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.resetPasswordElsewhere()
      world.directory.change { $0.version = KeyVersion(8) }
      look(world)
      let record = try await world.recorder.chronicle.first { $0.kind == .drift }
      #expect(record.message.contains("though our Latest has the same number"))
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
    #expect(world.directory.account.version == KeyVersion(9))
  }

  @Test("Our own key under another kvno goes to every node under that number at once, beside the old one")
  func renumbered() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.change { $0.version = KeyVersion(12) }
      let mark = world.trace.entries.count
      look(world)
      for node in world.nodes {
        let call = try await world.trace.first(skipping: mark) { if case .ordered(node, _) = $0 { true } else { false } }
        guard case .ordered(_, let order) = call else { continue }
        #expect(order.slots.map(\.version.number) == [12, 8, 7])
        #expect(order.slots.map(\.position) == [.latest, .previous, .retiring])
        #expect(order.slots[0].fingerprint == order.slots[1].fingerprint && order.slots[0].rotation != order.slots[1].rotation)
        #expect(order.slots[0].keys != nil)
      }
      #expect(world.recorder.records(.drift).first?.message.contains("kvno 12") == true)
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .driftEnded }
      #expect(await world.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
    #expect(world.directory.account.version == KeyVersion(13))
  }

  @Test(
    "A domain controller that has not received the last rotation is behind, and that is no drift", arguments: [true, false])
  func lag(isOther: Bool) async throws {
    let world = try world(onDrift: .rotate)
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let before = world.directory.account
      world.directory.change { account in
        if isOther {
          account.server.serviceIdentity = "dc2"
          account.version = KeyVersion(11)
        } else {
          account.version = KeyVersion(7)
        }
      }
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .controllerBehind }
      for _ in 1...3 { try await world.tick() }
      world.directory.change { $0 = before }
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .controllerConverged }
    }
    #expect(world.recorder.records(.drift).isEmpty)
    #expect(world.recorder.records(.rotationStarted).count == 1)
  }

  @Test(
    "What the next password set depends on is told with its consequence, all of it in one record",
    arguments: AttributeDrift.allCases)
  func attributes(_ drift: AttributeDrift) async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      let before = world.directory.account
      world.directory.change { drift.happen(to: &$0) }
      look(world)
      let record = try await world.recorder.chronicle.first { $0.kind == .drift }
      for words in drift.words { #expect(record.message.contains(words), "\(record.message)") }
      world.directory.change { $0 = before }
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .driftEnded }
    }
    #expect(world.recorder.records(.drift).count == 1)
  }

  @Test("A rotation after a rename says so in its plan, goes by the new name's salt, and succeeds")
  func renamedBefore() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.change { AttributeDrift.rename.happen(to: &$0) }
      let progress = await world.rotate(on: scheduler)
      guard case .planned(let plan)? = progress.dropFirst().first else {
        Issue.record("unexpected \(progress)")
        return
      }
      #expect(plan.warnings.contains { $0.contains("renamed from EXCH2016ASA$ to OTHERNAME$") }, "\(plan.warnings)")
      #expect(progress.ending?.outcome == .succeeded)
    }
    let (keys, _) = try world.directory.issuingKeys()
    #expect(keys.salt == "LAB.EXAMPLEhostothername.lab.example")
  }

  @Test("A rename between the plan and the password write gives other keys than planned, and every node gets those")
  func renamedMeanwhile() async throws {
    var world = try world()
    let directory = world.directory
    world.reached = { if $0 == .before(.commit) { directory.change { AttributeDrift.rename.happen(to: &$0) } } }
    let ending = try await world.whileRunning { await world.rotate(on: $0).ending }
    #expect(ending?.outcome == .succeeded, "\(String(describing: ending))")
    let (keys, _) = try directory.issuingKeys()
    #expect(keys.salt == "LAB.EXAMPLEhostothername.lab.example")
  }

  @Test("The same trouble is told once, however often it is looked at, and another one is told anew")
  func toldOnce() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.change { $0.userPrincipalName = "mail@lab.example" }
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .drift }
      for _ in 1...3 {
        look(world)
        for _ in 1...2 { try await world.tick() }
      }
      #expect(world.recorder.records(.drift).count == 1)
      world.directory.change { $0.supportedEncryptionTypes = 8 }
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .drift && $0.message.contains("was 24") }
    }
    #expect(world.recorder.records(.drift).count == 2)
  }

  @Test("With onDrift: rotate a rotation of ours ends it; a second one within the backoff waits, and then begins")
  func rotates() async throws {
    let world = try world(onDrift: .rotate)
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.resetPasswordElsewhere()
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded && $0.version == KeyVersion(10) }
      #expect(world.recorder.records(.rotationStarted).last?.message.contains("onDrift: rotate") == true)
      world.directory.resetPasswordElsewhere()
      // The first backoff is a quarter of an hour and up to a fifth more.
      world.clock.advance(by: 895)
      for _ in 1...2 { try await world.tick() }
      #expect(world.recorder.records(.rotationStarted).count == 2)
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded && $0.version == KeyVersion(12) }
    }
  }

  @Test("A pause holds it")
  func pauseHolds() async throws {
    let world = try world(onDrift: .rotate)
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      _ = try await scheduler.pause([world.account], SchedulePause(reason: "audit", since: world.clock.now(), until: nil))
      world.directory.resetPasswordElsewhere()
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .drift }
      for _ in 1...3 { try await world.tick() }
      #expect(world.recorder.records(.rotationStarted).count == 1)
      _ = try await scheduler.pause([world.account], nil)
      world.clock.advance(by: 5)
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded && $0.version == KeyVersion(10) }
    }
  }

  @Test("foreignKey right after a commit is looked at at once, and the next step is by onDrift")
  func afterCommit() async throws {
    let world = try world(onDrift: .rotate)
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      for await step in scheduler.rotate(world.account, isDryRun: false) {
        if case .phase("committing", _) = step { world.directory.resetAfterNextCommit() }
      }
      #expect(world.recorder.endings.last?.message.contains("foreignKey") == true)
      try await world.tick()
      try await world.recorder.chronicle.first { $0.kind == .drift }
      // The schedule leaves the account alone for a while after a failure; this does too.
      world.clock.advance(by: 1200)
      try await world.recorder.chronicle.first { $0.kind == .rotationSucceeded && $0.version == KeyVersion(11) }
    }
  }

  @Test("An idle rotator whose account was taken over falls silent when it sees the stamp")
  func superseded() async throws {
    let world = try world()
    try await world.whileRunning { scheduler in
      _ = await world.rotate(on: scheduler)
      world.directory.change { $0.stamp = Script.foreignStamp?.description }
      look(world)
      try await world.recorder.chronicle.first { $0.kind == .storeBehind }
      let mark = world.trace.entries.count
      world.fleet.detach(world.nodes[0])
      world.fleet.attach(world.nodes[0])
      try await world.saw(world.nodes[0], since: mark)
      try await world.tick()
      #expect(world.trace.entries.dropFirst(mark).allSatisfy { if case .ordered = $0 { false } else { true } })
    }
  }
}

/// What somebody may change of the account, and the words that tell of the consequence.
enum AttributeDrift: CaseIterable {
  case rename, encryption, moreEncryption, noEncryption, foreignEncryption, principal, twice, several

  func happen(to account: inout DirectoryAccount) {
    switch self {
    case .rename: account.samAccountName = "OTHERNAME$"
    case .encryption: account.supportedEncryptionTypes = 8
    case .moreEncryption: account.supportedEncryptionTypes = 28
    case .noEncryption: account.supportedEncryptionTypes = nil
    case .foreignEncryption:
      account.isEnabled = false
      account.supportedEncryptionTypes = 4
    case .principal: account.userPrincipalName = "mail@lab.example"
    case .twice: account.servicePrincipalNames.append("HTTP/mail.lab.example")
    case .several:
      account.isEnabled = false
      account.samAccountName = "OTHERNAME$"
    }
  }

  var words: [String] {
    switch self {
    case .rename: ["renamed from EXCH2016ASA$ to OTHERNAME$", "another salt"]
    case .encryption: ["was 24", "aes256-cts-hmac-sha1-96 any more"]
    case .moreEncryption: ["is 28, it was 24", "tickets go on being issued with the configured types"]
    case .noEncryption: ["is not set, it was 24", "the domain's default, which may be RC4"]
    case .foreignEncryption: ["is disabled", "none of the configured types, and nodes refuse clients"]
    case .principal: ["is mail@lab.example, it was not set", "the keys do not depend on it"]
    case .twice: ["registered 2 times", "HTTP/mail.lab.example"]
    case .several: ["is disabled", "renamed from"]
    }
  }
}
