import ControlCommands
import CredentialStore
import Foundation
import RotationCore
import Testing

@Suite("What doctor makes of files")
struct FileRuleTests {
  private func report(_ role: FileEvidence.Role, _ state: FileEvidence.State, path: String = "/etc/x") -> DoctorReport {
    DoctorReport(FileRules([FileEvidence(path: path, role: role, configuration: "/etc/rotator.yaml", state: state)]).checks)
  }

  private func present(_ mode: UInt32) -> FileEvidence.State { .present(user: 0, group: 0, mode: mode) }

  @Test(
    "Each mode that is too open is a finding, and no other is",
    arguments: [
      (FileEvidence.Role.key(replacement: "x"), 0o600, []), (.key(replacement: "x"), 0o640, ["file.exposed"]),
      (.key(replacement: "x"), 0o604, ["file.exposed"]), (.configuration, 0o644, []),
      (.configuration, 0o664, ["config.writable"]), (.configuration, 0o646, ["config.writable"]), (.certificate, 0o644, []),
      (.socket, 0o660, []), (.socket, 0o666, ["socket.open"]),
    ] as [(FileEvidence.Role, UInt32, [String])])
  func modes(role: FileEvidence.Role, mode: UInt32, ids: [String]) {
    #expect(report(role, present(mode)).findings.ids == ids)
  }

  @Test("A credential that systemd hands over may show its access list's mask as the group's bits")
  func credential() {
    let path = "/run/credentials/asa-rotatord.service/rotator.keytab"
    #expect(report(.key(replacement: "x"), present(0o440), path: path).findings.isEmpty)
    #expect(report(.key(replacement: "x"), present(0o444), path: path).findings.ids == ["file.exposed"])
  }

  @Test("A key, a keytab and a configuration of a user who is nobody here are findings")
  func owners() {
    let stranger = FileEvidence.State.present(user: 12345, group: 0, mode: 0o600)
    for role in [FileEvidence.Role.configuration, .key(replacement: "x"), .keytab(principal: "svc")] {
      #expect(report(role, stranger).findings.ids == ["file.owner"])
    }
    #expect(report(.certificate, stranger).findings.isEmpty && report(.socket, stranger).findings.isEmpty)
  }

  @Test("A file that is not there is critical, and its advice names the configuration")
  func absent() {
    let findings = report(.certificate, .absent).findings
    #expect(findings.ids == ["file.missing"] && findings.first?.advice.contains("/etc/rotator.yaml") == true)
  }

  @Test("A keytab of the rotator that is not there is told of with how to make it")
  func absentKeytab() {
    let findings = report(.keytab(principal: "svc-asa-rotator"), .absent).findings
    #expect(findings.ids == ["rotator.keytab"] && findings.first?.advice.contains("--principal=svc-asa-rotator") == true)
  }

  @Test("A socket that is not there, and a file that may not be looked at, are not checked")
  func unknown() {
    #expect(report(.socket, .absent).level == .unknown)
    #expect(report(.certificate, .hidden("Permission denied")).level == .unknown)
  }

  @Test("Every fault of a configuration is a finding with its line and its way out")
  func configuration() {
    let faults = [
      OperatorFault(.configuration, "a.yaml:3", "is unknown", remedy: "remove it"),
      OperatorFault(.configuration, "a.yaml:4", "x"),
    ]
    let findings = DoctorReport(ConfigurationRules("a.yaml", faults: faults).checks).findings
    #expect(findings.ids == ["config.invalid", "config.invalid"])
    #expect(findings.map(\.subject) == ["a.yaml:3", "a.yaml:4"] && findings.first?.advice == "remove it")
  }

  @Test("A configuration that may not be read is not checked")
  func unreadable() {
    let report = DoctorReport(ConfigurationRules("a.yaml", faults: [OperatorFault(.permission, "a.yaml", "denied")]).checks)
    #expect(report.findings.isEmpty && report.level == .unknown)
  }

  @Test("A store that is not there is critical, one that may not be read is not checked")
  func store() {
    #expect(
      DoctorReport(StoreRules(.failure(OperatorFault(.noInput, "store", "does not exist"))).checks).findings.ids == [
        "store.unsound"
      ])
    #expect(DoctorReport(StoreRules(.failure(OperatorFault(.permission, "store", "denied"))).checks).level == .unknown)
  }
}

