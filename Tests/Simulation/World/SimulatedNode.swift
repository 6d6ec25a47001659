import Foundation
import RotationCore
import SecretMemory

/// One node: the production rules on a slot file and a keytab that survive the agent.
final class SimulatedNode {
  struct KeytabEntry: Equatable {
    let version: KeyVersion
    let type: Int32
    /// The key itself, with its type.
    let key: UInt64

    var name: UInt64 { key >> 8 }
  }

  let index: Int
  let name: NodeName
  unowned let world: World
  /// The slot file.
  private(set) var file: NodeSlots?
  /// The keytab as consumers read it.
  private(set) var keytab: [KeytabEntry] = []
  private(set) var keytabNames = [Names.mail]
  /// What its consumer has loaded; `nil` if it opens the keytab for every client.
  private var loaded: [KeytabEntry]?
  /// What the agent has in memory.
  private(set) var memory: NodeSlots?
  private(set) var isUp = true
  /// Counts the agent's runs.
  private(set) var life = 0
  var streams: [AgentStream?] = [nil, nil]
  var isDialling = [false, false]
  var certifiedAt = -1.0
  private var installation = 1
  /// When it was installed anew: what it held before is nobody's concern.
  private(set) var wipedAt: Double?
  /// The keys that were issued while it held them: clients come with them.
  var owed: Set<UInt64> = []
  /// The rotations that it was told to drop.
  var dropped: Set<RotationID> = []
  /// The keys that have opened a ticket for the rotator here.
  private(set) var accepted: Set<UInt64> = []
  /// Whether the last order left the keytab as it was, unnoticed.
  private(set) var isUnwritten = false
  /// Until when it is frozen: what comes meanwhile waits.
  private var thawsAt = 0.0
  private var inbox: [() -> Void] = []

  init(index: Int, name: NodeName, world: World) {
    self.index = index
    self.name = name
    self.world = world
  }

  func strikes(_ kind: FaultKind) -> Bool { world.strikes(kind) }

  private func note(_ text: @autoclosure () -> String) {
    if world.trace.isOn { world.trace.add(world.now, "\(name) \(text())") }
  }

  func holds(_ key: UInt64, under version: KeyVersion? = nil) -> Bool {
    served.contains { $0.name == key && (version == nil || $0.version == version) }
  }

  /// What clients are accepted with.
  var served: [KeytabEntry] { loaded ?? keytab }

  /// The turn of its consumer has come to an end: it has loaded what the keytab holds then.
  func loadKeytab() {
    guard loaded != nil else { return }
    note("its consumer loads the keytab")
    loaded = keytab
    world.keytabChanged(of: self)
  }

  private var consumers: [ConsumerReport] {
    guard let loaded else { return [] }
    let isCurrent = keytab.allSatisfy(loaded.contains)
    return [ConsumerReport(name: "consumer.service", state: isCurrent ? .current : .pending, turnSeconds: 20)]
  }

  // MARK: Running

  /// The keytab that an administrator has put there before any rotator came.
  func takeOldKeytab(key: UInt64, version: KeyVersion) {
    keytab = world.scenario.encryptionTypes.map {
      KeytabEntry(version: version, type: $0.rawValue, key: key << 8 | UInt64($0.rawValue))
    }
    owed.insert(key)
    if world.scenario.caching.contains(index) { loaded = keytab }
    if let latecomer = world.scenario.latecomer, latecomer.node == index { arriveLate(at: latecomer.time) }
  }

  /// It has served clients with the key before, too, and is not switched on yet.
  private func arriveLate(at time: Double) {
    let version = KeyVersion(6)
    let key = ToyKeys.keyName(of: world.unique(), salt: world.writer.secret.value.salt)
    let lifetime = Double(world.scenario.policy.ticketLifetime.components.seconds)
    world.truth.keys[key] = Truth.KeyLife(rotation: nil, isOurs: true, ticketsUntil: lifetime, versions: [version])
    keytab += world.scenario.encryptionTypes.map {
      KeytabEntry(version: version, type: $0.rawValue, key: key << 8 | UInt64($0.rawValue))
    }
    owed.insert(key)
    if loaded != nil { loaded = keytab }
    isUp = false
    world.at(time) { [self] in
      if !isUp { start() }
    }
  }

  func attachment(at time: Date) -> NodeAttachment {
    NodeAttachment(
      node: name, installation: "installation-\(installation)", agentVersion: "1", certificateFingerprint: "00",
      certificateNotAfter: .distantFuture, since: time)
  }

