import Foundation
import RotationCore
import SecretMemory

// MARK: - When a directory has changed

extension World {
  /// A controller has taken a password of ours.
  func passwordWasSet(_ modify: Modify, at controller: DomainController) {
    let (rotation, secret) = (modify.rotation, controller.secret.value)
    if truth.keys[secret.key] == nil { truth.keys[secret.key] = Truth.KeyLife(rotation: rotation, isOurs: true) }
    if let before = truth.applied[rotation] {
      fail(
        .oneSecretPerRotation,
        "\(rotation) has set \(before.password == secret.password ? "its password twice" : "a second password")")
    }
    if let other = truth.committed[modify.replacement.epoch], other != secret.password {
      fail(.singleWriter, "epoch \(modify.replacement.epoch) has committed two passwords")
    }
    // A store from before the end goes on with a rotation of which the directory shows nothing, and cannot know the record.
    let mayBeUnaware = sites[modify.site].isRestored && truth.abortedUnclaimed.contains(rotation)
    if truth.aborted.contains(rotation), !mayBeUnaware {
      fail(
        .freeAbort,
        "\(controller.name) takes the password of \(rotation), which is on record as failed with the password unchanged")
    }
    truth.committed[modify.replacement.epoch] = secret.password
    truth.applied[rotation] = Truth.Application(password: secret.password, key: secret.key, version: controller.version)
    checkIsSealed(rotation, password: secret.password, on: sites[modify.site])
    checkIsDistributed(rotation, key: secret.key, version: controller.version)
  }

  private func checkIsSealed(_ rotation: RotationID, password: UInt64, on site: RotatorSite) {
    guard !site.isRestored else { return }
    let disk = site.disk.unsyncedSince?.disk ?? site.disk
    guard let sealed = disk.secrets[rotation], ToyKeys.number(of: sealed.password) == password else {
      return fail(.noLostKey, "a controller has the password of \(rotation), the store of \(site.name) has not")
    }
  }

  private func checkIsDistributed(_ rotation: RotationID, key: UInt64, version: KeyVersion) {
    guard let plan = truth.plans[rotation]?.plan else {
      return fail(.noLostKey, "a controller has the password of \(rotation), of which no plan was durable")
    }
    let planned = truth.wasReset ? nil : version
    let holders = nodes.filter { $0.holds(key, under: planned) || ($0.wipedAt ?? -1) >= 0 }.map(\.name)
    // A node that was revoked after the write had been sent counts as it did then.
    let quorums = [plan.quorum, truth.quorums[rotation] ?? plan.quorum]
    guard quorums.contains(where: { $0.isMet(by: Set(holders)) }) else {
      return fail(
        .noLostKey,
        "a controller issues under \(rotation), which only \(holders.map(\.description)) of \(plan.quorum.members.count) nodes hold"
      )
    }
  }

  /// A controller issues under another key than before.
  func issuerChanged(_ controller: DomainController, from former: DomainController.Secret) {
    let bit = UInt8(1) << controller.index
    let lifetime = Double(scenario.policy.ticketLifetime.components.seconds)
    truth.keys[former.key]?.issuers &= ~bit
    // Time only goes on: the last one to change holds the latest tickets.
    truth.keys[former.key]?.ticketsUntil = now + lifetime
    let key = controller.secret.value.key
    truth.keys[key]?.issuers |= bit
    if truth.keys[key]?.versions.contains(controller.version) == false { truth.keys[key]?.versions.append(controller.version) }
    guard truth.keys[key]?.isOurs == true else { return }
    for node in nodes where node.holds(key) { node.owed.insert(key) }
  }
}

// MARK: - When a node has changed

