import Foundation

/// Why every older key ends with a rotation, whatever tickets live: somebody else may have one.
package struct Compromise: Sendable, Equatable, Codable {
  /// What somebody has said, for the record.
  package var reason: String
  /// The nodes that are revoked before anything else, so that they never get the new key.
  package var shutOut: [NodeName]
  /// Whether keys are destroyed that a domain controller still issues tickets under.
  package var dropsAtOnce: Bool

  /// Makes an order from its parts.
  package init(reason: String, shutOut: [NodeName] = [], dropsAtOnce: Bool = false) {
    self.reason = reason
    self.shutOut = shutOut
    self.dropsAtOnce = dropsAtOnce
  }
}

/// What has become of compromised keys when the rotation for them has ended.
package struct CompromisedKeys: Sendable, Equatable, Codable {
  /// What somebody has said.
  package var reason: String
  /// The kvnos whose keys were destroyed, oldest first.
  package var dropped: [KeyVersion]
  /// The kvnos whose keys are still there, oldest first.
  package var kept: [KeyVersion]

  /// The same in words, to be put behind a sentence.
  var sentence: String {
    let gone = dropped.isEmpty ? nil : "\(Self.text(dropped)) \(dropped.count == 1 ? "was" : "were") destroyed"
    let left = kept.isEmpty ? nil : "\(Self.text(kept)) \(kept.count == 1 ? "is" : "are") not destroyed yet"
    let what = [gone, left].compactMap(\.self).joined(separator: ", ")
    return " Compromised (\(reason)): \(what.isEmpty ? "there was no older key" : what)."
  }

  static func text(_ versions: [KeyVersion]) -> String {
    "kvno " + versions.map(\.description).joined(separator: ", ")
  }
}

extension SlotLedger {
  /// When keys older than a slot end, where that is not a matter of tickets.
  package enum EndOfOlder: String, Sendable, Codable {
    /// As soon as every domain controller issues tickets under the slot's key.
    case whenConverged
    /// At once.
    case atOnce
  }

  /// Every key older than this one is compromised: it ends without regard to tickets.
  mutating func olderKeysWereCompromised(by rotation: RotationID, end: EndOfOlder, at now: Supersession) {
    guard let index = slots.firstIndex(where: { $0.rotation == rotation && $0.state == .live }) else { return }
    slots[index].endOfOlder = end
    for older in slots.indices where older > index && end == .atOnce && slots[older].superseded == nil {
      slots[older].superseded = now
    }
    version += 1
  }

  /// Whether a newer key has made this one end without regard to tickets.
  func isCompromised(_ slot: Slot) -> Bool {
    slots.prefix { $0.rotation != slot.rotation }.contains { $0.endOfOlder != nil }
  }

  /// Whether what nodes hold beside the listed keys, and older than Latest, ends without regard to tickets.
  var areStrangersCompromised: Bool {
    guard let latest, let end = latest.endOfOlder else { return false }
    return end == .atOnce || latest.unconverged == nil
  }
}

extension AccountRecord {
  /// The kvnos that a rotation for compromised keys would destroy, oldest first: those that are listed and those that nodes hold beside.
  func compromisedVersions(upTo current: KeyVersion) -> [KeyVersion] {
    let listed = ledger.holding.filter { $0.state != .staged }.map(\.version)
    let held = reports.filter { $0.position != .next }.map(\.version)
    return Set(listed + held + [current]).filter { $0 <= current }.sorted()
  }

  /// The rotation for compromised keys is over: where it has proven its own, the older ones end.
  ///
  /// - Returns: What has become of them, and the rotations whose secrets are to be destroyed; `nil` if the password was not changed.
  mutating func compromisedKeysEnd(
    with plan: RotationPlan, _ ending: RotationEnding, policy: RotationPolicy, at now: SlotLedger.Supersession
  ) -> (keys: CompromisedKeys, destroyed: [RotationID])? {
    guard let compromise = plan.compromise, ending.passwordChanged == true else { return nil }
    let before = ledger.holding.filter { $0.rotation != plan.slot }
    var destroyed: [RotationID] = []
    if ending.outcome != .failed {
      ledger.olderKeysWereCompromised(
        by: plan.slot, end: compromise.dropsAtOnce ? .atOnce : .whenConverged, at: now)
      destroyed = ledger.timePassed(to: now.time, boot: now.boot, policy: policy)
      _ = ledger.unlistedKeysExpired(reports, at: now.time, boot: now.boot, policy: policy, isLossOver: false)
    }
    let versions = { (isGone: Bool) in
      Set(before.filter { destroyed.contains($0.rotation) == isGone }.map(\.version)).sorted()
    }
    return (CompromisedKeys(reason: compromise.reason, dropped: versions(true), kept: versions(false)), destroyed)
  }
}

