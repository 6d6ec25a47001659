import ActiveDirectory
import ControlCommands
import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf
import Testing

@Suite("What doctor makes of the running rotator and its nodes")
struct FleetRuleTests {
  /// What a rotator with one healthy node says.
  private struct Words {
    var status = Sample.status([Sample.healthyNode])
    var node = Asa_Control_V1_NodeStatus.with {
      $0.node = "cas-1.lab.example"
      $0.connection = "attached"
      $0.accounts = [Sample.account]
      $0.clockOffset = 0
      $0.certificateNotAfter = Sample.time(90 * 86400)
    }
    var verdicts = [Sample.verdict("cas-1.lab.example", "http/mail.lab.example", accepted: true).verdict]
    var proofFault: OperatorFault?

    init() { status.accounts[0].controllers.removeLast() }

    func report(in domain: HealthyDomain? = nil) throws -> DoctorReport {
      let domain = try domain ?? HealthyDomain()
      let proofs: Result<[VerdictDocument], OperatorFault> =
        proofFault.map { .failure($0) } ?? .success(verdicts.map(VerdictDocument.init))
      let fleet = FleetEvidence(
        status: StatusDocument(status), nodes: NodesDocument(.with { $0.nodes = [node] }), proofs: [domain.name: proofs])
      return DoctorReport(
        FleetRules(.success(fleet)).checks + NodeRules(fleet, realms: [domain.realm], now: Sample.now).checks)
    }

    var ids: [String] { get throws { try report().findings.ids } }
  }

  @Test("A healthy node under a healthy rotator has every check passed")
  func healthy() throws {
    let report = try Words().report()
    #expect(report.level == .ok && report.checks.count > 6)
  }

  @Test("A rotator that does not answer is one finding, and what it would tell of nodes is not checked")
  func down() {
    let report = DoctorReport(FleetRules(.failure(OperatorFault(.unavailable, "asa-rotatord", "no rotator listens"))).checks)
    #expect(report.findings.ids == ["rotator.down"] && report.obstacles.count == 1)
  }

  @Test("A socket that this user may not use is not checked, and no finding")
  func closed() {
    let report = DoctorReport(FleetRules(.failure(OperatorFault(.permission, "status.sock", "is root's"))).checks)
    #expect(report.findings.isEmpty && report.level == .unknown)
  }

  @Test("Each alarm that stands is a finding of its own kind; one that is over is none", arguments: AlarmOutcome.allCases)
  func alarms(outcome: AlarmOutcome) throws {
    var words = Words()
    let alarm = Asa_Control_V1_AlarmStatus.with {
      $0.outcome = outcome.rawValue
      $0.account = Sample.account
      $0.message = "something"
    }
    words.status.alarms = [alarm]
    #expect(try words.ids == ["alarm.\(outcome.rawValue)"])
    words.status.alarms[0].resolvedAt = Sample.time(-1)
    #expect(try words.ids.isEmpty)
  }

  @Test("That a node is behind is told of at the node, and not as an alarm besides")
  func nodeAlarm() throws {
    var words = Words()
    words.status.alarms = [
      .with {
        $0.outcome = "behind"
        $0.subject = "cas-1.lab.example"
      }
    ]
    #expect(try words.ids.isEmpty)
  }

  @Test("A notice that reached nobody is a finding besides its alarm")
  func undelivered() throws {
    var words = Words()
    words.status.alarms = [
      .with {
        $0.outcome = "failed"
        $0.deliveryFault = "the unit failed"
      }
    ]
    #expect(try words.ids == ["alarm.failed", "alarm.undelivered"])
  }

  @Test("A pause is a warning with its reason")
  func paused() throws {
    var words = Words()
    words.status.accounts[0].pause = .with { $0.reason = "christmas" }
    let finding = try words.report().findings.first
    #expect(finding?.id == "schedule.paused" && finding?.evidence.hasSuffix("christmas") == true)
  }

  @Test(
    "Each way of not being attached is a finding",
    arguments: [("detached", "node.detached"), ("never-seen", "node.never-seen"), ("revoked", "node.revoked")])
  func unattached(connection: String, id: String) throws {
    var words = Words()
    words.node.connection = connection
    words.status.accounts[0].nodes[0].connection = connection
    #expect(try words.ids == [id])
  }

