import Foundation
import RotationCore

/// Judges the SPNs of one account by what every domain controller has of them.
struct NameCheck: Sendable {
  /// What one domain controller says.
  struct Reading: Sendable {
    /// Its DNS name.
    let controller: String
    /// The account there, `nil` if it has none; or why it does not tell.
    let account: Result<AdministeredAccount?, OperatorFault>
    /// Who in the forest holds the names, as its global catalog has it; `nil` if it is none, or does not tell.
    let holders: [ServicePrincipalNameHolder]?

    /// The SPNs on the account there; `nil` if it does not have it, or does not tell.
    var names: RegisteredNames? {
      guard case .success(let account?) = account else { return nil }
      return RegisteredNames(spellings: account.servicePrincipalNames)
    }
  }

  let account: AccountName
  /// As configured.
  let configured: [ServicePrincipalName]
  /// The writer's first.
  let readings: [Reading]
  let now: Date

  /// Everything that is wrong, in the order of the configuration.
  func findings() -> [NameFinding] {
    guard let writer = readings.first, case .success(let found?) = writer.account else { return [absence] + silent }
    return state(of: found) + configured.map(\.description).flatMap { judge($0, found) }
      + shortNames(found) + surplus(found) + unreplicated(writer) + silent
  }

  /// The names whose holders have to be known: those of the configuration and their short forms.
  static func names(of configured: [ServicePrincipalName]) -> [String] {
    var names: [String] = []
    for name in configured.map(\.description) + configured.compactMap(\.shortForm) where !names.contains(name) {
      names.append(name)
    }
    return names
  }
}

// MARK: - The account

extension NameCheck {
  private var absence: NameFinding {
    if let writer = readings.first, case .failure(let fault) = writer.account {
      return finding(.controllerSilent, controller: writer.controller, fault.problem, "bring it back, then check again")
    }
    return finding(
      .accountMissing, controller: readings.first?.controller, "is not in the directory",
      "'asactl account create \(account)', or correct its name in rotator.yaml")
  }

  private func state(of found: AdministeredAccount) -> [NameFinding] {
    var findings: [NameFinding] = []
    if found.control.contains(.disabled) {
      findings.append(finding(.staleOwner, "is disabled", "enable it (Enable-ADAccount, samba-tool user enable)"))
    }
    if let end = found.expires, end < now {
      findings.append(finding(.staleOwner, "has expired", "take its expiry date away (Clear-ADAccountExpiration)"))
    }
    if found.passwordLastSet == nil, !configured.isEmpty {
      findings.append(finding(.staleOwner, "has never had its password set", "'asactl rotate --account \(account)'"))
    }
    return findings
  }

  private var silent: [NameFinding] {
    readings.dropFirst().compactMap { reading in
      guard case .failure(let fault) = reading.account else { return nil }
      return finding(.controllerSilent, controller: reading.controller, fault.problem, "bring it back, then check again")
    }
  }

  /// Domain controllers that do not have the account, or an SPN of it that the writer has.
  private func unreplicated(_ writer: Reading) -> [NameFinding] {
    readings.dropFirst().flatMap { reading -> [NameFinding] in
      if case .success(nil) = reading.account {
        return [unreplicated(nil, reading)]
      }
      guard let there = reading.names, let here = writer.names else { return [] }
      return configured.map(\.description).filter { here.contains($0) && !there.contains($0) }.map { unreplicated($0, reading) }
    }
  }

  private func unreplicated(_ name: String?, _ reading: Reading) -> NameFinding {
    finding(
      .notReplicated, of: name, controller: reading.controller, "is not there yet",
      "wait for replication (repadmin /showrepl, samba-tool drs showrepl)")
  }
}

// MARK: - One SPN

extension NameCheck {
  private func judge(_ name: String, _ found: AdministeredAccount) -> [NameFinding] {
    let spellings = RegisteredNames(spellings: found.servicePrincipalNames).spellings(of: name)
    let others = others(holding: name, except: found)
    guard !spellings.isEmpty else {
      return others.isEmpty ? [missing(name)] : [misplaced(name, others, .wrongAccount, "is on \(places(others)) instead")]
    }
    let double = others.isEmpty ? [] : [misplaced(name, others, .duplicate, "is also on \(places(others))")]
    return double + caseVariants(name, spellings)
  }

  private func missing(_ name: String) -> NameFinding {
    finding(
      .missing, of: name, "is registered nowhere: clients get no tickets for it",
      "asactl spn add --account '\(account)' \(name)")
  }

