import ControlCommands
import RotationCore
import Testing

@Suite("What doctor makes of this node's keytabs and agent")
struct KeytabRuleTests {
  private let realm = Realm("LAB.EXAMPLE")
  private let refusal = OperatorFault(.permission, "keytab", "its key does not open the ticket")

  private func entry(_ principal: String, _ version: UInt32 = 5, type: Int32 = 18) -> KeytabEntryEvidence {
    KeytabEntryEvidence(
      principal: principal, realm: realm, version: KeyVersion(version), encryptionType: type, isOurs: true)
  }

  private func trial(_ version: UInt32 = 5, type: Int32 = 18, refusal: OperatorFault? = nil) throws -> TrialEvidence {
    TrialEvidence(
      controller: "dc1.lab.example", servicePrincipalName: try ServicePrincipalName("http/mail.lab.example"),
      ticket: .success(TicketEvidence(version: KeyVersion(version), encryptionType: type)), refusal: refusal)
  }

  private func keytab() throws -> KeytabEvidence {
    KeytabEvidence(
      path: "/k", configuration: "agent.yaml", account: try AccountName(Sample.account),
      servicePrincipalNames: [try ServicePrincipalName("http/mail.lab.example")],
      wanted: FileEvidenceOwnership(owner: "root", user: 0, groupName: "www-data", group: 33, mode: 0o640),
      state: .present(user: 0, group: 33, mode: 0o640),
      entries: .success([entry("http/mail.lab.example"), entry("HTTP/mail.lab.example"), entry("EXCH2016ASA$")]),
      isNewestKeyTaken: true, trials: [try trial()])
  }

  private func report(_ change: (inout KeytabEvidence) throws -> Void) throws -> DoctorReport {
    var keytab = try keytab()
    try change(&keytab)
    return DoctorReport(KeytabRules(keytab).checks)
  }

  private func ids(_ change: (inout KeytabEvidence) throws -> Void) throws -> [String] { try report(change).findings.ids }

  @Test("A keytab as it should be has every check passed")
  func healthy() throws {
    let report = try report { _ in }
    #expect(report.level == .ok && report.checks.count == 4)
  }

  @Test("A keytab that is missing or damaged is critical")
  func unusable() throws {
    #expect(try ids { $0.state = .absent } == ["keytab.missing"])
    #expect(try ids { $0.entries = .failure(OperatorFault(.data, "/k", "is damaged at byte 7")) } == ["keytab.damaged"])
  }

  @Test("A keytab that may not be read is not checked, but its mode is")
  func unreadable() throws {
    let report = try report {
      $0.entries = .failure(OperatorFault(.permission, "/k", "denied"))
      $0.state = .present(user: 0, group: 33, mode: 0o644)
    }
    #expect(report.findings.ids == ["keytab.exposed"] && report.obstacles.count == 1)
  }

  @Test(
    "Modes with more bits than configured expose it, with fewer differ, and owners are compared",
    arguments: [
      (0, 33, 0o644, ["keytab.exposed"]), (0, 33, 0o600, ["keytab.mode"]), (1000, 33, 0o640, ["keytab.owner"]),
      (0, 0, 0o640, ["keytab.owner"]), (1000, 33, 0o666, ["keytab.exposed", "keytab.owner"]),
    ] as [(UInt32, UInt32, UInt32, [String])])
  func permissions(user: UInt32, group: UInt32, mode: UInt32, expected: [String]) throws {
    #expect(try ids { $0.state = .present(user: user, group: group, mode: mode) } == expected)
  }

