import ActiveDirectory
import ControlCommands
import Foundation
import RotationCore
import Testing

@Suite("What doctor makes of the account")
struct AccountRuleTests {
  @Test("A healthy account has every check passed")
  func healthy() throws {
    let domain = try HealthyDomain()
    let checks = AccountRules(domain.evidence, in: domain.realm, now: Sample.now).checks
    #expect(checks.allSatisfy { $0.outcome == .passed } && checks.count > 10)
  }

  @Test("An account that does not exist is one finding, and nothing else of it is looked at")
  func absent() throws {
    var domain = try HealthyDomain()
    for index in domain.realm.controllers.indices { domain.changeController(index) { $0.accounts = [:] } }
    #expect(domain.accountFindings.ids == ["account.missing"])
  }

  @Test("Where no domain controller could be asked, the account is not checked, and no finding")
  func unasked() throws {
    var domain = try HealthyDomain()
    for index in domain.realm.controllers.indices { domain.realm.controllers[index].examination = nil }
    let report = DoctorReport(AccountRules(domain.evidence, in: domain.realm, now: Sample.now).checks)
    #expect(report.findings.isEmpty && report.obstacles.count == 1 && report.level == .unknown)
  }

  @Test(
    "Each flag that hampers or weakens Kerberos is a finding",
    arguments: [
      (UserAccountControl.disabled, "account.disabled"), (.lockedOut, "account.locked"),
      (.passwordExpired, "account.password-expired"), (.desOnly, "account.des-only"),
      (.noPreauthentication, "account.no-preauth"), (.notDelegated, "account.not-delegated"),
      (.trustedForDelegation, "account.unconstrained-delegation"), (.serverTrust, "account.wrong-type"),
      (.readOnlyController, "account.wrong-type"), (.interdomainTrust, "account.wrong-type"),
    ])
  func flags(flag: UserAccountControl, id: String) throws {
    let findings = try HealthyDomain.findings { $0.principal.account.control.insert(flag) }
    #expect(findings.ids == [id])
  }

  @Test("A lock-out says since when")
  func lockedSince() throws {
    let findings = try HealthyDomain.findings {
      $0.principal.account.control.insert(.lockedOut)
      $0.principal.lockedSince = Sample.now
    }
    #expect(findings.first?.evidence == "it is locked out since 2026-11-21T16:00:00Z")
  }

  @Test(
    "A computer account, which is never locked out, is told of while somebody tries passwords on it", arguments: [true, false])
  func triedLately(isLately: Bool) throws {
    let findings = try HealthyDomain.findings {
      $0.principal.lockedSince = Sample.now.addingTimeInterval(isLately ? -3600 : -90_000)
    }
    #expect(findings.ids == (isLately ? ["account.locked"] : []))
  }

  @Test("A password that has to be changed at the next sign-on is a finding")
  func mustChange() throws {
    #expect(try HealthyDomain.findings { $0.principal.account.passwordLastSet = nil }.ids == ["account.password-expired"])
  }

  @Test(
    "An account that has expired is critical, one that expires within 30 days a warning, a later one nothing",
    arguments: [(-1.0, ["account.expired"]), (29, ["account.expiring"]), (31, [])] as [(Double, [String])])
  func expiry(days: Double, ids: [String]) throws {
    let end = Sample.now.addingTimeInterval(days * 86400)
    #expect(try HealthyDomain.findings { $0.principal.account.expires = end }.ids == ids)
  }

  @Test(
    "An account whose password something else sets is of the wrong type",
    arguments: ["msDS-GroupManagedServiceAccount", "msDS-ManagedServiceAccount", "msDS-DelegatedManagedServiceAccount"])
  func managed(objectClass: String) throws {
    #expect(try HealthyDomain.findings { $0.principal.account.objectClass = objectClass }.ids == ["account.wrong-type"])
  }

  @Test("krbtgt is of the wrong type, whatever it is called")
  func krbtgt() throws {
    let findings = try HealthyDomain.findings { $0.principal.account.securityIdentifier = "S-1-5-21-1-2-3-502" }
    #expect(findings.ids == ["account.wrong-type"])
  }

  @Test("A member of an administrative group is critical, and the advice names the group")
  func privileged() throws {
    let findings = try HealthyDomain.findings { $0.principal.administrativeGroups = ["Domain Admins"] }
    #expect(findings.ids == ["account.privileged"])
    #expect(findings.first?.advice.contains("Remove-ADGroupMember 'Domain Admins' 'EXCH2016ASA$'") == true)
  }

