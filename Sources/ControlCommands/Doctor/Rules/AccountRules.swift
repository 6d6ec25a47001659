import ActiveDirectory
package import Foundation
import RotationCore

/// Judges an account by what the domain controllers have of it.
package struct AccountRules {
  private let account: AccountEvidence
  private let realm: RealmEvidence
  private let now: Date

  /// Takes what was seen.
  package init(_ account: AccountEvidence, in realm: RealmEvidence, now: Date) {
    self.account = account
    self.realm = realm
    self.now = now
  }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] {
    guard let authority = realm.authority?.examined else {
      return [DoctorCheck(subject, "is as it should be", impossible: "no domain controller of \(realm.realm) could be asked")]
    }
    guard let found = authority.accounts[account.name] else { return [absence(on: authority)] }
    let attributes = AccountAttributeRules(account.name, found.principal, now: now)
    let standing = attributes.standing
    let names = NameRules(account, holders: realm.holders, found.principal.account).checks
    let isSound = (standing + names).flatMap(\.findings).allSatisfy { $0.severity < .critical }
    return [DoctorCheck(subject, "exists", [])] + standing + type(found.principal) + [rights(found.rights)] + names
      + [attributes.encryption] + convergence(found.principal.account, authority) + (isSound ? tickets : [])
  }

  private var subject: String { "account \(account.name)" }

  private var plainName: String { account.name.samAccountName }

  private func finding(_ kind: FindingKind, _ evidence: String, _ words: [String: String] = [:]) -> DoctorFinding {
    DoctorFinding(kind, subject, evidence, words.merging(["ACCOUNT": plainName]) { $1 })
  }

  private func absence(on authority: DirectoryExamination) -> DoctorCheck {
    DoctorCheck(subject, "exists", finding(.accountMissing, "\(authority.server.dnsHostName) has no such account"))
  }
}

// MARK: - What it is

extension AccountRules {
  private func type(_ principal: ExaminedPrincipal) -> [DoctorCheck] {
    let kind = wrongKind(principal.account)
    let own = DoctorCheck(
      subject, "is of a kind that can be shared", kind.map { finding(.accountWrongType, $0) } ?? ownNode(principal.account))
    // A domain controller's computer account is in such a group by its kind.
    guard kind == nil else { return [own] }
    return [
      own,
      AccountGroups(principal).check(subject, "is in no administrative group", .accountPrivileged, ["ACCOUNT": plainName]),
    ]
  }

  private func wrongKind(_ found: AdministeredAccount) -> String? {
    // The well-known relative identifier of krbtgt (MS-DTYP 2.4.2.4).
    if found.securityIdentifier.hasSuffix("-502") { return "it is krbtgt, whose key makes every ticket of the domain" }
    if !found.control.isDisjoint(with: [.serverTrust, .readOnlyController]) {
      return "it is the computer account of a domain controller"
    }
    if found.control.contains(.interdomainTrust) { return "it stands for a trust between domains" }
    let managed = [
      "msds-groupmanagedserviceaccount": "a group managed service account",
      "msds-managedserviceaccount": "a managed service account",
      "msds-delegatedmanagedserviceaccount": "a delegated managed service account",
    ]
    return managed[found.objectClass.lowercased()].map { "it is \($0), whose password the domain sets" }
  }

  private func ownNode(_ found: AdministeredAccount) -> DoctorFinding? {
    account.nodes.first { $0.isMachine(named: found.samAccountName) }.map {
      finding(.accountIsNode, "\(found.samAccountName) is what \($0) is called in the domain")
    }
  }
}

extension NodeName {
  /// Whether a computer account of this sAMAccountName is the node's own, as far as names tell.
  func isMachine(named samAccountName: String) -> Bool {
    // A NetBIOS name has 15 characters at most.
    let label = description.prefix { $0 != "." }.prefix(15)
    return samAccountName.lowercased() == "\(label)$"
  }
}

// MARK: - What the rotator may do, and what tickets are like

