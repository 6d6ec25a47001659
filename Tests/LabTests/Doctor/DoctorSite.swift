import ChildProcesses
import Foundation
import Kerberos
import RotationCore
import Testing

/// A healthy installation of a rotator and three agents, under names that really resolve, for a suite that breaks it in one place at a time.
struct DoctorSite: Sendable {
  let cluster: LabCluster

  /// The one of the suite that runs.
  @TaskLocal static var current: DoctorSite?

  static let account = "DOCTOR$"
  /// The shared names, each with its address.
  static let hosts = [("doctor", "127.0.0.61"), ("doctor-auto", "127.0.0.62")]
  static let nodes = (1...3).map { "dn-\($0).lab.example" }

  private static let layout: LabCluster.Layout = {
    var layout = LabCluster.Layout(
      account: "LAB\\\(account)", servicePrincipalNames: hosts.map { "http/\($0.0).lab.example" }, nodes: nodes)
    layout.certificateDays = 90
    return layout
  }()

  /// Makes it, runs `body` on it, and ends it.
  static func with(_ body: @Sendable () async throws -> Void) async throws {
    try await LabCluster.with(layout) { cluster in
      let site = DoctorSite(cluster: cluster)
      try await site.nameHosts()
      try site.configureNodes()
      try await site.start()
      try await $current.withValue(site) { try await body() }
    }
  }

  /// One rotation, so that every node holds keys of the rotator's own.
  private func start() async throws {
    try await cluster.startRotator()
    for node in Self.nodes { try await startAgent(node) }
    try await cluster.waitUntilAttached(Self.nodes)
    let rotation = try await cluster.rotate()
    #expect(rotation.status == 0, "\(rotation.errors)")
    try await cluster.lab.run(
      "kinit", "Administrator@\(cluster.lab.realm)", input: cluster.lab.administratorPassword + "\n")
  }

  /// The first names an owner, the second has a clock that can be set, the third has a consumer that can be made to fail.
  private func configureNodes() throws {
    try cluster.edit("\(Self.nodes[0]).yaml") { $0.replacing("mode: \"0640\" }", with: "mode: \"0640\", owner: root }") }
    try "0".write(toFile: consumerStatus, atomically: true, encoding: .utf8)
    try cluster.edit("\(Self.nodes[2]).yaml") {
      $0 + "\nbalancerDelay: 0s\nconsumers:\n  - command: [/bin/sh, -c, \"exit $(cat \(consumerStatus))\"]\n"
    }
  }

  private var consumerStatus: String { "\(cluster.directory)/consumer-status" }

  func startAgent(_ node: String) async throws {
    try await cluster.startAgent(node, under: node == Self.nodes[1] ? try cluster.falseClock(of: node) : [])
  }

  func restartAgent(_ node: String) async throws {
    await cluster.stop(node)
    try await startAgent(node)
    try await cluster.waitUntilAttached([node])
  }
}

// MARK: - DNS

extension DoctorSite {
  private static let reverseZone = "0.0.127.in-addr.arpa"

  private func nameHosts() async throws {
    try await dns("zonecreate", Self.reverseZone)
    for (name, address) in Self.hosts {
      try await dns("add", zone, name, "A", address)
      try await setReverse(of: address, to: name)
    }
  }

  private var zone: String { cluster.lab.dnsDomain }

  /// Changes the domain's own DNS, which the lab's resolver asks.
  func dns(_ verb: String, _ words: String...) async throws {
    try await cluster.lab.run(
      ["samba-tool", "dns", verb, cluster.lab.controllerHost] + words + [
        "--username=Administrator@\(cluster.lab.realm)", "--password=\(cluster.lab.administratorPassword)",
      ])
  }

  /// Puts one record in the place of another; `nil`: there is none.
  func setRecord(
    of name: String, from old: (type: String, data: String)?, to new: (type: String, data: String)?
  ) async throws {
    if let old { try await dns("delete", zone, name, old.type, old.data) }
    if let new { try await dns("add", zone, name, new.type, new.data) }
  }

  /// - Parameter name: What the address stands for; `nil`: nothing any more, and it stood for `former`.
  func setReverse(of address: String, to name: String?, former: String = "") async throws {
    let label = address.split(separator: ".").last.map(String.init) ?? ""
    try await dns(name == nil ? "delete" : "add", Self.reverseZone, label, "PTR", "\(name ?? former).\(zone)")
  }
}

// MARK: - What doctor says

/// What one run of doctor said.
struct Diagnosis: Sendable {
  let status: Int32
  let document: JSONValue
  let errors: String

  var findings: [JSONValue] { document["findings"]?.array ?? [] }
  var ids: [String] { findings.compactMap { $0["id"]?.string } }
  /// Whether nothing was found, and everything could be looked at.
  var isSilent: Bool { status == 0 && findings.isEmpty }
}