extension World {
  func slotFileChanged(of node: SimulatedNode, from former: NodeSlots?) {
    guard let slots = node.file else { return }
    if let before = former?.applied, let after = slots.applied, (after.epoch, after.version) < (before.epoch, before.version),
      !faultTakesBack(before, slots)
    {
      fail(
        .singleWriter, "\(node.name) goes back from order \(before.epoch)/\(before.version) to \(after.epoch)/\(after.version)")
    }
    for slot in slots.slots where slot.isProven {
      guard let key = slot.keys.keys.first.map(ToyKeys.keyName(of:)) else { continue }
      if truth.keys[key]?.versions.contains(slot.version) != true {
        fail(
          .noFalseProof,
          "\(node.name) holds \(slot.rotation) as proven under kvno \(slot.version), which no controller has used")
      }
    }
  }

  /// A node whose keytab could not be written takes its slot file back; that is its right.
  private func faultTakesBack(_ before: NodeSlots.AppliedOrder, _ slots: NodeSlots) -> Bool {
    takenBack.remove(before.digest) != nil
  }

  func keytabChanged(of node: SimulatedNode) {
    for (index, entry) in node.keytab.enumerated() {
      let twin = node.keytab[(index + 1)...].first {
        $0.version == entry.version && $0.type == entry.type && $0.key != entry.key
      }
      if twin != nil { fail(.oneKeyPerVersion, "\(node.name) holds two keys under kvno \(entry.version)") }
    }
    for key in node.owed.sorted() where !node.holds(key) {
      if truth.isLive(key, at: now) {
        let rotation = truth.keys[key]?.rotation.map(\.description) ?? "of before"
        fail(.noRefusedClient, "\(node.name) has dropped the key \(rotation), under which tickets are alive")
      }
      node.owed.remove(key)
    }
    for entry in node.keytab where truth.isLive(entry.name, at: now) { node.owed.insert(entry.name) }
  }

  /// A node has carried out an order.
  func wasOrdered(_ order: SlotOrder, on node: SimulatedNode) {
    node.dropped.formUnion(order.drop)
    for slot in node.memory?.slots ?? [] where slot.retireAfter == nil {
      guard !order.slots.contains(where: { $0.rotation == slot.rotation || $0.fingerprint == slot.fingerprint }) else {
        continue
      }
      fail(.convergence, "\(node.name) holds \(slot.rotation) without an end, and the order does not name it")
    }
    for slot in order.slots where slot.position == .next && !slot.rotation.isAdopted {
      if let other = truth.staged[order.epoch], other != slot.rotation {
        fail(.singleWriter, "epoch \(order.epoch) stages \(slot.rotation) and \(other)")
      }
      truth.staged[order.epoch] = slot.rotation
      if node.dropped.contains(slot.rotation) {
        fail(.singleWriter, "\(node.name) stages \(slot.rotation) anew, which it was told to drop")
      }
    }
  }
}

// MARK: - When a store has changed

extension World {
  func wasStored(_ change: StoreChange, after former: (ledger: SlotLedger?, rotation: RotationMachine?), on site: RotatorSite) {
    if let machine = change.account?.rotation {
      truth.plans[machine.plan.rotation] = (machine.plan, site.index)
      if machine.phase == .staging { truth.quorums[machine.plan.rotation] = machine.plan.quorum }
    }
    if change.account != nil { checkSteps(from: former.ledger, to: change.account?.ledger, on: site) }
    noteTransition(change.account, from: former.rotation, on: site)
    for (rotation, secrets) in change.seal {
      let password = ToyKeys.number(of: secrets.password)
      if let before = truth.sealed[rotation], before != password {
        fail(.oneSecretPerRotation, "a second password was made for \(rotation)")
      }
      truth.sealed[rotation] = password
    }
    for rotation in change.destroy { checkMayBeDestroyed(rotation, on: site) }
    for record in change.records { check(record, on: site) }
  }

  private func noteTransition(_ record: AccountRecord?, from former: RotationMachine?, on site: RotatorSite) {
    guard let record else { return }
    checkDeadline(of: record.rotation ?? former, from: former, on: site)
    let (before, after) = (former?.phaseName ?? "none", record.rotation?.phaseName ?? "none")
    guard before != after else { return }
    tally.transitions["\(before) -> \(after)", default: 0] += 1
    if trace.isOn { trace.add(now, "  \(before) -> \(after)") }
  }