  @Test("Groups that cannot be read are not checked, and no finding")
  func unknownGroups() throws {
    var domain = try HealthyDomain()
    domain.changeAccount { $0.principal.administrativeGroups = nil }
    let report = DoctorReport(AccountRules(domain.evidence, in: domain.realm, now: Sample.now).checks)
    #expect(report.findings.isEmpty && report.obstacles.count == 1)
  }

  @Test("The computer account of a node cannot be the shared one")
  func node() throws {
    let findings = try HealthyDomain.findings { $0.principal.account.samAccountName = "CAS-1$" }
    #expect(findings.ids == ["account.is-node"])
  }
}

@Suite("What doctor makes of the rotator's rights")
struct RightRuleTests {
  @Test(
    "A right that rotations need and that is not there is critical",
    arguments: [(DelegatedRight.resetPassword, "rights.reset-missing"), (.writeStamp, "rights.stamp-missing")])
  func missing(right: DelegatedRight, id: String) throws {
    #expect(try HealthyDomain.findings { $0.rights?.effective.remove(right) }.ids == [id])
  }

  @Test("Where no stamp is written, no right to write one is missed")
  func withoutStamp() throws {
    var domain = try HealthyDomain()
    domain.realm.stampAttribute = nil
    domain.changeAccount { $0.rights?.effective = [.resetPassword] }
    #expect(domain.accountFindings.isEmpty)
  }

  @Test("Rights to write encryption types are no excess; others are told of with the group that they come through")
  func excess() throws {
    let findings = try HealthyDomain.findings {
      $0.rights?.effective.insert(.writeEncryptionTypes)
      $0.rights?.excess = [ExcessRight(right: "full control", through: "Helpdesk", isInherited: true)]
    }
    #expect(findings.ids == ["rights.excessive"])
    #expect(
      findings.first?.evidence
        == "svc-asa-rotator may also full control (through Helpdesk, on everything below a container above it)")
  }

  @Test("A rotator that is an administrator is told of once, and not for each right that follows")
  func administrator() throws {
    var domain = try HealthyDomain()
    domain.changeAccount {
      $0.rights?.excess = [ExcessRight(right: "full control", through: "Domain Admins", isInherited: false)]
    }
    domain.changeRotator { $0.administrativeGroups = ["Domain Admins"] }
    #expect(domain.accountFindings.isEmpty)
    #expect(domain.controllerFindings.ids == ["rotator.administrator"])
  }

  @Test("Rights that cannot be read are not checked, and no finding")
  func unreadable() throws {
    var domain = try HealthyDomain()
    domain.changeAccount { $0.rights = nil }
    let report = DoctorReport(AccountRules(domain.evidence, in: domain.realm, now: Sample.now).checks)
    #expect(report.findings.isEmpty && report.obstacles.count == 1)
  }
}

@Suite("What doctor makes of SPNs")
struct NameRuleTests {
  @Test("An SPN that nobody has is missing, and no ticket is missed for it besides")
  func missing() throws {
    var domain = try HealthyDomain()
    domain.changeAccount { $0.principal.account.servicePrincipalNames = [] }
    domain.realm.holders = []
    domain.realm.controllers[0].tickets[domain.mail] = .failure(OperatorFault(.noInput, "KDC", "no account has it"))
    #expect(domain.accountFindings.ids == ["spn.missing"])
    #expect(domain.accountFindings.first?.advice.contains("setspn -S http/mail.lab.example 'EXCH2016ASA$'") == true)
  }

  @Test("An SPN that another account has is elsewhere, also with other case, and the advice names that account")
  func elsewhere() throws {
    var domain = try HealthyDomain()
    domain.changeAccount { $0.principal.account.servicePrincipalNames = [] }
    domain.realm.holders = [HealthyDomain.stranger("WEB1")]
    #expect(domain.accountFindings.ids == ["spn.elsewhere"])
    #expect(domain.accountFindings.first?.advice.contains("setspn -D http/mail.lab.example 'WEB1$'") == true)
  }

  @Test("An SPN on two accounts is a duplicate")
  func duplicate() throws {
    var domain = try HealthyDomain()
    domain.realm.holders?.append(HealthyDomain.stranger("WEB1"))
    #expect(domain.accountFindings.ids == ["spn.duplicate"])
    #expect(domain.accountFindings.first?.evidence.contains("CN=WEB1,CN=Computers,DC=lab,DC=example") == true)
  }

