import ActiveDirectory
import Configuration
import ControlCommands
import Foundation
import RotationCore
import Testing

@Suite("What doctor makes of domain controllers")
struct ControllerRuleTests {
  private let silence = OperatorFault(.unavailable, "domain controller", "cannot be reached")

  @Test("Healthy controllers have every check passed")
  func healthy() throws {
    let checks = ControllerRules(try HealthyDomain().realm, now: Sample.now).checks
    #expect(checks.allSatisfy { $0.outcome == .passed } && checks.count > 8)
  }

  @Test("A realm without controllers is one finding with DNS's answer")
  func none() throws {
    var domain = try HealthyDomain()
    domain.realm.controllers = []
    domain.realm.discoveryFault = OperatorFault(.unavailable, "realm", "DNS names no domain controller")
    #expect(domain.controllerFindings.ids == ["controller.none"])
    #expect(domain.controllerFindings.first?.evidence == "DNS names no domain controller")
  }

  @Test(
    "The writer that is silent is critical, another one a warning",
    arguments: [(0, "writer.unreachable"), (1, "controller.unreachable")])
  func silent(index: Int, id: String) throws {
    var domain = try HealthyDomain()
    domain.realm.writer = .named("DC1.lab.example")
    domain.realm.controllers[index].greeting = .failure(silence)
    domain.realm.controllers[index].examination = nil
    #expect(domain.controllerFindings.ids == [id])
  }

  @Test("While no other controller is the PDC emulator, one that is silent may be it")
  func silentEmulator() throws {
    var domain = try HealthyDomain()
    domain.realm.controllers[0].greeting = .failure(silence)
    domain.realm.controllers[0].examination = nil
    #expect(domain.controllerFindings.ids == ["writer.unreachable"])
  }

  @Test("One that answers and refuses the sign-on is told of with the way out")
  func refusedSignOn() throws {
    var domain = try HealthyDomain()
    domain.realm.controllers[1].examination = .failure(
      OperatorFault(.permission, "dc2", "sealed with 56 bits", remedy: "allow AES"))
    #expect(domain.controllerFindings.ids == ["controller.sign-on"])
    #expect(domain.controllerFindings.first?.advice == "allow AES")
  }

  @Test("A writer that is read-only is critical")
  func readOnly() throws {
    var domain = try HealthyDomain()
    domain.changeController(0) { $0.controllers[0].isReadOnly = true }
    #expect(domain.controllerFindings.ids == ["writer.read-only"])
  }

  @Test("Named controllers of which none is the PDC emulator are critical, where the emulator is to be written to")
  func noEmulator() throws {
    var domain = try HealthyDomain()
    domain.changeController(0) { $0.server.isPDCEmulator = false }
    #expect(domain.controllerFindings.ids == ["writer.not-pdc"])
    domain.realm.writer = .named("dc1.lab.example")
    #expect(domain.controllerFindings.isEmpty)
  }

  @Test("A controller that the directory lists and the configuration does not name is a warning, unless DNS names them")
  func unlisted() throws {
    var domain = try HealthyDomain()
    domain.changeController(0) { $0.controllers.append(ListedController(dnsHostName: "dc3.lab.example")) }
    #expect(domain.controllerFindings.ids == ["controller.unlisted"])
    domain.realm.namesControllers = false
    #expect(domain.controllerFindings.isEmpty)
  }

  @Test(
    "Clocks that differ by more than Kerberos tolerates are critical, by more than a fifth of it a warning",
    arguments: [(301.0, ["clock.skewed"]), (-301, ["clock.skewed"]), (61, ["clock.drifting"]), (-59, [])]
      as [(Double, [String])])
  func clocks(offset: Double, ids: [String]) throws {
    var domain = try HealthyDomain()
    domain.realm.controllers[0].greeting = .success(
      ControllerGreeting(dnsHostName: "dc1.lab.example", clockOffset: offset, plainBind: .refused))
    #expect(domain.controllerFindings.ids == ids)
  }

  @Test(
    "A controller that takes passwords without encryption is a warning; one whose answer tells nothing is none",
    arguments: [(ControllerGreeting.PlainBind.taken, ["ldap.plain-bind"]), (.refused, []), (.unknown, [])])
  func plainBind(answer: ControllerGreeting.PlainBind, ids: [String]) throws {
    var domain = try HealthyDomain()
    domain.realm.controllers[0].greeting = .success(
      ControllerGreeting(dnsHostName: "dc1.lab.example", clockOffset: 0, plainBind: answer))
    #expect(domain.controllerFindings.ids == ids)
  }
}

@Suite("What doctor makes of the rotator's own account")
struct RotatorAccountRuleTests {
  private static let fault = OperatorFault(.permission, "KDC", "refuses svc-asa-rotator")

  @Test(
    "Why nobody can sign on is one finding",
    arguments: [
      (SignOnEvidence.keyRefused(by: "dc1"), "rotator.key-refused"), (.accountRefused(by: "dc1", fault), "rotator.account"),
      (.withoutKey(fault), "rotator.keytab"),
    ])
  func signOn(evidence: SignOnEvidence, id: String) throws {
    var domain = try HealthyDomain()
    domain.realm.signOn = evidence
    for index in domain.realm.controllers.indices { domain.realm.controllers[index].examination = nil }
    #expect(domain.controllerFindings.ids == [id])
  }

  @Test("A person without a ticket, and silence, are no findings", arguments: [SignOnEvidence.impossible(fault), .unanswered])
  func unknown(evidence: SignOnEvidence) throws {
    var domain = try HealthyDomain()
    domain.realm.signOn = evidence
    let report = DoctorReport(ControllerRules(domain.realm, now: Sample.now).checks)
    #expect(report.findings.isEmpty && report.obstacles.count == 1)
  }

  @Test(
    "Whatever keeps it from signing on is critical",
    arguments: [UserAccountControl.disabled, .lockedOut, .passwordExpired])
  func flags(flag: UserAccountControl) throws {
    var domain = try HealthyDomain()
    domain.changeRotator { $0.account.control.insert(flag) }
    #expect(domain.controllerFindings.ids == ["rotator.account"])
  }

  @Test("A password that expires within 30 days is a warning, unless passwords of the account never expire")
  func expiringPassword() throws {
    var domain = try HealthyDomain()
    domain.changeRotator { $0.passwordExpires = Sample.now.addingTimeInterval(86400) }
    #expect(domain.controllerFindings.isEmpty)
    domain.changeRotator { $0.account.control.remove(.passwordDoesNotExpire) }
    #expect(domain.controllerFindings.ids == ["rotator.expiring"])
  }

  @Test(
    "An account that expires is a warning, one that has expired critical",
    arguments: [(1.0, "rotator.expiring"), (-1, "rotator.account")])
  func expiry(days: Double, id: String) throws {
    var domain = try HealthyDomain()
    domain.changeRotator { $0.account.expires = Sample.now.addingTimeInterval(days * 86400) }
    #expect(domain.controllerFindings.ids == [id])
  }
}