extension AccountRules {
  private func rights(_ rights: TrusteeRights?) -> DoctorCheck {
    let claim = "lets the rotator do what it needs, and nothing else"
    guard let rights else {
      return DoctorCheck(
        subject, claim, impossible: "the groups of \(realm.rotator), or the DACL of the account, cannot be read")
    }
    let words = ["ROTATOR": realm.rotator, "ATTRIBUTE": realm.stampAttribute ?? "the stamp"]
    var findings: [DoctorFinding] = []
    if !rights.effective.contains(.resetPassword) {
      findings.append(finding(.resetMissing, "its DACL does not grant Reset Password to \(realm.rotator)", words))
    }
    if realm.stampAttribute != nil, !rights.effective.contains(.writeStamp) {
      findings.append(
        finding(.stampMissing, "its DACL does not grant write on \(words["ATTRIBUTE"] ?? "") to \(realm.rotator)", words))
    }
    // An administrator has everything; that is told of once.
    let isAdministrator = realm.authority?.examined?.rotator?.administrativeGroups?.isEmpty == false
    if !rights.excess.isEmpty, !isAdministrator {
      findings.append(
        finding(.rightsExcessive, "\(realm.rotator) may also \(Self.words(rights.excess))", words))
    }
    return DoctorCheck(subject, claim, findings)
  }

  private static func words(_ excess: [ExcessRight]) -> String {
    let most = 6
    let shown = excess.prefix(most).map {
      "\($0.right) (through \($0.through)\($0.isInherited ? ", on everything below a container above it" : ""))"
    }.joined(separator: ", ")
    return excess.count > most ? "\(shown), and \(excess.count - most) more" : shown
  }

  private var tickets: [DoctorCheck] {
    realm.controllers.flatMap { controller in
      account.servicePrincipalNames.compactMap { name in
        controller.tickets[name].flatMap { check(name, $0, of: controller.name) }
      }
    }
  }

  private func check(
    _ name: ServicePrincipalName, _ ticket: Result<TicketEvidence, OperatorFault>, of controller: String
  ) -> DoctorCheck? {
    guard case .failure(let fault) = ticket else { return DoctorCheck("SPN \(name)", "gets a ticket of \(controller)", []) }
    // That it does not answer is told of once.
    guard fault.kind != .unavailable else { return nil }
    let remedy =
      fault.remedy.isEmpty ? "see that the SPN is on one account alone, and that the account is enabled" : fault.remedy
    return DoctorCheck(
      "SPN \(name)", "gets a ticket of \(controller)",
      DoctorFinding(.noTicket, "SPN \(name)", "\(controller): \(fault.problem)", ["REMEDY": remedy]))
  }
}

// MARK: - Replication

extension AccountRules {
  private func convergence(_ found: AdministeredAccount, _ authority: DirectoryExamination) -> [DoctorCheck] {
    guard let version = found.version else { return [] }
    return realm.controllers.compactMap { controller in
      guard let other = controller.examined, other.server.identity != authority.server.identity else { return nil }
      let claim = "has the same password of \(account.name) as \(authority.server.dnsHostName)"
      let there = other.accounts[account.name]?.principal.account.version
      guard let there else {
        return DoctorCheck(controller.name, claim, lag(controller.name, "it has no \(account.name) yet"))
      }
      if there > version { return DoctorCheck(controller.name, claim, lead(controller.name, there, version, authority)) }
      return DoctorCheck(
        controller.name, claim,
        there == version
          ? nil
          : lag(controller.name, "it has kvno \(there) of \(account.name), \(authority.server.dnsHostName) has \(version)"))
    }
  }

  private func lag(_ controller: String, _ evidence: String) -> DoctorFinding {
    DoctorFinding(.controllerBehind, controller, evidence)
  }

  private func lead(
    _ controller: String, _ there: KeyVersion, _ version: KeyVersion, _ authority: DirectoryExamination
  ) -> DoctorFinding {
    DoctorFinding(
      .controllerAhead, controller,
      "it has kvno \(there) of \(account.name), \(authority.server.dnsHostName), which is written to, has \(version)")
  }
}
