import Foundation
import RotationCore
import Testing

@Suite("Slot ledger")
struct SlotLedgerTests {
  let names = ["http/mail.lab.example"].compactMap { try? ServicePrincipalName($0) }
  let policy = RotationPolicy(every: .seconds(86_400))
  let start = Fixture.start

  // MARK: Fixtures

  private func plan(_ number: UInt64, version: UInt32) throws -> RotationPlan {
    var plan = Script.plan(require: .all, participants: Script.nodes, expected: nil)
    plan.rotation = try #require(RotationID("rotation-\(number)"))
    plan.claim = Stamp(
      epoch: Epoch(era: 1, number: number * 2), rotation: plan.rotation, state: .claimed, rotator: plan.claim.rotator)
    plan.plannedVersion = KeyVersion(version)
    return plan
  }

  private func adopted(_ version: UInt32) throws -> SlotReport {
    SlotReport(
      rotation: .adopted(KeyVersion(version)), version: KeyVersion(version), position: .latest,
      fingerprint: try #require(KeyFingerprint(String(repeating: "a", count: 32))), encryptionTypes: [18], setAt: start,
      isProven: true, retireAfter: nil)
  }

  private func instant(_ seconds: TimeInterval, boot: String = "boot-1") -> SlotLedger.Supersession {
    SlotLedger.Supersession(
      time: start.addingTimeInterval(seconds), boot: BootInstant(boot: boot, seconds: 1000 + seconds))
  }

  private func commit(_ plan: RotationPlan, to ledger: inout SlotLedger, at seconds: TimeInterval) {
    ledger.wasStaged(plan, servicePrincipalNames: names)
    ledger.wasCommitted(plan, as: plan.plannedVersion, fingerprint: plan.fingerprint, at: instant(seconds))
  }

