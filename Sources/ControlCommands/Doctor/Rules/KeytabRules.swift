import RotationCore

/// Judges one account's part of a keytab on this node.
package struct KeytabRules {
  private let keytab: KeytabEvidence

  /// Takes what was seen.
  package init(_ keytab: KeytabEvidence) { self.keytab = keytab }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] {
    switch (keytab.state, keytab.entries) {
    case (.absent, _):
      [
        DoctorCheck(
          path, "is there", DoctorFinding(.keytabMissing, path, "\(keytab.configuration) names it, and it does not exist"))
      ]
    case (.hidden(let reason), _): [DoctorCheck(path, "is there", impossible: reason)]
    case (.present, .failure(let fault)) where fault.kind == .permission:
      [permissions, DoctorCheck(path, "holds the live key", impossible: fault.description)]
    case (.present, .failure(let fault)):
      [permissions, DoctorCheck(path, "is a keytab", DoctorFinding(.keytabDamaged, path, fault.problem, words))]
    case (.present, .success(let entries)): [permissions, principals(entries), names(entries)] + liveKey(entries)
    }
  }

  private var path: String { keytab.path }

  private var words: [String: String] {
    let wanted = keytab.wanted
    let owner = [wanted.owner ?? "", wanted.groupName.map { ":\($0)" } ?? ""].joined()
    return [
      "FILE": path, "CONFIGURATION": keytab.configuration, "MODE": wanted.mode.octal, "OWNER": owner.isEmpty ? "USER" : owner,
    ]
  }

  private func finding(_ kind: FindingKind, _ evidence: String) -> DoctorFinding { DoctorFinding(kind, path, evidence, words) }
}

// MARK: - Owner and mode

extension KeytabRules {
  private var permissions: DoctorCheck {
    guard case .present(let user, let group, let mode) = keytab.state else { return DoctorCheck(path, "is there", []) }
    let wanted = keytab.wanted
    var findings: [DoctorFinding] = []
    if mode & ~wanted.mode & 0o777 != 0 {
      findings.append(finding(.keytabExposed, "its mode is \(mode.octal), the configured one is \(wanted.mode.octal)"))
    } else if mode != wanted.mode {
      findings.append(finding(.keytabMode, "its mode is \(mode.octal), the configured one is \(wanted.mode.octal)"))
    }
    let strangers =
      [
        wanted.user.flatMap { $0 == user ? nil : "it belongs to user \(user), not to \(wanted.owner ?? String($0))" },
        wanted.group.flatMap { $0 == group ? nil : "its group is \(group), not \(wanted.groupName ?? String($0))" },
      ].compactMap(\.self) + keytab.strangers
    if !strangers.isEmpty { findings.append(finding(.keytabOwner, strangers.joined(separator: ", and "))) }
    return DoctorCheck(path, "has the configured owner, group and mode", findings)
  }
}

// MARK: - Contents

extension KeytabRules {
  private func principals(_ entries: [KeytabEntryEvidence]) -> DoctorCheck {
    let foreign = Set(entries.filter { !$0.isOurs }.map { "\($0.principal)@\($0.realm)" }).sorted()
    return DoctorCheck(
      path, "holds principals of its accounts alone",
      foreign.isEmpty ? nil : finding(.keytabForeign, "it holds " + foreign.prefix(5).joined(separator: ", ")))
  }

  private func names(_ entries: [KeytabEntryEvidence]) -> DoctorCheck {
    let claim = "holds every name that clients ask for"
    guard let wanted = keytab.servicePrincipalNames else {
      return DoctorCheck(path, claim, impossible: "no domain controller said which SPNs \(keytab.account) has")
    }
    let held = Set(entries.map { Self.withComparableHost($0.principal) })
    let lacking = wanted.flatMap(\.keytabSpellings).filter { !held.contains(Self.withComparableHost($0)) }
    return DoctorCheck(
      path, claim, lacking.isEmpty ? nil : finding(.keytabNameMissing, "it has no entry of " + lacking.joined(separator: ", ")))
  }

  /// The directory may spell a host otherwise than the configuration; how the service is spelled matters to acceptors.
  private static func withComparableHost(_ principal: String) -> String {
    let parts = principal.split(separator: "/", maxSplits: 1)
    return parts.count == 2 ? "\(parts[0])/\(parts[1].lowercased())" : principal.lowercased()
  }

