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
    checkIsDistributed(rotation, from: modify.site, key: secret.key, version: controller.version)
  }

  private func checkIsSealed(_ rotation: RotationID, password: UInt64, on site: RotatorSite) {
    guard !site.isRestored else { return }
    let disk = site.disk.unsyncedSince?.disk ?? site.disk
    guard let sealed = disk.secrets[rotation], ToyKeys.number(of: sealed.password) == password else {
      return fail(.noLostKey, "a controller has the password of \(rotation), the store of \(site.name) has not")
    }
  }

  private func checkIsDistributed(_ rotation: RotationID, from site: Int, key: UInt64, version: KeyVersion) {
    guard let plan = truth.plans[rotation]?.plan else {
      return fail(.noLostKey, "a controller has the password of \(rotation), of which no plan was durable")
    }
    let planned = truth.wasReset ? nil : version
    let holders = nodes.filter { $0.holds(key, under: planned) || ($0.wipedAt ?? -1) >= 0 }.map(\.name)
    // A node that was revoked after the write had been sent counts as it did then.
    let quorums = truth.quorums[Truth.Claimant(rotation: rotation, site: site)] ?? []
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
    for entry in node.served where truth.isLive(entry.name, at: now) { node.owed.insert(entry.name) }
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