@Suite("What doctor makes of certificates")
struct CertificateRuleTests {
  private func document(_ path: String, names: [String], days: Double) -> CertificateDocument {
    CertificateDocument(
      file: path, subject: "CN=x", issuer: "CN=CA", names: names, role: "node", serial: "01",
      notBefore: Sample.now.addingTimeInterval(-86400), notAfter: Sample.now.addingTimeInterval(days * 86400),
      daysLeft: Int(days), fingerprint: "", trusted: nil)
  }

  private func contents() -> CertificateEvidence.Contents {
    CertificateEvidence.Contents(
      leaf: document("c.pem", names: ["cas-1.lab.example"], days: 90), isForServers: false, isForClients: true,
      authorities: [document("ca.pem", names: [], days: 900)], authorityPath: "ca.pem", isTrusted: true, hasKey: true)
  }

  private func findings(_ change: (inout CertificateEvidence.Contents) -> Void) throws -> [DoctorFinding] {
    var contents = contents()
    change(&contents)
    return DoctorReport(
      CertificateRules(
        CertificateEvidence(
          path: "c.pem", configuration: "agent.yaml", role: .node, node: try NodeName("cas-1.lab.example"),
          contents: .success(contents)), now: Sample.now
      ).checks
    ).findings
  }

  @Test("A fit certificate has nothing wrong")
  func healthy() throws { #expect(try findings { _ in }.isEmpty) }

  @Test(
    "One that has ended is critical, one that ends within 30 days a warning",
    arguments: [(-1.0, "certificate.expired"), (29, "certificate.expiring")])
  func expiry(days: Double, id: String) throws {
    #expect(try findings { $0.leaf = document("c.pem", names: ["cas-1.lab.example"], days: days) }.ids == [id])
  }

  @Test("One that follows in the file counts, too")
  func intermediates() throws {
    #expect(try findings { $0.intermediates = [document("c.pem", names: [], days: -1)] }.ids == ["certificate.expired"])
  }

  @Test("An authority that has ended does no harm beside one that has not")
  func authorities() throws {
    let (old, new) = (document("ca.pem", names: [], days: -5), document("ca.pem", names: [], days: 300))
    #expect(try findings { $0.authorities = [old, new] }.isEmpty)
    #expect(try findings { $0.authorities = [old] }.ids == ["certificate.expired"])
  }

  @Test("Each way of being unfit is a finding with its reason")
  func unfit() throws {
    #expect(try findings { $0.isForClients = false }.first?.evidence == "it lacks the extended key usage clientAuth")
    #expect(try findings { $0.isForServers = true }.ids == ["certificate.unfit"])
    #expect(try findings { $0.isTrusted = false }.first?.evidence == "none of ca.pem has signed it")
    #expect(
      try findings { $0.hasKey = false }.first?.evidence == "the private key does not belong to it, or cannot be read as one")
    #expect(try findings { $0.hasKey = nil }.isEmpty)
  }

  @Test("A certificate for another name than the node's is told of with both")
  func wrongName() throws {
    let findings = try findings { $0.leaf.names = ["cas-9.lab.example"] }
    #expect(findings.ids == ["certificate.wrong-name"])
    #expect(findings.first?.evidence == "it is for cas-9.lab.example, and agent.yaml says node cas-1.lab.example")
  }

  @Test("A file that is not there is told of elsewhere, one that is malformed here")
  func unreadable() {
    let rules = { (fault: OperatorFault) in
      DoctorReport(
        CertificateRules(
          CertificateEvidence(path: "c.pem", configuration: "a", role: .node, node: nil, contents: .failure(fault)),
          now: Sample.now
        ).checks)
    }
    #expect(rules(OperatorFault(.noInput, "c.pem", "does not exist")).checks.isEmpty)
    #expect(rules(OperatorFault(.data, "c.pem", "is no PEM")).findings.ids == ["certificate.unfit"])
    #expect(rules(OperatorFault(.permission, "c.pem", "denied")).level == .unknown)
  }
}