extension RotationScheduler {
  /// Why a rotation for compromised keys cannot begin; `nil` if it can.
  func obstacle(to compromise: Compromise, of account: AccountName) -> OperatorFault? {
    guard let settings = settings[account], let record = accounts[account]?.record else { return nil }
    if let stranger = compromise.shutOut.first(where: { !settings.nodes.contains($0) }) {
      return OperatorFault(
        .noInput, "node \(stranger)", "is in no array of \(account)", remedy: "see 'asactl nodes list'")
    }
    if let fault = shortage(without: compromise.shutOut, in: settings) { return fault }
    guard record.ledger.nextReplay == nil else {
      return OperatorFault(
        .temporary, "account \(account)", "passwords are to be set again since a domain controller was forgotten",
        remedy: "that happens by itself, see 'asactl status'; then run this again")
    }
    return nil
  }

  /// Why the nodes that are left could not rotate: nobody is to be revoked for a rotation that cannot be.
  private func shortage(without shutOut: [NodeName], in settings: ManagedAccount) -> OperatorFault? {
    guard !shutOut.isEmpty else { return nil }
    let left = Quorum(
      arrays: settings.arrays, requirement: settings.policy.require, without: unawaitedNodes.union(shutOut))
    let attached = Set(nodes.filter { $0.value.attachment != nil }.keys)
    guard left.arrays.values.contains(where: \.isEmpty) || !left.isMet(by: attached) else { return nil }
    return OperatorFault(
      .unavailable, "account \(settings.name)",
      "without \(shutOut.map(\.description).joined(separator: ", ")) too few nodes are attached: nobody was revoked",
      remedy: "bring the others back, or shut fewer out")
  }

  /// Revokes the nodes that must not get the new key, before anything of it exists.
  ///
  /// - Returns: Why one could not be; those before it are revoked then.
  func shutOut(_ nodes: [NodeName], effects: inout [Effect]) async -> OperatorFault? {
    for node in nodes where !revokedNodes.contains(node) {
      let (answers, answer) = AsyncStream.makeStream(of: OperatorFault?.self)
      await revokeWasRequested(
        node,
        reply: { result in
          if case .failure(let fault) = result { answer.yield(fault) } else { answer.yield(nil) }
          answer.finish()
        }, effects: &effects)
      for await fault in answers { if let fault { return fault } }
    }
    return nil
  }

  /// What a person has to know before saying yes.
  func warnings(of compromise: Compromise, _ plan: RotationPlan, _ record: AccountRecord, behind: [String]) -> [String] {
    guard let policy = settings[plan.account]?.policy else { return [] }
    let versions = record.compromisedVersions(upTo: plan.currentVersion)
    let end = clock.now().addingTimeInterval(SlotLedger.retention(of: policy))
    var warnings = [
      "compromised: from the end of this rotation every node refuses clients that hold tickets of \(CompromisedKeys.text(versions)), until they get a new ticket (a new logon, or 'klist purge'), at most until \(Self.text(end)), when the last of those tickets has ended"
    ]
    for node in compromise.shutOut {
      warnings.append("\(node) is revoked first and never gets the new key; it keeps what it holds")
    }
    if let text = warning(of: compromise, replicas: plan.replicas ?? [], behind: behind) { warnings.append(text) }
    return warnings
  }

  private func warning(of compromise: Compromise, replicas: [String], behind: [String]) -> String? {
    guard !replicas.isEmpty else { return nil }
    let names = (behind.isEmpty ? replicas : behind).joined(separator: ", ")
    let lag = behind.isEmpty ? "may lag" : "lags, or does not answer,"
    return compromise.dropsAtOnce
      ? "\(names) \(lag) and goes on issuing tickets under the old key: with --drop-now every node refuses them until it has replicated"
      : "\(names) \(lag): the old keys are destroyed only once it issues tickets under the new one, and whoever has one can use it until then; --drop-now does not wait"
  }
}