  private func order(_ ledger: SlotLedger, held: [SlotReport] = [], present: [SlotReport] = []) throws -> SlotOrder {
    try #require(
      ledger.order(for: Fixture.account, realm: Realm("LAB.EXAMPLE"), held: held, present: present, policy: policy, nonce: [1]))
  }

  // MARK: Positions

  @Test("Newest first: Next, Latest, Previous, Retiring")
  func positions() throws {
    var ledger = SlotLedger()
    ledger.keysWereAdopted([try adopted(5), try adopted(6)])
    let first = try plan(1, version: 7)
    commit(first, to: &ledger, at: 0)
    let second = try plan(2, version: 8)
    ledger.wasStaged(second, servicePrincipalNames: names)
    let held = [try adopted(6), try adopted(5)]
    #expect(try order(ledger, held: held).slots.map(\.position) == [.next, .latest, .previous, .retiring])
    #expect(try order(ledger, held: held).slots.map(\.version.number) == [8, 7, 6, 5])
    #expect(ledger.latest?.rotation == first.rotation)
    ledger.wasCommitted(second, as: KeyVersion(8), fingerprint: second.fingerprint, at: instant(10))
    #expect(try order(ledger, held: held).slots.map(\.position) == [.latest, .previous, .retiring, .retiring])
  }

  @Test("A key that the directory may hold but no ticket shows is kept without an end, and Latest stays Latest")
  func foreign() throws {
    var ledger = SlotLedger()
    let first = try plan(1, version: 7)
    commit(first, to: &ledger, at: 0)
    let second = try plan(2, version: 8)
    ledger.wasStaged(second, servicePrincipalNames: names)
    ledger.becameForeign(second.rotation, issued: KeyVersion(8), at: instant(10))
    #expect(ledger.position(of: second.rotation) == .retiring)
    #expect(ledger.position(of: first.rotation) == .latest)
    #expect(try order(ledger).slots.allSatisfy { $0.retireAfter == nil })
    let later = instant(1e6)
    #expect(ledger.timePassed(to: later.time, boot: later.boot, policy: policy) == [])
  }

  @Test("A key that somebody else's password came after, as a ticket under a later kvno shows, ends like any superseded key")
  func foreignAndSuperseded() throws {
    var ledger = SlotLedger()
    let first = try plan(1, version: 7)
    commit(first, to: &ledger, at: 0)
    let second = try plan(2, version: 8)
    ledger.wasStaged(second, servicePrincipalNames: names)
    ledger.becameForeign(second.rotation, issued: KeyVersion(9), at: instant(10))
    #expect(ledger.position(of: first.rotation) == .latest)
    let end = instant(10 + 36_300)
    let early = ledger.timePassed(to: end.time.addingTimeInterval(-1), boot: end.boot, policy: policy)
    #expect(early == [])
    #expect(ledger.timePassed(to: end.time, boot: end.boot, policy: policy) == [second.rotation])
    #expect(ledger.position(of: first.rotation) == .latest)
  }

  // MARK: Orders

  @Test("There is no order before the first claim: nothing is taken from nodes whose keys nobody has rotated")
  func noOrderBeforeFirstClaim() throws {
    var ledger = SlotLedger()
    ledger.keysWereAdopted([try adopted(6)])
    #expect(ledger.order(for: Fixture.account, realm: Realm("R"), held: [], present: [], policy: policy, nonce: []) == nil)
  }

  @Test("Every event gives a higher (epoch, version), under the stamp that allows it")
  func ordersAscend() throws {
    var ledger = SlotLedger()
    let plan = try plan(1, version: 7)
    ledger.wasStaged(plan, servicePrincipalNames: names)
    #expect((ledger.epoch, ledger.version) == (plan.claim.epoch, 1))
    ledger.wasStaged(plan, servicePrincipalNames: names)
    #expect((ledger.epoch, ledger.version) == (plan.claim.epoch, 2))
    #expect(ledger.slots.count == 1)
    ledger.wasUnstaged(plan, servicePrincipalNames: names)
    #expect((ledger.epoch, ledger.version) == (plan.fence.epoch, 1))
    ledger.wasUnstaged(plan, servicePrincipalNames: names)
    #expect((ledger.epoch, ledger.version) == (plan.fence.epoch, 2))
  }

  @Test("An adopted key is kept on each node under the fingerprint that this node reported")
  func adoptedIsKept() throws {
    var ledger = SlotLedger()
    let found = try adopted(6)
    ledger.keysWereAdopted([found])
    ledger.wasStaged(try plan(1, version: 7), servicePrincipalNames: names)
    let kept = try order(ledger, held: [found]).slots.last
    #expect(kept?.rotation == found.rotation)
    #expect(kept?.fingerprint == found.fingerprint)
    #expect(kept?.keys == nil)
    #expect(kept?.retireAfter == nil)
  }

  @Test("A node that does not hold an adopted key is not asked to keep it")
  func adoptedElsewhere() throws {
    var ledger = SlotLedger()
    ledger.keysWereAdopted([try adopted(6)])
    ledger.wasStaged(try plan(1, version: 7), servicePrincipalNames: names)
    #expect(try order(ledger).slots.map(\.version.number) == [7])
  }

  @Test("A found key that stands under the kvno of one of ours gives way to it")
  func adoptedIsDisplaced() throws {
    var ledger = SlotLedger()
    commit(try plan(1, version: 7), to: &ledger, at: 0)
    let order = try order(ledger, held: [try adopted(7), try adopted(6)])
    #expect(order.drop == [.adopted(KeyVersion(7))])
  }

  @Test("Once there is a key of ours, found ones are not adopted any more")
  func noAdoptionLater() throws {
    var ledger = SlotLedger()
    commit(try plan(1, version: 7), to: &ledger, at: 0)
    let before = ledger
    ledger.keysWereAdopted([try adopted(6)])
    #expect(ledger == before)
  }

  @Test("An un-staged slot is dropped by name, and every live key stays listed")
  func unstage() throws {
    var ledger = SlotLedger()
    let first = try plan(1, version: 7)
    commit(first, to: &ledger, at: 0)
    let second = try plan(2, version: 8)
    ledger.wasStaged(second, servicePrincipalNames: names)
    ledger.wasUnstaged(second, servicePrincipalNames: names)
    let order = try order(ledger)
    #expect(order.slots.map(\.rotation) == [first.rotation])
    #expect(order.drop == [second.rotation])
    #expect(order.epoch == second.fence.epoch)
  }

  @Test("An abort before any staging keeps the found keys and the SPNs in the order")
  func abortBeforeStaging() throws {
    var ledger = SlotLedger()
    let found = try adopted(6)
    ledger.keysWereAdopted([found])
    ledger.wasUnstaged(try plan(1, version: 7), servicePrincipalNames: names)
    let order = try order(ledger, held: [found])
    #expect(order.slots.map(\.rotation) == [found.rotation])
    #expect(order.servicePrincipalNames == names)
  }

  @Test("The kvno and the fingerprint that the check found are the ones in the order")
  func renumbered() throws {
    var ledger = SlotLedger()
    let plan = try plan(1, version: 7)
    ledger.wasStaged(plan, servicePrincipalNames: names)
    let other = try #require(KeyFingerprint(String(repeating: "b", count: 32)))
    ledger.wasCommitted(plan, as: KeyVersion(9), fingerprint: other, at: instant(0))
    let slot = try #require(try order(ledger).slots.first)
    #expect(slot.version == KeyVersion(9))
    #expect(slot.fingerprint == other)
    #expect(slot.committedEpoch == plan.claim.epoch)
  }

  @Test("A changed configuration makes a new order, with its SPNs, once there have been orders")
  func configured() throws {
    var ledger = SlotLedger()
    let others = [try ServicePrincipalName("imap/mail.lab.example")]
    ledger.configurationWasLoaded(others, policyChanged: true)
    #expect(ledger == SlotLedger())
    commit(try plan(1, version: 7), to: &ledger, at: 0)
    let before = ledger.version
    ledger.configurationWasLoaded(names, policyChanged: false)
    #expect(ledger.version == before)
    ledger.configurationWasLoaded(others, policyChanged: false)
    #expect(ledger.version == before + 1)
    ledger.configurationWasLoaded(others, policyChanged: true)
    #expect(ledger.version == before + 2)
    #expect(ledger.servicePrincipalNames.map(\.description) == ["imap/mail.lab.example"])
  }

  // MARK: Retention

  @Test("Of more keys than one order names to be destroyed, the rest follows when nodes report that they still hold them")
  func manyRetire() throws {
    var ledger = SlotLedger()
    let found = try (1...40).map(adopted)
    ledger.keysWereAdopted(found)
    commit(try plan(1, version: 41), to: &ledger, at: 0)
    let end = instant(36_300)
    #expect(ledger.timePassed(to: end.time, boot: end.boot, policy: policy).count == 40)
    let named = try order(ledger).drop
    let left = found.filter { !named.contains($0.rotation) }.map { report in
      var report = report
      report.retireAfter = end.time
      return report
    }
    #expect(named.count == 32 && left.count == 8)
    let hasFound = ledger.unlistedKeysExpired(left, at: end.time, boot: end.boot, policy: policy, isLossOver: false)
    #expect(hasFound)
    #expect(Set(try order(ledger).drop).isSuperset(of: left.map(\.rotation)))
  }

  private func twice() throws -> SlotLedger {
    var ledger = SlotLedger()
    commit(try plan(1, version: 7), to: &ledger, at: 0)
    commit(try plan(2, version: 8), to: &ledger, at: 100)
    return ledger
  }

  private func stray(_ version: UInt32, until end: Date) throws -> SlotReport {
    SlotReport(
      rotation: .adopted(KeyVersion(version)), version: KeyVersion(version), position: .retiring,
      fingerprint: try #require(KeyFingerprint(String(repeating: "c", count: 32))), encryptionTypes: [18], setAt: start,
      isProven: false, retireAfter: end)
  }

  @Test("A key that a node holds unasked is dropped once the end that the node gave it is over, and not before")
  func unlisted() throws {
    var ledger = try twice()
    let stray = try stray(3, until: instant(50_000).time)
    let before = ledger
    #expect(!areExpired([stray], in: &ledger, at: 49_999) && ledger == before)
    #expect(areExpired([stray], in: &ledger, at: 50_000) && ledger.version == before.version + 1)
    #expect(try order(ledger).drop.contains(stray.rotation))
    #expect(!areExpired([stray], in: &ledger, at: 50_000))
  }

  @Test("A key that a node holds unasked stays when only the wall clock says that a ticket's life has passed since ours came")
  func unlistedOutlastsClockJump() throws {
    var ledger = try twice()
    let (before, jumped) = (ledger, instant(100_000))
    let isDropped = ledger.unlistedKeysExpired(
      [try stray(3, until: start)], at: jumped.time, boot: instant(100 + 36_299).boot, policy: policy, isLossOver: false)
    #expect(!isDropped && ledger == before)
  }

  private func areExpired(
    _ reports: [SlotReport], in ledger: inout SlotLedger, at seconds: TimeInterval, isLossOver: Bool = false
  ) -> Bool {
    let now = instant(seconds)
    return ledger.unlistedKeysExpired(reports, at: now.time, boot: now.boot, policy: policy, isLossOver: isLossOver)
  }

  @Test("A held key stands under the kvno that a node has proven it under, and not under the predicted one")
  func heldUnderTheProvenVersion() throws {
    var ledger = SlotLedger()
    let rotation = try plan(1, version: 8)
    ledger.wasStaged(rotation, servicePrincipalNames: names)
    ledger.becameForeign(rotation.rotation, issued: nil, at: instant(1))
    var report = SlotReport(
      rotation: rotation.rotation, version: KeyVersion(9), position: .latest, fingerprint: rotation.fingerprint,
      encryptionTypes: [18], setAt: start, isProven: false, retireAfter: nil)
    let before = ledger
    ledger.heldWasProven([report])
    #expect(ledger == before)
    report.isProven = true
    ledger.heldWasProven([report])
    #expect(ledger.slots.map(\.version) == [KeyVersion(9)])
    #expect(ledger.version == before.version + 1)
    let learned = ledger
    ledger.heldWasProven([report])
    #expect(ledger == learned)
  }

  @Test("A key held unasked that may be what domain controllers issue under stays, whatever end the node gave it")
  func unlistedMayBeInUse() throws {
    var ledger = try twice()
    let before = ledger
    let isNewDropped = areExpired([try stray(9, until: start)], in: &ledger, at: 100_000, isLossOver: true)
    #expect(!isNewDropped, "it is newer than ours")
    let isOldDropped = areExpired([try stray(3, until: start)], in: &ledger, at: 100 + 36_299, isLossOver: true)
    #expect(!isOldDropped, "ours is too young")
    #expect(ledger == before)
  }

  @Test("A superseded key ends one ticket lifetime and the skew after the newer one took over")
  func retireAfter() throws {
    let slots = try order(try twice()).slots
    #expect(slots.map(\.retireAfter) == [nil, start.addingTimeInterval(100 + 36_300)])
  }

  @Test(
    "It is destroyed only when that time has passed on both clocks",
    arguments: [(36_300.0, 36_300.0, true), (36_299, 36_300, false), (36_300, 36_299, false), (1e6, 10, false)])
  func bothClocks(wall: TimeInterval, boot: TimeInterval, isDestroyed: Bool) throws {
    var ledger = try twice()
    let destroyed = ledger.timePassed(
      to: start.addingTimeInterval(100 + wall), boot: BootInstant(boot: "boot-1", seconds: 1100 + boot), policy: policy)
    #expect(destroyed.map(\.description) == (isDestroyed ? ["rotation-1"] : []))
  }

  @Test("After a reboot only the time since then counts")
  func reboot() throws {
    var ledger = try twice()
    let later = start.addingTimeInterval(1e6)
    #expect(ledger.timePassed(to: later, boot: BootInstant(boot: "boot-2", seconds: 36_299), policy: policy) == [])
    #expect(ledger.timePassed(to: later, boot: BootInstant(boot: "boot-2", seconds: 36_300), policy: policy).count == 1)
  }

  @Test("A destroyed key is dropped by name, its slot stays listed, and the newest never ends")
  func destroyed() throws {
    var ledger = try twice()
    let later = instant(1e6)
    #expect(ledger.timePassed(to: later.time, boot: later.boot, policy: policy).count == 1)
    #expect(ledger.timePassed(to: later.time, boot: later.boot, policy: policy) == [])
    #expect(ledger.slots.count == 2)
    #expect(ledger.holding.map(\.rotation.description) == ["rotation-2"])
    #expect(try order(ledger).slots.map(\.position) == [.latest])
    #expect(try order(ledger).drop.map(\.description) == ["rotation-1"])
  }

  @Test("Only the two newest destroyed slots stay listed")
  func destroyedAreForgotten() throws {
    var ledger = SlotLedger()
    for number in 1...6 { commit(try plan(UInt64(number), version: UInt32(6 + number)), to: &ledger, at: Double(number)) }
    let later = instant(1e6)
    #expect(ledger.timePassed(to: later.time, boot: later.boot, policy: policy).count == 5)
    #expect(ledger.slots.map(\.rotation.description) == ["rotation-6", "rotation-5", "rotation-4"])
  }

  @Test("With previous: keep the Previous key stays until the next rotation, older ones end")
  func keepPrevious() throws {
    var keeping = policy
    keeping.previous = .keep
    var ledger = try twice()
    let later = instant(1e6)
    #expect(ledger.timePassed(to: later.time, boot: later.boot, policy: keeping) == [])
    commit(try plan(3, version: 9), to: &ledger, at: 1e6)
    #expect(ledger.timePassed(to: later.time, boot: later.boot, policy: keeping).map(\.description) == ["rotation-1"])
  }
}