  /// Nodes that do not answer hold a rotation up until its deadline, and no longer.
  private func checkDeadline(of machine: RotationMachine?, from former: RotationMachine?, on site: RotatorSite) {
    guard let machine, let process = site.process else { return }
    if former?.phase != machine.phase || former?.plan.rotation != machine.plan.rotation {
      process.phaseBegan = (machine.phase, now)
    }
    guard let began = process.phaseBegan, began.phase == machine.phase, tally.faults[FaultKind.clockJump.rawValue] == 0,
      tally.faults[FaultKind.storeRefusal.rawValue] == 0
    else { return }
    let limit: TimeInterval? =
      switch machine.phase {
      case .staging: machine.plan.stagingSeconds
      case .proving: machine.plan.proofSeconds
      default: nil
      }
    if let limit, now - began.time > limit + 30 {
      fail(
        .convergence,
        "\(machine.plan.rotation) is \(machine.phase.rawValue) for \(Int(now - began.time)) s, beyond its deadline")
    }
  }

  private func checkMayBeDestroyed(_ rotation: RotationID, on site: RotatorSite) {
    guard !site.isRestored, let application = truth.applied[rotation], truth.isLive(application.key, at: now) else { return }
    fail(.noLostKey, "\(site.name) destroys the secrets of \(rotation), under which tickets are alive")
  }

  private func check(_ record: OutcomeRecord, on site: RotatorSite) {
    guard let rotation = record.rotation else { return }
    if record.kind == .rotationStarted { tally.rotations += 1 }
    guard record.isTerminal else { return }
    if !site.disk.history.contains(where: { $0.kind == .rotationStarted && $0.rotation == rotation }), !site.isRestored {
      fail(.oneTrueRecord, "the end of \(rotation) is on record on \(site.name), and its beginning is not")
    }
    tally.endings["\(record.kind.rawValue) in \(record.phase ?? "?")", default: 0] += 1
    if site.disk.history.count(where: { $0.isTerminal && $0.rotation == rotation }) > 1 {
      fail(.oneTrueRecord, "\(rotation) has two terminal records on \(site.name)")
    }
    checkIsQuick(record, of: rotation, on: site)
    switch record.passwordChanged {
    // A store from before the plan, or a copy of one, cannot know what became of the attempt.
    case false? where (site.isRestored || site.isClone) && record.phase == "preflight": break
    case false?:
      truth.aborted.insert(rotation)
      if ["preflight", "planned", "claiming"].contains(record.phase) { truth.abortedUnclaimed.insert(rotation) }
      if truth.applied[rotation] != nil {
        fail(.freeAbort, "\(rotation) is recorded as failed with the password unchanged, and a controller has taken it")
      }
      checkIsGone(rotation, record, on: site)
    case true?: checkSuccess(record, of: rotation, on: site)
    case nil:
      truth.undecided.insert(rotation)
      checkIsUndecided(rotation, on: site)
    }
  }

  /// Where nothing goes wrong, a plan comes to its end, and long before any deadline.
  private func checkIsQuick(_ record: OutcomeRecord, of rotation: RotationID, on site: RotatorSite) {
    let isLast = faults.isOver && truth.lastRotation > 0
    guard record.phase != "preflight", isLast || faults.strikes.isEmpty && scenario.company == .none else { return }
    let begin = site.disk.history.last { $0.kind == .rotationStarted && $0.rotation == rotation }?.time ?? record.time
    if record.time.timeIntervalSince(begin) > 12 {
      fail(.convergence, "\(rotation) took \(Int(record.time.timeIntervalSince(begin))) s, and nothing went wrong")
    }
    if record.kind == .rotationFailed { fail(.convergence, "\(rotation) failed, and nothing went wrong: \(record.message)") }
  }