extension DoctorSite {
  /// Where doctor is run, and with what.
  enum Place: Sendable {
    /// On the rotator's host.
    case rotator
    /// On the rotator's host, with a wall clock that is so many seconds ahead.
    case rotatorAhead(Int)
    /// On the node of this index.
    case node(Int)
    /// The same, by somebody who has no Kerberos ticket.
    case nodeWithoutTicket(Int)
  }

  func diagnosis(at place: Place) async throws -> Diagnosis {
    var prefix: [String] = []
    var arguments = ["doctor", "--json"]
    switch place {
    case .rotator: arguments += ["--config", "\(cluster.directory)/rotator.yaml"]
    case .rotatorAhead(let seconds):
      prefix = try cluster.falseClock(of: "doctor")
      try cluster.setClock(of: "doctor", by: seconds)
      arguments += ["--config", "\(cluster.directory)/rotator.yaml"]
    case .node(let index): arguments += ["--agent", "\(cluster.directory)/\(Self.nodes[index]).yaml"]
    case .nodeWithoutTicket(let index):
      prefix = ["env", "KRB5CCNAME=FILE:/nonexistent"]
      arguments += ["--agent", "\(cluster.directory)/\(Self.nodes[index]).yaml"]
    }
    let result = try await cluster.run("asactl", arguments, prefix: prefix)
    guard result.status <= 3 else { throw LabFixture.CommandFailure(command: arguments, result: result) }
    return Diagnosis(
      status: result.status, document: try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8)),
      errors: result.errors)
  }

  /// Asks until it says what is expected: nodes that were cut off for a moment need some to be back.
  ///
  /// - Returns: Its last word, whatever that is.
  func diagnosis(at place: Place, until isExpected: (Diagnosis) -> Bool) async throws -> Diagnosis {
    var last = try await diagnosis(at: place)
    for _ in 1...15 where !isExpected(last) {
      try await Task.sleep(for: .seconds(1))
      last = try await diagnosis(at: place)
    }
    return last
  }

  /// What is said while something is broken, which is whole again afterwards.
  func diagnosis(of fault: PlantedFault) async throws -> Diagnosis {
    let diagnosis: Diagnosis
    do {
      try await fault.plant(self)
      diagnosis = try await self.diagnosis(at: fault.place) { Set($0.ids) == fault.besides.union([fault.id]) }
    } catch {
      try? await fault.undo(self)
      throw error
    }
    try await fault.undo(self)
    return diagnosis
  }
}

// MARK: - Breaking things

extension DoctorSite {
  private var database: String { "\(cluster.lab.state)/dc1/private/sam.ldb" }

  func keytab(_ index: Int) -> String { cluster.keytab(of: Self.nodes[index]) }

  /// Changes a node's keytab behind the back of its agent, which is held meanwhile: it would put it right within half a minute.
  func breakKeytab(_ change: @Sendable (String) async throws -> Void) async throws {
    await cluster.signal(Self.nodes[0], SIGSTOP)
    try await cluster.lab.run("cp", "-p", keytab(0), "\(keytab(0)).kept")
    try await change(keytab(0))
  }

  func mendKeytab() async throws {
    try await cluster.lab.run("mv", "-f", "\(keytab(0)).kept", keytab(0))
    await cluster.signal(Self.nodes[0], SIGCONT)
  }