  private func misplaced(
    _ name: String, _ others: [ServicePrincipalNameHolder], _ kind: NameFinding.Kind, _ problem: String
  ) -> NameFinding {
    let consequence =
      kind == .duplicate
      ? "domain controllers issue no tickets for an SPN that two hold" : "its tickets open with that account's key"
    let removals = others.map { other in
      "take it off \(other.samAccountName?.visible ?? other.distinguishedName.visible) (asactl spn remove, setspn -D)"
    }
    let next = kind == .duplicate ? [] : ["asactl spn add --account '\(account)' \(name)"]
    var finding = finding(kind, of: name, "\(problem): \(consequence)", (removals + next).joined(separator: ", then "))
    finding.holders = others.map { other in NameHolderDocument(other) { $0.lowercased() == name.lowercased() } }
    return finding
  }

  private func caseVariants(_ name: String, _ spellings: [String]) -> [NameFinding] {
    let usual = configured.first { $0.description == name }?.keytabSpellings ?? [name]
    let odd = spellings.filter { !usual.contains($0) }
    if spellings.count > 1 {
      let surplus = odd.isEmpty ? Array(spellings.dropFirst()) : odd
      return [
        finding(
          .caseVariant, of: name,
          "is registered \(spellings.count) times in different case: \(spellings.joined(separator: ", "))",
          "take \(surplus.map(\.visible).joined(separator: ", ")) off the account with ldapmodify or the attribute editor")
      ]
    }
    return odd.map { variant in
      finding(
        .caseVariant, of: name,
        "is registered as \(variant.visible): nodes' keytabs have \(name), and acceptors that compare exactly refuse the other",
        "spell it in rotator.yaml as it is registered, or register it anew")
    }
  }

  private func others(holding name: String, except found: AdministeredAccount) -> [ServicePrincipalNameHolder] {
    var others: [ServicePrincipalNameHolder] = []
    for holder in readings.compactMap(\.holders).joined() where holder.objectGUID != found.objectGUID {
      let holds = RegisteredNames(spellings: holder.servicePrincipalNames).contains(name)
      if holds, !others.contains(where: { $0.objectGUID == holder.objectGUID }) { others.append(holder) }
    }
    return others
  }

  private func places(_ others: [ServicePrincipalNameHolder]) -> String {
    others.map { $0.words(now: now).visible }.joined(separator: " and ")
  }
}

// MARK: - Names beside those of the configuration

extension NameCheck {
  private func shortNames(_ found: AdministeredAccount) -> [NameFinding] {
    let known = RegisteredNames(spellings: configured.map(\.description))
    var seen: Set<String> = []
    return configured.compactMap(\.shortForm).compactMap { short in
      guard !known.contains(short), seen.insert(short.lowercased()).inserted else { return nil }
      let others = others(holding: short, except: found)
      if !others.isEmpty {
        return misplaced(short, others, .shortName, "the short name is on \(places(others))")
      }
      guard !RegisteredNames(spellings: found.servicePrincipalNames).contains(short) else { return nil }
      return finding(
        .shortNameMissing, of: short, "the short name is registered nowhere: clients that use it fall back to NTLM",
        "if any do, name it in rotator.yaml too, rotate, and: asactl spn add --account '\(account)' \(short)")
    }
  }

  private func surplus(_ found: AdministeredAccount) -> [NameFinding] {
    let known = RegisteredNames(spellings: configured.map(\.description))
    return found.servicePrincipalNames.filter { !known.contains($0) }.map { name in
      finding(
        .notConfigured, of: name.visible, "is on the account and not in rotator.yaml: nodes have no keytab entry for it",
        "name it there, or asactl spn remove --account '\(account)' \(name.visible)")
    }
  }

  private func finding(
    _ kind: NameFinding.Kind, of name: String? = nil, controller: String? = nil, _ problem: String, _ advice: String
  ) -> NameFinding {
    NameFinding(
      kind: kind.rawValue, severity: kind.severity.rawValue, account: account.description, servicePrincipalName: name,
      controller: controller, problem: problem, advice: advice, holders: [])
  }
}

extension ServicePrincipalName {
  /// The same service by the host's first label alone; `nil` if the host has only one.
  fileprivate var shortForm: String? {
    let parts = description.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, let dot = parts[1].firstIndex(of: ".") else { return nil }
    return "\(parts[0])/\(parts[1][..<dot])"
  }
}