  func crash() {
    guard isUp else { return }
    isUp = false
    life += 1
    note("crashed")
    for stream in streams { stream.map(world.cut) }
    world.after(world.faults.isOver ? 1 : world.random.seconds(0.2...20)) { [self] in start() }
  }

  private func start() {
    isUp = true
    (thawsAt, inbox) = (0, [])
    memory = file
    note("starts")
    if let memory { install(memory) }
    for site in world.sites { world.dial(from: self, to: site) }
  }

  /// Orders and proofs wait for a while, and its streams stay open.
  func freeze(for seconds: Double) {
    note("is frozen for \(Int(seconds)) s")
    thawsAt = max(thawsAt, world.now + seconds)
    world.at(thawsAt) { [self] in thaw() }
  }

  /// Does now, or when it thaws, what a message asks for, in the order of arrival.
  func whenThawed(_ body: @escaping () -> Void) {
    if world.now < thawsAt { inbox.append(body) } else { body() }
  }

  private func thaw() {
    guard world.now >= thawsAt else { return }
    let waiting = inbox
    inbox = []
    for body in waiting { body() }
  }

  /// The machine is installed anew: nothing is left.
  func wipe() {
    note("is installed anew")
    file = nil
    memory = nil
    keytab = []
    if loaded != nil { loaded = [] }
    owed = []
    dropped = []
    accepted = []
    installation += 1
    wipedAt = world.now
    crash()
  }

  // MARK: Adoption

  /// A rotator has accepted the agent: what the keytab holds for an account without any order is adopted.
  func welcome(from site: RotatorSite) {
    var slots = memory ?? NodeSlots(account: Names.account, realm: Names.realm, servicePrincipalNames: site.names)
    if slots.applied == nil {
      slots.rename(to: site.names)
      slots.slots = adopted(known: slots.slots)
    }
    memory = slots
    rename(under: site)
    if let memory, memory != file { save(memory) }
  }

  private func adopted(known: [HeldSlot]) -> [HeldSlot] {
    let versions = Set(keytab.map(\.version)).sorted(by: >)
    return versions.map { version in
      let keys = AccountKeys(
        keys: keytab.filter { $0.version == version }.map { entry in
          AccountKey(encryptionType: entry.type, bytes: ToyKeys.password(entry.key))
        }, salt: nil)
      if let slot = known.first(where: { $0.version == version && $0.keys.keys == keys.keys }) { return slot }
      return HeldSlot(
        rotation: .adopted(version), version: version, position: .retiring,
        fingerprint: world.sites[0].fingerprint(of: keys), keys: keys,
        setAt: Names.start, committedEpoch: nil, isProven: false, retireAfter: nil)
    }
  }

  /// Each store has a secret of its own; the keys are the same, their names are not.
  func rename(under site: RotatorSite) {
    guard var slots = memory else { return }
    for index in slots.slots.indices {
      slots.slots[index].fingerprint = site.fingerprint(of: slots.slots[index].keys)
    }
    memory = slots
  }
}

// MARK: - Orders

extension SimulatedNode {
  /// Carries out an order step by step; `nil` if the agent crashed on the way.
  func carryOut(_ order: SlotOrder, from site: RotatorSite) -> NodeReport? {
    if world.sites.count > 1 { rename(under: site) }
    guard let held = memory else { return nil }
    for slot in order.slots {
      guard let keys = slot.keys, site.fingerprint(of: keys) != slot.fingerprint else { continue }
      return answer(order, refusal: order.refusal(.other, "the keys of slot \(slot.rotation) have another fingerprint"))
    }
    let seam = NodeSeam(world: world)
    if let forged = seam.forgedReport(of: self, for: order) { return forged }
    switch seam.apply(order, to: held, now: Names.start.addingTimeInterval(world.now)) {
    case .refused(let refusal):
      note("refuses \(order.epoch)/\(order.version): \(refusal.message)")
      return answer(order, refusal: refusal)
    case .repeated:
      install(held)
      return confirm(order)
    case .changed(let next): return change(to: next, from: held, for: order)
    }
  }