  @Test("A node that is excluded is a warning, and its absence is not told of besides")
  func excluded() throws {
    var words = Words()
    words.node.connection = "detached"
    words.node.excludedUntil = Sample.time(3600)
    words.node.exclusionReason = "new disks"
    words.status.accounts[0].nodes[0].connection = "detached"
    #expect(try words.ids == ["node.excluded"])
  }

  @Test("A node that is behind, faulty, or without keys by command is told of as that")
  func holding() throws {
    var words = Words()
    words.status.accounts[0].nodes[0].behind = true
    #expect(try words.ids == ["node.behind"])
    words.status.accounts[0].nodes[0].fault = "keytab: holds host/x"
    #expect(try words.ids == ["node.faulty"])
    words.status.accounts[0].nodes[0].removedAt = Sample.time(-60)
    words.verdicts = []
    #expect(try words.ids == ["node.keys-removed"])
  }

  @Test("A consumer that failed is critical and stands for the node's own fault; one that waits is a warning")
  func consumers() throws {
    var words = Words()
    words.status.accounts[0].nodes[0].fault = "consumer dovecot.service does not have the new key"
    words.status.accounts[0].nodes[0].consumers = [
      .with {
        $0.name = "dovecot.service"
        $0.state = "failed"
        $0.problem = "it is failed after its restart"
      }
    ]
    #expect(try words.ids == ["consumer.failed"])
    words.status.accounts[0].nodes[0].fault = ""
    words.status.accounts[0].nodes[0].consumers[0].state = "pending"
    #expect(try words.ids == ["consumer.pending"])
    words.status.accounts[0].nodes[0].consumers[0].state = "current"
    #expect(try words.ids.isEmpty)
  }

  @Test("A node that refuses a ticket is told of with the ticket and its own words")
  func refused() throws {
    var words = Words()
    words.verdicts = [Sample.verdict("cas-1.lab.example", "http/mail.lab.example", accepted: false).verdict]
    let finding = try words.report().findings.first
    #expect(finding?.id == "node.refuses-ticket")
    #expect(finding?.evidence.contains("http/mail.lab.example, kvno 5: no key for kvno 5") == true)
  }

  @Test("A ticket that no domain controller issued says nothing about the node")
  func withoutTicket() throws {
    var words = Words()
    words.verdicts = [
      .with {
        $0.node = "cas-1.lab.example"
        $0.error = "cannot be reached"
      }
    ]
    #expect(try words.ids.isEmpty)
  }

  @Test("Nodes that could not be asked for proofs are not checked")
  func withoutProofs() throws {
    var words = Words()
    words.proofFault = OperatorFault(.permission, "control.sock", "is root's")
    let report = try words.report()
    #expect(report.findings.isEmpty && report.obstacles.count == 1)
  }

  @Test("A slot that lacks the encryption type of tickets under its kvno is critical")
  func encryption() throws {
    var domain = try HealthyDomain()
    domain.realm.controllers[1].tickets[domain.mail] = .success(TicketEvidence(version: KeyVersion(5), encryptionType: 23))
    let findings = try Words().report(in: domain).findings
    #expect(findings.ids == ["encryption.node-lacks"])
    #expect(
      findings.first?.evidence.contains("dc2.lab.example issues tickets for http/mail.lab.example with arcfour-hmac") == true)
  }

  @Test(
    "A certificate that a node shows is judged by its end",
    arguments: [(20.0, "certificate.expiring"), (-1, "certificate.expired")])
  func certificate(days: Double, id: String) throws {
    var words = Words()
    words.node.certificateNotAfter = Sample.time(days * 86400)
    #expect(try words.ids == [id])
  }

  @Test("A node's clock is held against the rotator's, and against each domain controller's")
  func clocks() throws {
    var words = Words()
    words.node.clockOffset = 400
    #expect(try words.report().findings.map(\.subject) == ["cas-1.lab.example"])
    words.node.clockOffset = -200
    var domain = try HealthyDomain()
    domain.realm.controllers[1].greeting = .success(
      ControllerGreeting(dnsHostName: "dc2.lab.example", clockOffset: 200, plainBind: .refused))
    let findings = try words.report(in: domain).findings
    #expect(findings.ids == ["clock.skewed", "clock.drifting"])
    #expect(findings.first?.evidence.contains("400 s behind dc2.lab.example's") == true)
  }
}
