import ActiveDirectory
import Configuration
import ControlCommands
import Foundation
import RotationCore

/// A domain with two controllers, one account and a rotator in which nothing is wrong, for tests that break one thing.
struct HealthyDomain {
  let name: AccountName
  let mail: ServicePrincipalName
  var evidence: AccountEvidence
  var realm: RealmEvidence

  init() throws {
    let name = try AccountName(Sample.account)
    let mail = try ServicePrincipalName("http/mail.lab.example")
    let nodes = [try NodeName("cas-1.lab.example"), try NodeName("cas-2.lab.example")]
    self.name = name
    self.mail = mail
    evidence = AccountEvidence(name: name, servicePrincipalNames: [mail], nodes: nodes)
    realm = RealmEvidence(
      realm: Realm("LAB.EXAMPLE"), writer: .pdcEmulator, namesControllers: true,
      controllers: [
        Self.controller("dc1", isEmulator: true, name, mail), Self.controller("dc2", isEmulator: false, name, mail),
      ], signOn: .taken, rotator: "svc-asa-rotator", rotatorKeytab: "/etc/asa-rotator/rotator.keytab",
      stampAttribute: "adminDescription", holders: [Self.holder(Self.account)], clockSkew: 300)
  }

  /// Everything that a change of the shared account on both controllers leads to.
  static func findings(_ change: (inout ExaminedAccount) -> Void) throws -> [DoctorFinding] {
    var domain = try HealthyDomain()
    domain.changeAccount(change)
    return domain.accountFindings
  }

  var accountFindings: [DoctorFinding] {
    DoctorReport(AccountRules(evidence, in: realm, now: Sample.now).checks).findings
  }

  var controllerFindings: [DoctorFinding] { DoctorReport(ControllerRules(realm, now: Sample.now).checks).findings }

  mutating func changeAccount(_ change: (inout ExaminedAccount) -> Void) {
    for index in realm.controllers.indices { changeAccount(on: index, change) }
  }

  mutating func changeAccount(on index: Int, _ change: (inout ExaminedAccount) -> Void) {
    let name = name
    changeController(index) { examination in
      guard var account = examination.accounts[name] else { return }
      change(&account)
      examination.accounts[name] = account
    }
  }

  mutating func changeController(_ index: Int, _ change: (inout DirectoryExamination) -> Void) {
    guard var examination = realm.controllers[index].examined else { return }
    change(&examination)
    realm.controllers[index].examination = .success(examination)
  }

  mutating func changeRotator(_ change: (inout ExaminedPrincipal) -> Void) {
    for index in realm.controllers.indices {
      changeController(index) { examination in
        guard var rotator = examination.rotator else { return }
        change(&rotator)
        examination.rotator = rotator
      }
    }
  }
}

extension HealthyDomain {
  static let account = AdministeredAccount(
    objectGUID: UUID(uuid: (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
    distinguishedName: "CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example", samAccountName: "EXCH2016ASA$",
    securityIdentifier: "S-1-5-21-1-2-3-1105", kind: .computer, objectClass: "computer", control: .workstationTrust,
    version: KeyVersion(5), passwordLastSet: Sample.now, supportedEncryptionTypes: 24,
    servicePrincipalNames: ["http/mail.lab.example"])

  static let rotator = AdministeredAccount(
    objectGUID: UUID(uuid: (2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)),
    distinguishedName: "CN=svc-asa-rotator,CN=Users,DC=lab,DC=example", samAccountName: "svc-asa-rotator",
    securityIdentifier: "S-1-5-21-1-2-3-1106", kind: .user, objectClass: "user",
    control: [.normalAccount, .passwordDoesNotExpire], version: KeyVersion(1), passwordLastSet: Sample.now,
    supportedEncryptionTypes: nil, servicePrincipalNames: [])

  static func holder(_ account: AdministeredAccount) -> ServicePrincipalNameHolder {
    ServicePrincipalNameHolder(
      objectGUID: account.objectGUID, distinguishedName: account.distinguishedName, samAccountName: account.samAccountName,
      servicePrincipalNames: account.servicePrincipalNames, isEnabled: true, passwordLastSet: account.passwordLastSet)
  }

  /// Another object that has the SPN of the account.
  static func stranger(_ name: String) -> ServicePrincipalNameHolder {
    ServicePrincipalNameHolder(
      objectGUID: UUID(uuid: (3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3)),
      distinguishedName: "CN=\(name),CN=Computers,DC=lab,DC=example", samAccountName: "\(name)$",
      servicePrincipalNames: ["HTTP/Mail.lab.example"], isEnabled: true, passwordLastSet: nil)
  }

  static let rights = TrusteeRights(
    trustee: DirectoryTrustee(
      name: #"LAB\svc-asa-rotator"#, distinguishedName: rotator.distinguishedName,
      securityIdentifier: rotator.securityIdentifier), own: [.resetPassword, .writeStamp],
    effective: [.resetPassword, .writeStamp], excess: [])

  private static func controller(
    _ label: String, isEmulator: Bool, _ name: AccountName, _ mail: ServicePrincipalName
  ) -> ControllerEvidence {
    let host = "\(label).lab.example"
    let server = DirectoryServer(
      dnsHostName: host, serviceIdentity: label, invocationID: label, isPDCEmulator: isEmulator, clockOffset: 0,
      securityStrength: 256)
    return ControllerEvidence(
      name: host, greeting: .success(ControllerGreeting(dnsHostName: host, clockOffset: 0, plainBind: .refused)),
      examination: .success(
        DirectoryExamination(
          server: server,
          controllers: [ListedController(dnsHostName: "dc1.lab.example"), ListedController(dnsHostName: "DC2.lab.example")],
          accounts: [name: ExaminedAccount(principal: ExaminedPrincipal(account: account), rights: rights)],
          rotator: ExaminedPrincipal(account: rotator))),
      tickets: [mail: .success(TicketEvidence(version: KeyVersion(5), encryptionType: EncryptionType.aes256.rawValue))])
  }
}

extension [DoctorFinding] {
  /// The ids in order.
  var ids: [String] { map(\.id) }
}