  @Test(
    "An SPN on a node's own computer account is told of as such, whether or not the account has it too",
    arguments: [true, false])
  func onNode(isRegistered: Bool) throws {
    var domain = try HealthyDomain()
    if !isRegistered { domain.changeAccount { $0.principal.account.servicePrincipalNames = [] } }
    domain.realm.holders?.append(HealthyDomain.stranger("cas-2"))
    #expect(domain.accountFindings.ids == ["spn.on-node"])
  }

  @Test("Registered SPNs are compared without regard to case")
  func otherCase() throws {
    #expect(try HealthyDomain.findings { $0.principal.account.servicePrincipalNames = ["HTTP/MAIL.lab.example"] }.isEmpty)
  }

  @Test("An SPN that the configuration does not name is a warning")
  func unconfigured() throws {
    let findings = try HealthyDomain.findings { $0.principal.account.servicePrincipalNames.append("imap/mail.lab.example") }
    #expect(findings.ids == ["spn.unconfigured"] && findings.first?.severity == .warning)
  }

  @Test("Without a global catalog a missing SPN is still found, and duplicates are not checked")
  func withoutCatalog() throws {
    var domain = try HealthyDomain()
    domain.realm.holders = nil
    let report = DoctorReport(AccountRules(domain.evidence, in: domain.realm, now: Sample.now).checks)
    #expect(report.findings.isEmpty && report.obstacles.count == 1)
    domain.changeAccount { $0.principal.account.servicePrincipalNames = [] }
    #expect(domain.accountFindings.ids == ["spn.missing"])
  }

  @Test("A domain controller that issues no ticket for an SPN that is in order is named, with the way out of its fault")
  func noTicket() throws {
    var domain = try HealthyDomain()
    domain.realm.controllers[1].tickets[domain.mail] = .failure(
      OperatorFault(.configuration, "KDC", "has no type in common", remedy: "set it to 24"))
    #expect(domain.accountFindings.ids == ["spn.no-ticket"])
    #expect(domain.accountFindings.first?.evidence.hasPrefix("dc2.lab.example: ") == true)
    #expect(domain.accountFindings.first?.advice == "set it to 24")
  }

  @Test("A KDC that does not answer is no finding about the SPN")
  func silentController() throws {
    var domain = try HealthyDomain()
    domain.realm.controllers[1].tickets[domain.mail] = .failure(OperatorFault(.unavailable, "KDC", "cannot be reached"))
    #expect(domain.accountFindings.isEmpty)
  }
}

@Suite("What doctor makes of encryption types")
struct EncryptionRuleTests {
  @Test(
    "Each value of msDS-SupportedEncryptionTypes means one thing",
    arguments: [
      (nil, ["encryption.unset"]), (0, ["encryption.unset"]), (0x10000, ["encryption.unset"]), (4, ["encryption.rc4-only"]),
      (3, ["encryption.none"]), (27, ["encryption.des"]), (7, ["encryption.rc4-only"]), (8, []), (16, []), (24, []), (28, []),
      (0x38, []),
    ] as [(UInt32?, [String])])
  func values(bits: UInt32?, ids: [String]) throws {
    #expect(try HealthyDomain.findings { $0.principal.account.supportedEncryptionTypes = bits }.ids == ids)
  }
}

@Suite("What doctor makes of replication")
struct ConvergenceRuleTests {
  @Test("A controller with a lower kvno than the one that is written to is behind")
  func behind() throws {
    var domain = try HealthyDomain()
    domain.changeAccount(on: 1) { $0.principal.account.version = KeyVersion(4) }
    #expect(domain.accountFindings.ids == ["controller.behind"])
    #expect(domain.accountFindings.first?.subject == "dc2.lab.example")
  }

  @Test("A controller that has no such account yet is behind")
  func withoutAccount() throws {
    var domain = try HealthyDomain()
    domain.changeController(1) { $0.accounts = [:] }
    #expect(domain.accountFindings.ids == ["controller.behind"])
  }

  @Test("A controller with a higher kvno than the one that is written to is ahead")
  func ahead() throws {
    var domain = try HealthyDomain()
    domain.changeAccount(on: 1) { $0.principal.account.version = KeyVersion(6) }
    #expect(domain.accountFindings.ids == ["controller.ahead"])
  }
}