  /// Changes the entries of a node's keytab, its newest kvno being given.
  func breakEntries(_ change: @Sendable (inout [KeytabEntry], KeyVersion) throws -> Void) async throws {
    try await breakKeytab { path in
      var entries = try KeytabFile.read(path)
      try change(&entries, try #require(entries.map(\.version).max()))
      try KeytabFile.write(entries, replacing: path, ownership: FileOwnership(mode: 0o640))
    }
  }

  /// Keeps a file as it is, to be changed and brought back by ``bringBack(_:)``.
  func keep(_ path: String) async throws { try await cluster.lab.run("cp", "-p", path, "\(path).kept") }

  func bringBack(_ path: String) async throws { try await cluster.lab.run("mv", "-f", "\(path).kept", path) }

  /// Puts ACEs in front of the account's DACL; the one of before is kept for ``restoreDescriptor()``.
  func grant(_ entries: (_ rotator: String) -> String) async throws {
    let (name, descriptor) = try await descriptor()
    try descriptor.write(toFile: keptDescriptor, atomically: true, encoding: .utf8)
    let rotator = try await identifier(of: "svc-asa-rotator")
    try await cluster.lab.run(
      "samba-tool", "dsacl", "set", "-H", database, "--objectdn", name, "--sddl", entries(rotator))
  }

  func restoreDescriptor() async throws {
    let kept = try String(contentsOfFile: keptDescriptor, encoding: .utf8)
    try await cluster.changeAccount("replace: nTSecurityDescriptor", "nTSecurityDescriptor: \(kept)")
  }

  private var keptDescriptor: String { "\(cluster.directory)/descriptor" }

  private func descriptor() async throws -> (name: String, sddl: String) {
    let output = try await cluster.lab.run(
      "ldbsearch", "-H", database, "(sAMAccountName=\(Self.account))", "nTSecurityDescriptor")
    let lines = output.replacing("\n ", with: "").split(separator: "\n")
    let value = { (label: String) in lines.first { $0.hasPrefix(label) }.map { String($0.dropFirst(label.count)) } }
    return (try #require(value("dn: ")), try #require(value("nTSecurityDescriptor: ")))
  }

  private func identifier(of name: String) async throws -> String {
    let output = try await cluster.lab.run("ldbsearch", "-H", database, "(sAMAccountName=\(name))", "objectSid")
    let line = output.split(separator: "\n").first { $0.hasPrefix("objectSid: ") }
    return String(try #require(line).dropFirst("objectSid: ".count))
  }

  /// Tries passwords on an account until it is locked out.
  func lockOut(_ account: String) async throws {
    try await setLockoutThreshold(2)
    for _ in 1...2 {
      let tried = try await cluster.lab.result(
        of: ["kinit", "-c", "MEMORY:", "\(account)@\(cluster.lab.realm)"], input: "not the password\n")
      #expect(tried.status != 0)
    }
  }

  func unlock(_ account: String) async throws {
    try await setLockoutThreshold(0)
    try await cluster.changeAccount(named: account, "replace: lockoutTime", "lockoutTime: 0")
  }

  private func setLockoutThreshold(_ tries: Int) async throws {
    try await cluster.lab.run(
      "samba-tool", "domain", "passwordsettings", "set", "--account-lockout-threshold=\(tries)", "-H", database)
  }

  func group(_ verb: String, _ member: String) async throws {
    try await cluster.lab.run("samba-tool", "group", verb, "Domain Admins", member, "-H", database)
  }

  /// Gives an SPN of the account to another one; the directory itself would refuse to have it twice.
  func moveName(to holder: String) async throws {
    try await cluster.changeAccount("delete: servicePrincipalName", "servicePrincipalName: \(Self.name)")
    try await makeAccount(holder, "host/moved.lab.example")
    try await cluster.changeAccount(
      named: holder, "add: servicePrincipalName", "servicePrincipalName: \(Self.name)")
  }

  func moveNameBack(from holder: String) async throws {
    try await removeAccount(holder)
    try await cluster.changeAccount("add: servicePrincipalName", "servicePrincipalName: \(Self.name)")
  }

  static let name = "http/doctor.lab.example"

  func makeAccount(_ name: String, _ spn: String) async throws {
    let made = try await cluster.lab.result(of: ["make-account", name, "--spn", spn])
    guard made.status == 0 else { throw LabFixture.CommandFailure(command: ["make-account"], result: made) }
  }

  func removeAccount(_ name: String) async throws {
    let label = name.filter { $0 != "$" }
    try await cluster.lab.run("ldbdel", "-H", database, "CN=\(label),CN=Computers,DC=lab,DC=example")
  }

  /// Writes to the domain's part of the database, past everything that keeps it consistent.
  func changeBehindTheDirectory(_ lines: String...) async throws {
    let (name, _) = try await descriptor()
    try await cluster.lab.run(
      "ldbmodify", "-H", "\(database).d/DC=LAB,DC=EXAMPLE.ldb",
      input: "dn: \(name)\nchangetype: modify\n\(lines.joined(separator: "\n"))\n")
  }

  /// Has the domain controller take, or refuse, passwords over connections without encryption.
  func requireStrongAuthentication(_ isRequired: Bool) async throws {
    let setting = "ldap server require strong auth"
    try await cluster.lab.run(
      "sed", "-i", "s/\(setting) *=.*/\(setting) = \(isRequired ? "yes" : "no")/", "\(cluster.lab.state)/dc1/etc/smb.conf")
    try await cluster.lab.run("controller", "stop", "dc1")
    try await cluster.lab.run("controller", "start", "dc1")
    try await cluster.waitUntil("the domain controller answers") {
      try await cluster.lab.result(of: [
        "kinit", "-c", "MEMORY:", "-k", "-t", cluster.lab.rotatorKeytab, cluster.lab.rotatorPrincipal,
      ])
      .status == 0
    }
  }

  /// Has the agent of the third node forget that its consumer has loaded anything, and the consumer fail.
  func breakConsumer() async throws {
    let node = Self.nodes[2]
    await cluster.stop(node)
    try "1".write(toFile: consumerStatus, atomically: true, encoding: .utf8)
    let record = "\(cluster.directory)/\(node)/state/consumers"
    let text = try String(contentsOfFile: record, encoding: .utf8)
    #expect(text.contains("["), "\(text)")
    try text.replacing(/\[[^\]]*\]/, with: "[]").write(toFile: record, atomically: false, encoding: .utf8)
    try await startAgent(node)
    try await cluster.waitUntil("the consumer has failed") { try await diagnosis(at: .rotator).ids.contains("consumer.failed") }
  }

  func mendConsumer() async throws {
    try "0".write(toFile: consumerStatus, atomically: true, encoding: .utf8)
    try await restartAgent(Self.nodes[2])
  }
}