  /// Nodes are back in their former slots, except those that the record names and that have not got the last order yet.
  private func checkIsGone(_ rotation: RotationID, _ record: OutcomeRecord, on site: RotatorSite) {
    // A twin on a copied store goes on with the same rotation; a store from before the staging does not know of it.
    guard let ledger = site.disk.account?.ledger, scenario.company != .copy, !site.isRestored else { return }
    let participants = truth.plans[rotation]?.plan.participants ?? []
    let left = record.message.components(separatedBy: "not yet back in their former slots").dropFirst().joined()
    for node in nodes where node.file?.slots.contains(where: { $0.rotation == rotation }) == true && !isRevoked(node, on: site)
    {
      let hasOrder = node.file?.applied.map { ($0.epoch, $0.version) == (ledger.epoch, ledger.version) } ?? false
      // One that came later than the plan follows by itself, too.
      let isNamed = left.contains(node.name.description) || !participants.contains(node.name)
      guard hasOrder || !isNamed else { continue }
      fail(.freeAbort, "\(rotation) is recorded as failed with the password unchanged, and \(node.name) still holds its key")
    }
  }

  /// Only somebody else's stamp leaves open what became of a password.
  private func checkIsUndecided(_ rotation: RotationID, on site: RotatorSite) {
    guard !site.isRestored, scenario.company != .copy, let shown = site.process?.shown?.stamp else {
      return
    }
    if shown.rotation == rotation {
      fail(.oneTrueRecord, "\(rotation) is recorded as undecided on \(site.name), which was shown \(shown)")
    }
  }

  private func checkSuccess(_ record: OutcomeRecord, of rotation: RotationID, on site: RotatorSite) {
    guard let application = truth.applied[rotation] else {
      return fail(.oneTrueRecord, "\(rotation) is recorded as a changed password, and no controller has taken it")
    }
    if record.phase == "proving", let version = record.version,
      truth.keys[application.key]?.versions.contains(version) != true
    {
      fail(.oneTrueRecord, "\(rotation) is recorded as kvno \(version), and no controller has issued it as that")
    }
    checkFormerIsListed(site)
    guard record.kind != .rotationFailed, let plan = truth.plans[rotation]?.plan else { return }
    let behind = record.kind == .rotationDegraded ? record.nodes : []
    if let revoked = behind.first(where: { site.disk.nodes[$0]?.isRevoked == true }) {
      fail(.oneTrueRecord, "\(rotation) is recorded as waiting for \(revoked), which was revoked")
    }
    for node in nodes where plan.quorum.members.contains(node.name) && !behind.contains(node.name) && node.wipedAt == nil {
      if !node.holds(application.key, under: record.version), !isRevoked(node, on: site) {
        fail(.oneTrueRecord, "\(rotation) is recorded as accepted by \(node.name), which does not hold it")
      }
    }
  }

  /// The key of before is Previous from the first password of ours on.
  private func checkFormerIsListed(_ site: RotatorSite) {
    guard !truth.wasReset, !site.isRestored, scenario.company == .none, let ledger = site.disk.account?.ledger else { return }
    if ledger.latest?.committedEpoch != nil, !ledger.slots.contains(where: { ledger.position(of: $0.rotation) == .previous }) {
      fail(.noRefusedClient, "\(site.name) has a new Latest, and lists no key of before")
    }
  }

  /// Before a daemon starts: the record survives being encoded, and everything that is alive is sealed.
  func checkDisk(of site: RotatorSite) {
    if let account = site.disk.account, (UInt64(tally.incarnations) + seed) % 16 == 0 {
      do {
        let read = try JSONDecoder().decode(AccountRecord.self, from: JSONEncoder().encode(account))
        if read != account { fail(.durableState, "the record of \(site.name) is not what was written") }
        site.disk.account = read
      } catch { fail(.durableState, "the record of \(site.name) cannot be read back: \(error)") }
    }
    guard !site.isRestored else { return }
    for (rotation, application) in truth.applied.sorted(by: { $0.key.description < $1.key.description })
    where truth.plans[rotation]?.site == site.index && truth.isLive(application.key, at: now) {
      if site.disk.secrets[rotation] == nil {
        fail(.noLostKey, "the store of \(site.name) has lost the secrets of \(rotation)")
      }
    }
  }
}
