import Foundation

/// Decides from what was found which steps to AES are done and what the next one needs. A pure function of its parts.
struct EncryptionJudgement {
  let settings: ManagedAccount
  let record: AccountRecord
  let findings: EncryptionFindings
  let revoked: Set<NodeName>

  /// Where the account stands.
  var report: EncryptionReport {
    EncryptionReport(
      account: settings.name, distinguishedName: account.distinguishedName, attribute: account.supportedEncryptionTypes,
      goal: goal, mayWrite: account.mayWriteEncryptionTypes, controllers: findings.controllers, nodes: nodes, steps: steps)
  }

  /// The value that the attribute is to have.
  var goal: UInt32 { attribute.confined(to: aes) }

  private var account: DirectoryAccount { findings.account }
  private var attribute: SupportedEncryptionTypes { SupportedEncryptionTypes(account.supportedEncryptionTypes) }
  private var isAttributeSet: Bool { attribute.isConfined(to: EncryptionType.standard) }
  private var subject: String { "account \(settings.name)" }

  /// What is to remain: the configured types without RC4.
  private var aes: [EncryptionType] {
    let configured = settings.encryptionTypes.filter { $0 != .rc4 }
    return configured.isEmpty ? EncryptionType.standard : configured
  }

  private var nodes: [NodeEncryption] {
    settings.nodes.map { node in
      let holding = record.holdings[node]
      let isRemoved = record.isWithheld(from: node)
      let problem =
        revoked.contains(node)
        ? "is revoked"
        : isRemoved ? "its keys were removed" : holding == nil ? "has not said what it holds" : holding?.fault
      return NodeEncryption(node: node, slots: holding?.slots ?? [], problem: problem)
    }
  }

  /// A step counts only when those before it are done.
  private var steps: [EncryptionStep] {
    var steps: [EncryptionStep] = []
    for step in [keys, attributeStep, proof, drop] {
      let isOpen = steps.allSatisfy { $0.state == .done }
      steps.append(isOpen ? step : EncryptionStep(step.kind, .later, Self.purpose(of: step.kind)))
    }
    return steps
  }

  private static func purpose(of kind: EncryptionStep.Kind) -> String {
    switch kind {
    case .keys: "every node holds AES keys of the password that stands"
    case .attribute: "msDS-SupportedEncryptionTypes permits AES and nothing else"
    case .proof: "every domain controller issues AES tickets, and every node accepts them"
    case .drop: "keys of other types end, when no ticket under them can be alive"
    }
  }
}

// MARK: - Keys before the attribute

extension EncryptionJudgement {
  private var keys: EncryptionStep {
    if isAttributeSet { return keysUnderAttribute }
    if let reason = reasonToRotate { return EncryptionStep(.keys, .due, reason, action: .rotate) }
    let laggards = record.ledger.laggards
    guard laggards.isEmpty else {
      return EncryptionStep(
        .keys, .waiting, "\(laggards.joined(separator: ", ")) may still issue tickets under an older password")
    }
    if let fault = lackingNode { return EncryptionStep(.keys, blockedBy: fault) }
    let version = record.ledger.latest?.version ?? account.version
    return EncryptionStep(.keys, .done, "every node holds AES keys of kvno \(version)")
  }

  /// The attribute was set before the keys were shown to be right: nodes tell.
  private var keysUnderAttribute: EncryptionStep {
    let refusals = (findings.refusals ?? [:]).sorted { $0.key < $1.key }
    guard let refusal = refusals.first?.value, let latest = record.ledger.latest, !latest.isKeyless else {
      return EncryptionStep(.keys, .done, "the attribute permits AES alone already")
    }
    return EncryptionStep(.keys, .due, "\(refusal): a rotation makes AES keys", action: .rotate)
  }

  /// Why there are no AES keys of the present password that are known to be right; a rotation makes them. Keys that were found in keytabs cannot be
  /// tried before there are AES tickets.
  private var reasonToRotate: String? {
    guard let latest = record.ledger.latest, !latest.isKeyless else {
      return
        "the nodes have keys that were found in their keytabs: a rotation makes AES keys, beside those that tickets come with"
    }
    guard latest.version == account.version else {
      return "the directory has kvno \(account.version) and the nodes' Latest is kvno \(latest.version)"
    }
    let missing = aes.filter { !latest.encryptionTypes.contains($0.rawValue) }
    guard missing.isEmpty else {
      return "kvno \(latest.version) has no key of \(missing.map(\.name).joined(separator: ", ")): a rotation makes one"
    }
    return findings.isLatestRight == true
      ? nil : "the keys of kvno \(latest.version) are not certainly those that the directory made: a rotation makes new ones"
  }