  private func change(to next: NodeSlots, from former: NodeSlots, for order: SlotOrder) -> NodeReport? {
    if strikes(.saveRefused) { return answer(order, refusal: order.refusal(.other, "the slot file cannot be written")) }
    if strikes(.nodeCrashBeforeSave) {
      crash()
      return nil
    }
    save(next)
    memory = next
    if strikes(.nodeCrashAfterSave) {
      world.wasOrdered(order, on: self)
      crash()
      return nil
    }
    if strikes(.keytabUnwritable) {
      if let applied = next.applied { world.takenBack.insert(applied.digest) }
      save(former)
      memory = former
      return answer(order, refusal: order.refusal(.keytab, "the keytab cannot be written"))
    }
    world.wasOrdered(order, on: self)
    if strikes(.keytabSwallowed) { return confirmUnwritten(order) }
    install(next)
    if strikes(.nodeCrashAfterKeytab) {
      crash()
      return nil
    }
    return confirm(order)
  }

  private func confirm(_ order: SlotOrder) -> NodeReport {
    var checksums: [KeyChecksum] = []
    for slot in order.slots {
      for key in slot.keys?.keys ?? [] {
        let installed = keytab.filter { $0.version == slot.version && $0.type == key.encryptionType }
        guard let first = installed.first, installed.count == 1 else {
          return answer(order, refusal: order.refusal(.keytab, "does not hold one key under kvno \(slot.version)"))
        }
        checksums.append(checksum(for: slot, of: key, by: first.key, answering: order))
      }
    }
    return report(refusal: nil, checksums: checksums, nonce: order.nonce)
  }

  /// What an agent says whose keytab was never written though every call succeeded: it holds no key to reckon with.
  private func confirmUnwritten(_ order: SlotOrder) -> NodeReport {
    note("confirms a keytab that was not written")
    isUnwritten = true
    let checksums = order.slots.flatMap { slot in
      (slot.keys?.keys ?? []).map { checksum(for: slot, of: $0, by: 0, answering: order) }
    }
    return report(refusal: nil, checksums: checksums, nonce: order.nonce)
  }

  private func checksum(
    for slot: OrderedSlot, of key: AccountKey, by number: UInt64, answering order: SlotOrder
  ) -> KeyChecksum {
    let message = KeyChecksum.message(
      nonce: order.nonce, node: name, rotation: slot.rotation, fingerprint: slot.fingerprint)
    return KeyChecksum(
      rotation: slot.rotation, encryptionType: key.encryptionType, bytes: ToyKeys.tag(message, with: number))
  }

  private func answer(_ order: SlotOrder, refusal: OrderRefusal) -> NodeReport {
    report(refusal: refusal, checksums: [], nonce: order.nonce)
  }

  func report(refusal: OrderRefusal?, checksums: [KeyChecksum], nonce: [UInt8]) -> NodeReport {
    NodeReport(
      account: Names.account, epoch: memory?.applied?.epoch ?? .zero, version: memory?.applied?.version ?? 0, refusal: refusal,
      slots: memory?.slots.map(\.report) ?? [], checksums: checksums, nonce: nonce,
      keytabs: [KeytabReport(path: "/etc/asa.keytab", fault: nil)], consumers: consumers)
  }

  /// Accepts a ticket with the installed keytab: the kvno and the key must fit.
  func prove(_ request: ToyRequest, for service: ServicePrincipalName) -> (ProofAnswer, hasNews: Bool) {
    guard keytabNames.contains(service),
      let entry = keytab.first(where: { $0.version == request.version && request.opens(with: $0.name) })
    else {
      let fault = OperatorFault(.data, "node \(name)", "no key opens the ticket of kvno \(request.version)")
      return (ProofAnswer(outcome: .failure(fault), rotation: nil), false)
    }
    accepted.insert(entry.name)
    var slots = memory
    let rotation = slots?.ticketOpened(under: request.version, now: Names.start.addingTimeInterval(world.now))
    let hasNews = slots != memory
    if hasNews, let slots {
      memory = slots
      save(slots)
    }
    return (ProofAnswer(outcome: .success(request.reply(with: entry.name)), rotation: rotation), hasNews)
  }

  // MARK: The disk

  private func save(_ slots: NodeSlots) {
    let former = file
    file = slots
    world.slotFileChanged(of: self, from: former)
  }

  /// Projects the slots into the keytab.
  private func install(_ slots: NodeSlots) {
    guard slots.applied != nil else { return }
    isUnwritten = false
    let entries = slots.slots.flatMap { slot in
      slot.keys.keys.map { KeytabEntry(version: slot.version, type: $0.encryptionType, key: ToyKeys.number(of: $0.bytes)) }
    }
    keytabNames = slots.servicePrincipalNames
    guard entries != keytab else { return }
    keytab = entries
    note("keytab: \(slots.slots.map { "\($0.rotation)@\($0.version)" }.joined(separator: " "))")
    world.keytabChanged(of: self)
  }
}