  @Test("Any owner and group will do where none is configured")
  func anyOwner() throws {
    #expect(
      try ids {
        $0.wanted = FileEvidenceOwnership(owner: nil, user: nil, groupName: nil, group: nil, mode: 0o640)
        $0.state = .present(user: 7, group: 7, mode: 0o640)
      }.isEmpty)
  }

  @Test("Foreign principals and missing spellings are told of by name")
  func principals() throws {
    let foreign = try report { keytab in
      keytab.entries = keytab.entries.map { entries in
        var host = entry("host/cas-1.lab.example")
        host.isOurs = false
        return entries + [host]
      }
    }
    #expect(foreign.findings.ids == ["keytab.foreign"])
    #expect(foreign.findings.first?.evidence == "it holds host/cas-1.lab.example@LAB.EXAMPLE")
    let missing = try report { $0.entries = .success([entry("http/mail.lab.example")]) }
    #expect(missing.findings.ids == ["keytab.name-missing"])
    #expect(missing.findings.first?.evidence == "it has no entry of HTTP/mail.lab.example")
  }

  @Test("SPNs that nobody could name are not checked")
  func unknownNames() throws {
    let report = try report { $0.servicePrincipalNames = nil }
    #expect(report.findings.isEmpty && report.obstacles.count == 1)
  }

  @Test("Why a ticket does not open is told apart: kvno, encryption type, key")
  func trials() throws {
    #expect(try ids { $0.trials = [try trial(6, refusal: refusal)] } == ["keytab.kvno-missing"])
    #expect(try ids { $0.trials = [try trial(type: 23, refusal: refusal)] } == ["keytab.type-missing"])
    #expect(try ids { $0.trials = [try trial(refusal: refusal)] } == ["keytab.wrong-key"])
  }

  @Test("Every spelling has to have the live key, and the same one")
  func spellings() throws {
    #expect(
      try ids {
        $0.entries = .success([entry("http/mail.lab.example"), entry("HTTP/mail.lab.example", 4), entry("EXCH2016ASA$")])
      } == ["keytab.kvno-missing"])
    var other = entry("HTTP/mail.lab.example")
    other.key = 1
    #expect(try ids { $0.entries = .success([entry("http/mail.lab.example"), other]) } == ["keytab.wrong-key"])
  }

  @Test("What a clock refuses says nothing of the key")
  func clock() throws {
    #expect(try ids { $0.trials = [try trial(refusal: OperatorFault(.temporary, "ticket", "not yet valid"))] }.isEmpty)
  }

  @Test("An SPN that is on the account and gets no ticket is a finding; one that is not on it is told of by the directory")
  func noTicket() throws {
    let refused = TrialEvidence(
      controller: "dc1.lab.example", servicePrincipalName: try ServicePrincipalName("http/other.lab.example"),
      ticket: .failure(OperatorFault(.noInput, "KDC", "gives no ticket", remedy: "register it")), refusal: nil)
    let trials = [try trial(), refused]
    #expect(
      try ids {
        $0.trials = trials
        $0.registeredNames = ["http/mail.lab.example", "http/other.lab.example"]
      } == ["spn.no-ticket"])
    #expect(
      try ids {
        $0.trials = trials
        $0.registeredNames = ["http/mail.lab.example"]
      }.isEmpty)
    #expect(
      try ids {
        $0.trials = [try trial(9, refusal: refusal)]
        $0.registeredNames = []
      }.isEmpty)
  }

  @Test("How the directory spells a host is no matter")
  func hostCase() throws {
    #expect(try ids { $0.servicePrincipalNames = [try ServicePrincipalName("http/MAIL.lab.example")] }.isEmpty)
  }

  @Test("An owner who is nobody on this machine is told of where none is configured")
  func strangers() throws { #expect(try ids { $0.strangers = ["it belongs to user 12345"] } == ["keytab.owner"]) }

  @Test("The same fault with several tickets is one finding")
  func once() throws {
    #expect(try ids { $0.trials = [try trial(refusal: refusal), try trial(refusal: refusal)] } == ["keytab.wrong-key"])
  }

  @Test("A key that domain controllers refuse is critical, with or without tickets")
  func refusedKey() throws {
    #expect(
      try ids {
        $0.isNewestKeyTaken = false
        $0.trials = []
      } == ["keytab.key-refused"])
    #expect(try ids { $0.isNewestKeyTaken = false } == ["keytab.key-refused"])
  }

  @Test("Without any ticket the live key is not checked")
  func untried() throws {
    let report = try report {
      $0.isNewestKeyTaken = nil
      $0.trials = []
    }
    #expect(report.findings.isEmpty && report.level == .unknown)
  }

  private func agent(_ change: (inout AgentEvidence) -> Void) throws -> DoctorReport {
    var evidence = AgentEvidence(
      node: try NodeName("cas-1.lab.example"), configuration: "agent.yaml", isRunning: true, readiness: ("/ready", true),
      rotators: [("rotator.lab.example", nil)])
    change(&evidence)
    return DoctorReport(AgentRules(evidence).checks)
  }

  @Test("An agent that runs, serves and reaches its rotator is in order")
  func healthyAgent() throws {
    let report = try agent { _ in }
    #expect(report.level == .ok && report.checks.count == 3)
  }

  @Test("An agent that does not run is critical, and that the node is out of service is not told of besides")
  func agentDown() throws {
    let report = try agent {
      $0.isRunning = false
      $0.readiness = ("/ready", false)
    }
    #expect(report.findings.ids == ["agent.down"])
  }

  @Test("A node out of service and a rotator out of reach are warnings; what may not be seen is not checked")
  func agentTroubles() throws {
    #expect(try agent { $0.readiness = ("/ready", false) }.findings.ids == ["agent.not-in-service"])
    let fault = OperatorFault(.unavailable, "rotator", "Connection refused")
    #expect(try agent { $0.rotators = [("r", fault)] }.findings.ids == ["agent.no-rotator"])
    #expect(try agent { $0.isRunning = nil }.level == .unknown)
  }
}