  private var lackingNode: OperatorFault? {
    guard let latest = record.ledger.latest else { return nil }
    for node in nodes where !revoked.contains(node.node) && !record.isWithheld(from: node.node) {
      let held = node.slots.first { $0.rotation == latest.rotation && $0.fingerprint == latest.fingerprint }
      let hasAll = held.map { slot in aes.allSatisfy { slot.encryptionTypes.contains($0.rawValue) } } ?? false
      if let problem = node.problem ?? (hasAll ? nil : "does not hold the AES keys of kvno \(latest.version)") {
        return OperatorFault(
          .unavailable, "node \(node.node)", "\(node.node) \(problem): it would refuse AES tickets",
          remedy: "bring it back and run this again, or shut it out with 'asactl nodes revoke'")
      }
    }
    return nil
  }
}

// MARK: - The attribute

extension EncryptionJudgement {
  private var attributeStep: EncryptionStep {
    if isAttributeSet {
      return EncryptionStep(.attribute, .done, "msDS-SupportedEncryptionTypes is \(attribute): AES and nothing else")
    }
    let detail = "msDS-SupportedEncryptionTypes is \(attribute) and is to be \(goal)"
    if account.mayWriteEncryptionTypes { return EncryptionStep(.attribute, .due, detail, action: .write) }
    return EncryptionStep(
      .attribute,
      blockedBy: OperatorFault(
        .permission, subject, "\(detail), and the rotator may not write it",
        remedy: "grant that right, or write the value by hand, then run this again"),
      commands: Delegation(account: account, settings: settings, goal: goal).commands)
  }

  /// What somebody with the right types in, on Windows and on Samba.
  struct Delegation {
    let account: DirectoryAccount
    let settings: ManagedAccount
    let goal: UInt32

    /// schemaIDGUID of ms-DS-Supported-Encryption-Types (MS-ADA2).
    static let attribute = "20119867-1d04-4ab7-9371-cfc3d5df0afd"

    var commands: [String] {
      let name = account.distinguishedName
      let rotator = settings.principal.isEmpty ? "ROTATOR" : settings.principal
      return [
        "Windows, to grant it: dsacls \"\(name)\" /G \"\(settings.name.domain)\\\(rotator):WP;msDS-SupportedEncryptionTypes\"",
        "Samba, to grant it: samba-tool dsacl set --objectdn='\(name)' --sddl=\"(OA;;WP;\(Self.attribute);;$(samba-tool user show '\(rotator)' --attributes=objectSid | sed -n 's/^objectSid: //p'))\"",
        "Windows, by hand: Set-ADObject -Identity '\(name)' -Replace @{'msDS-SupportedEncryptionTypes'=\(goal)}",
        "Samba, by hand: printf '%s\\n' 'dn: \(name)' 'changetype: modify' 'replace: msDS-SupportedEncryptionTypes' 'msDS-SupportedEncryptionTypes: \(goal)' | ldbmodify -H /var/lib/samba/private/sam.ldb",
      ]
    }
  }
}

// MARK: - Proof and end

extension EncryptionJudgement {
  private var proof: EncryptionStep {
    if let laggard = findings.laggard {
      let problem =
        laggard.fault?.problem
        ?? "still issues tickets with \(laggard.encryptionTypes.map(EncryptionType.displayName).joined(separator: ", "))"
      return EncryptionStep(
        .proof, .waiting, "\(laggard.name) \(problem): the attribute takes effect there when it has replicated")
    }
    if let refusal = findings.refusals?.min(by: { $0.key < $1.key }) {
      return EncryptionStep(
        .proof,
        blockedBy: OperatorFault(
          .unavailable, "node \(refusal.key)", refusal.value,
          remedy:
            "see 'asactl status \(refusal.key)'; where clients are refused, setting the attribute back takes effect at once"))
    }
    let names = findings.controllers.map(\.name).joined(separator: ", ")
    return EncryptionStep(.proof, .done, "AES tickets of \(names) for every SPN are accepted by every node")
  }

  private var drop: EncryptionStep {
    let left = record.legacySlots
    guard !left.isEmpty else { return EncryptionStep(.drop, .done, "no node is to hold a key of another type") }
    let versions = left.map { "kvno \($0.version)" }.joined(separator: ", ")
    if let latest = record.ledger.latest, left.contains(where: { $0.rotation == latest.rotation }) {
      return EncryptionStep(
        .drop, .due,
        "Latest (kvno \(latest.version)) has an RC4 key: a rotation makes AES keys only, and \(versions) end with their tickets",
        action: .rotate)
    }
    let laggards = record.ledger.laggards
    guard laggards.isEmpty else {
      return EncryptionStep(
        .drop, .waiting, "\(versions) are kept until \(laggards.joined(separator: ", ")) issue tickets under Latest")
    }
    let ends = left.map { record.ledger.retireAfter($0, policy: settings.policy) }
    guard !ends.contains(nil) else { return kept(versions) }
    return EncryptionStep(
      .drop, .waiting, "\(versions) are destroyed when no ticket under them can be alive", until: ends.compactMap(\.self).max())
  }

  private func kept(_ versions: String) -> EncryptionStep {
    settings.policy.previous == .keep
      ? EncryptionStep(.drop, .due, "\(versions) are kept as Previous (previous: keep) until another rotation", action: .rotate)
      : EncryptionStep(.drop, .waiting, "\(versions) have no end yet, see 'asactl status'")
  }
}