  /// Tickets tell most; where none were to be had, whether the newest key is taken.
  private func liveKey(_ entries: [KeytabEntryEvidence]) -> [DoctorCheck] {
    let refusal =
      keytab.isNewestKeyTaken == false
      ? finding(.keytabKeyRefused, "signing on as \(keytab.account) with its newest key is refused") : nil
    let tried = keytab.trials.filter { (try? $0.ticket.get()) != nil }
    guard !tried.isEmpty else {
      if let refusal { return [DoctorCheck(path, "holds the live key", refusal)] }
      let reason = keytab.trials.lazy.compactMap { trial -> String? in
        if case .failure(let fault) = trial.ticket { "\(trial.controller): \(fault.problem)" } else { nil }
      }.first
      return [
        DoctorCheck(
          path, "holds the live key",
          impossible: reason ?? keytab.obstacle ?? "no domain controller could be asked for a ticket")
      ]
    }
    // The same key is missing for every name and every controller.
    let findings = tried.compactMap { trial(of: $0, entries) }
    let kinds = findings.reduce(into: [DoctorFinding]()) { all, one in
      if !all.contains(where: { $0.id == one.id }) { all.append(one) }
    }
    return [DoctorCheck(path, "opens a fresh ticket for every SPN", kinds.isEmpty ? [refusal].compactMap(\.self) : kinds)]
      + missingTickets
  }

  /// SPNs that are on the account, and get no ticket all the same.
  private var missingTickets: [DoctorCheck] {
    keytab.trials.compactMap { trial in
      let subject = "SPN \(trial.servicePrincipalName)"
      guard case .failure(let fault) = trial.ticket, fault.kind != .unavailable, isRegistered(trial.servicePrincipalName)
      else { return nil }
      return DoctorCheck(
        subject, "gets a ticket of \(trial.controller)",
        DoctorFinding(.noTicket, subject, "\(trial.controller): \(fault.problem)", ["REMEDY": fault.remedy]))
    }
  }

  private func isRegistered(_ name: ServicePrincipalName) -> Bool {
    guard let registered = keytab.registeredNames else { return true }
    return registered.contains { $0.lowercased() == name.description.lowercased() }
  }

  private func trial(of trial: TrialEvidence, _ entries: [KeytabEntryEvidence]) -> DoctorFinding? {
    // Whose ticket one is that is for a name of another account, the directory tells; and what a clock refuses, the clock.
    guard let ticket = try? trial.ticket.get(), isRegistered(trial.servicePrincipalName), trial.refusal?.kind != .temporary
    else { return nil }
    let spellings = trial.servicePrincipalName.keytabSpellings.map(Self.withComparableHost)
    // What has no entry at all is told of by name.
    let named = Dictionary(grouping: entries) { Self.withComparableHost($0.principal) }.filter { spellings.contains($0.key) }
    let findings = named.sorted { $0.key < $1.key }.compactMap { _, entries in self.trial(of: trial, ticket, entries) }
    return findings.first ?? disagreement(on: ticket, named.values.flatMap(\.self))
  }

  /// An acceptor tries the spelling that it knows; what one of them opens says nothing of the others.
  private func disagreement(on ticket: TicketEvidence, _ entries: [KeytabEntryEvidence]) -> DoctorFinding? {
    let live = entries.filter { $0.version == ticket.version && $0.encryptionType == ticket.encryptionType }
    guard Set(live.map(\.key)).count > 1 else { return nil }
    let names = Set(live.map(\.principal)).sorted().joined(separator: " and ")
    return finding(.keytabWrongKey, "\(names) have different keys with kvno \(ticket.version)")
  }

  private func trial(of trial: TrialEvidence, _ ticket: TicketEvidence, _ named: [KeytabEntryEvidence]) -> DoctorFinding? {
    let ticketText = "a ticket of \(trial.controller) for \(trial.servicePrincipalName) has kvno \(ticket.version)"
    let held = Set(named.map(\.version)).sorted().map(\.description).joined(separator: ", ")
    guard named.contains(where: { $0.version == ticket.version }) else {
      return finding(.keytabVersionMissing, "\(ticketText), and the file has \(held)")
    }
    let type = EncryptionType.displayName(ticket.encryptionType)
    guard named.contains(where: { $0.version == ticket.version && $0.encryptionType == ticket.encryptionType }) else {
      return finding(.keytabTypeMissing, "\(ticketText) and \(type), and the file has no such key")
    }
    return trial.refusal.map { finding(.keytabWrongKey, "\(ticketText) and \(type): \($0.problem)") }
  }
}
