import Foundation
import Kerberos
import RotationCore
import SecretMemory
import Testing

/// One thing that is broken on purpose, and what doctor has to say of it.
struct PlantedFault: Sendable, CustomTestStringConvertible {
  let what: String
  /// The finding that it leads to.
  let id: String
  /// Words that its advice must have.
  let advice: String
  var place = DoctorSite.Place.rotator
  /// The other findings that come of it.
  var besides: Set<String> = []
  let plant: @Sendable (DoctorSite) async throws -> Void
  let undo: @Sendable (DoctorSite) async throws -> Void

  var testDescription: String { "\(what): \(id)" }

  init(
    _ what: String, _ id: String, advice: String, at place: DoctorSite.Place = .rotator,
    plant: @escaping @Sendable (DoctorSite) async throws -> Void, undo: @escaping @Sendable (DoctorSite) async throws -> Void
  ) {
    self.what = what
    self.id = id
    self.advice = advice
    self.place = place
    self.plant = plant
    self.undo = undo
  }

  /// All of them, or what a run of every test has the time for: at least one of every kind.
  static let chosen = all

  private static let all =
    account + rights + names + hosts + encryption + controllers + rotator + files + nodes + keytabs + [foreignPassword]

  /// The same with the other findings that come of it.
  private func leading(to ids: String...) -> PlantedFault {
    var fault = self
    fault.besides = Set(ids)
    return fault
  }

  /// Changes one attribute of an account, and back.
  private static func attribute(
    _ what: String, _ id: String, advice: String, of account: String? = nil, _ name: String, _ value: String,
    back former: String?
  ) -> PlantedFault {
    PlantedFault(
      what, id, advice: advice,
      plant: { try await $0.cluster.changeAccount(named: account, "replace: \(name)", "\(name): \(value)") },
      undo: { site in
        let value = former.map { ["\(name): \($0)"] } ?? []
        try await site.cluster.changeAccount(named: account, ["replace: \(name)"] + value)
      })
  }
}

// MARK: - The directory

extension PlantedFault {
  /// A FILETIME so many days from now.
  private static func fileTime(days: Double) -> String {
    String(Int64((Date.now.timeIntervalSince1970 + days * 86400 + 11_644_473_600) * 10_000_000))
  }

  private static let never = "9223372036854775807"

  private static func flag(_ what: String, _ id: String, advice: String, _ bit: Int) -> PlantedFault {
    attribute(what, id, advice: advice, "userAccountControl", "\(0x1000 | bit)", back: "\(0x1000)")
  }

  private static func lockout(_ what: String, _ id: String, advice: String, of account: String) -> PlantedFault {
    PlantedFault(
      what, id, advice: advice, plant: { try await $0.lockOut(account) }, undo: { try await $0.unlock(account) })
  }

  private static let account = [
    flag("The account is disabled", "account.disabled", advice: "Enable-ADAccount 'DOCTOR$'", 0x2),
    flag("The account is limited to DES", "account.des-only", advice: "-UseDESKeyOnly $false", 0x20_0000),
    flag("The account needs no preauthentication", "account.no-preauth", advice: "-DoesNotRequirePreAuth $false", 0x40_0000),
    flag("The account is sensitive", "account.not-delegated", advice: "-AccountNotDelegated $false", 0x10_0000),
    flag(
      "The account is trusted for delegation to any service", "account.unconstrained-delegation",
      advice: "-TrustedForDelegation $false", 0x8_0000),
    attribute(
      "The account has expired", "account.expired", advice: "Clear-ADAccountExpiration 'DOCTOR$'", "accountExpires",
      fileTime(days: -1), back: never),
    attribute(
      "The account expires soon", "account.expiring", advice: "samba-tool user setexpiry 'DOCTOR$' --noexpiry",
      "accountExpires",
      fileTime(days: 10), back: never),
    lockout("The account is locked out", "account.locked", advice: "Unlock-ADAccount 'DOCTOR$'", of: DoctorSite.account),
    attribute(
      "The password must be changed", "account.password-expired", advice: "asactl rotate", "pwdLastSet", "0", back: "-1"),
    configuration("The account is a domain controller's", "account.wrong-type", advice: "asactl account create") {
      $0.replacing("LAB\\DOCTOR$", with: "LAB\\DC1$")
    }.leading(
      to: "account.unconstrained-delegation", "rights.reset-missing", "rights.stamp-missing", "spn.elsewhere",
      "spn.unconfigured"),
    PlantedFault(
      "The account is a domain administrator", "account.privileged", advice: "Remove-ADGroupMember 'Domain Admins' 'DOCTOR$'",
      plant: { try await $0.group("addmembers", DoctorSite.account) },
      undo: { try await $0.group("removemembers", DoctorSite.account) }),
  ]

  private static let rights = [
    PlantedFault(
      "The rotator may not reset the password", "rights.reset-missing", advice: "grant Reset Password",
      plant: { try await $0.grant { "(OD;;CR;00299570-246d-11d0-a768-00aa006e0529;;\($0))" } },
      undo: { try await $0.restoreDescriptor() }),
    PlantedFault(
      "The rotator may not write its claim", "rights.stamp-missing", advice: "grant write on adminDescription",
      plant: { try await $0.grant { "(OD;;WP;bf967919-0de6-11d0-a285-00aa003049e2;;\($0))" } },
      undo: { try await $0.restoreDescriptor() }),
    PlantedFault(
      "The rotator has full control", "rights.excessive", advice: "take the rights away from 'svc-asa-rotator'",
      plant: { try await $0.grant { "(A;;GA;;;\($0))" } }, undo: { try await $0.restoreDescriptor() }),
    PlantedFault(
      "The rotator is a domain administrator", "rotator.administrator",
      advice: "Remove-ADGroupMember 'Domain Admins' 'svc-asa-rotator'",
      plant: { try await $0.group("addmembers", "svc-asa-rotator") },
      undo: { try await $0.group("removemembers", "svc-asa-rotator") }),
  ]

  private static let names = [
    PlantedFault(
      "An SPN is registered nowhere", "spn.missing", advice: "setspn -S http/doctor.lab.example 'DOCTOR$'",
      plant: { try await $0.cluster.changeAccount("delete: servicePrincipalName", "servicePrincipalName: \(DoctorSite.name)") },
      undo: { try await $0.cluster.changeAccount("add: servicePrincipalName", "servicePrincipalName: \(DoctorSite.name)") }),
    PlantedFault(
      "Another account has the SPN", "spn.elsewhere", advice: "setspn -D http/doctor.lab.example 'DOCSTRANGER$'",
      plant: { try await $0.moveName(to: "DOCSTRANGER$") }, undo: { try await $0.moveNameBack(from: "DOCSTRANGER$") }
    ).leading(to: "node.refuses-ticket"),
    PlantedFault(
      "A node's own computer account has the SPN", "spn.on-node", advice: "setspn -D http/doctor.lab.example 'DN-2$'",
      plant: { try await $0.moveName(to: "DN-2$") }, undo: { try await $0.moveNameBack(from: "DN-2$") }
    ).leading(to: "node.refuses-ticket"),
    PlantedFault(
      "Two accounts have the SPN", "spn.duplicate", advice: "setspn -D http/doctor.lab.example 'DOCSTRANGER$'",
      plant: { site in
        try await site.moveName(to: "DOCSTRANGER$")
        try await site.changeBehindTheDirectory("add: servicePrincipalName", "servicePrincipalName: \(DoctorSite.name)")
      },
      undo: { site in
        try await site.removeAccount("DOCSTRANGER$")
      }),
    PlantedFault(
      "The account has an SPN that the configuration does not name", "spn.unconfigured",
      advice: "setspn -D imap/doctor.lab.example 'DOCTOR$'",
      plant: {
        try await $0.cluster.changeAccount("add: servicePrincipalName", "servicePrincipalName: imap/doctor.lab.example")
      },
      undo: {
        try await $0.cluster.changeAccount("delete: servicePrincipalName", "servicePrincipalName: imap/doctor.lab.example")
      }),
  ]

  private static let hosts = [
    PlantedFault(
      "A shared name does not resolve", "name.unresolved", advice: "give doctor-auto.lab.example an A or AAAA record",
      plant: { try await $0.setRecord(of: "doctor-auto", from: ("A", "127.0.0.62"), to: nil) },
      undo: { try await $0.setRecord(of: "doctor-auto", from: nil, to: ("A", "127.0.0.62")) }),
    PlantedFault(
      "A shared name is a CNAME", "name.alias", advice: "an A or AAAA record of its own in place of the alias",
      plant: { try await $0.setRecord(of: "doctor-auto", from: ("A", "127.0.0.62"), to: ("CNAME", "doctor.lab.example")) },
      undo: { try await $0.setRecord(of: "doctor-auto", from: ("CNAME", "doctor.lab.example"), to: ("A", "127.0.0.62")) }),
    PlantedFault(
      "A shared name leads to a domain controller", "name.wrong-address", advice: "correct the A or AAAA record",
      plant: {
        try await $0.setRecord(of: "doctor-auto", from: ("A", "127.0.0.62"), to: ("A", $0.cluster.lab.controllerAddress))
      },
      undo: {
        try await $0.setRecord(of: "doctor-auto", from: ("A", $0.cluster.lab.controllerAddress), to: ("A", "127.0.0.62"))
      }
    ).leading(to: "name.reverse"),
    PlantedFault(
      "An address of a shared name stands for none", "name.reverse", advice: "PTR record",
      plant: { try await $0.setReverse(of: "127.0.0.62", to: nil, former: "doctor-auto") },
      undo: { try await $0.setReverse(of: "127.0.0.62", to: "doctor-auto") }),
  ]

  private static let encryption = [
    PlantedFault(
      "msDS-SupportedEncryptionTypes is not set", "encryption.unset", advice: "asactl account enctypes --to aes-only",
      plant: { try await $0.cluster.changeAccount("delete: msDS-SupportedEncryptionTypes") },
      undo: { try await $0.cluster.changeAccount("add: msDS-SupportedEncryptionTypes", "msDS-SupportedEncryptionTypes: 24") }
    ).leading(to: "encryption.node-lacks", "node.refuses-ticket"),
    attribute(
      "Only RC4 is permitted", "encryption.rc4-only", advice: "asactl account enctypes --to aes-only",
      "msDS-SupportedEncryptionTypes", "4", back: "24"
    ).leading(to: "encryption.node-lacks", "node.refuses-ticket"),
    attribute(
      "Tickets come with a type that nodes have no key of", "encryption.node-lacks",
      advice: "'asactl rotate' makes keys of every type",
      "msDS-SupportedEncryptionTypes", "4", back: "24"
    ).leading(to: "encryption.rc4-only", "node.refuses-ticket"),
    attribute(
      "DES is permitted too", "encryption.des", advice: "take 1 and 2 from msDS-SupportedEncryptionTypes",
      "msDS-SupportedEncryptionTypes", "27", back: "24"),
    attribute(
      "Nothing but DES is permitted", "encryption.none", advice: "set it to 24", "msDS-SupportedEncryptionTypes", "3",
      back: "24"
    ).leading(to: "spn.no-ticket"),
  ]
}

// MARK: - Domain controllers and the rotator

extension PlantedFault {
  fileprivate static func configuration(
    _ what: String, _ id: String, advice: String, _ change: @escaping @Sendable (String) -> String
  ) -> PlantedFault {
    PlantedFault(
      what, id, advice: advice,
      plant: { site in
        try await site.keep("\(site.cluster.directory)/rotator.yaml")
        try site.cluster.edit("rotator.yaml", change)
      }, undo: { try await $0.bringBack("\($0.cluster.directory)/rotator.yaml") })
  }

  private static func mode(
    _ what: String, _ id: String, advice: String, of file: String, _ mode: String, back former: String,
    at place: DoctorSite.Place = .rotator
  ) -> PlantedFault {
    PlantedFault(
      what, id, advice: advice, at: place,
      plant: { try await $0.cluster.lab.run("chmod", mode, "\($0.cluster.directory)/\(file)") },
      undo: { try await $0.cluster.lab.run("chmod", former, "\($0.cluster.directory)/\(file)") })
  }

  private static let controllers = [
    configuration(
      "A named domain controller does not answer", "controller.unreachable", advice: "asactl dc forget dc9.lab.example"
    ) {
      $0.replacing("controllers: [", with: "controllers: [{name: dc9.lab.example, address: 127.0.0.99}, ")
    },
    configuration("The writer does not answer", "writer.unreachable", advice: "name another one as directories.writer") {
      $0.replacing(
        "controllers: [", with: "writer: dc9.lab.example\n    controllers: [{name: dc9.lab.example, address: 127.0.0.99}, ")
    },
    PlantedFault(
      "The rotator's clock is ten minutes ahead", "clock.skewed", advice: "set the clock of this host", at: .rotatorAhead(600),
      plant: { _ in }, undo: { _ in }),
    PlantedFault(
      "The rotator's clock is ten minutes behind", "clock.skewed", advice: "set the clock of this host",
      at: .rotatorAhead(-600), plant: { _ in }, undo: { _ in }
    ).leading(to: "certificate.unfit"),
    PlantedFault(
      "The rotator's clock is two minutes ahead", "clock.drifting", advice: "look at the time service", at: .rotatorAhead(120),
      plant: { _ in }, undo: { _ in }),
    PlantedFault(
      "The domain controller takes passwords without encryption", "ldap.plain-bind", advice: "require LDAP signing",
      plant: { try await $0.requireStrongAuthentication(false) }, undo: { try await $0.requireStrongAuthentication(true) }),
  ]

  private static let rotator = [
    PlantedFault(
      "The rotator does not run", "rotator.down", advice: "systemctl start asa-rotatord",
      plant: { await $0.cluster.stop("rotator") },
      undo: { site in
        try await site.cluster.startRotator()
        try await site.cluster.waitUntilAttached(DoctorSite.nodes)
      }),
    PlantedFault(
      "The key in the rotator's keytab is not the account's", "rotator.key-refused", advice: "--principal=svc-asa-rotator",
      plant: { site in
        let path = "\(site.cluster.directory)/rotator.keytab"
        try await site.keep(path)
        let entries = try KeytabFile.read(path).map { entry in
          var entry = entry
          entry.key = AccountKey(encryptionType: entry.key.encryptionType, bytes: .random(count: entry.key.bytes.count))
          return entry
        }
        try KeytabFile.write(entries, replacing: path, ownership: FileOwnership(mode: 0o600))
      }, undo: { try await $0.bringBack("\($0.cluster.directory)/rotator.keytab") }),
    PlantedFault(
      "The rotator's keytab is gone", "rotator.keytab", advice: "samba-tool domain exportkeytab",
      plant: { site in
        try await site.keep("\(site.cluster.directory)/rotator.keytab")
        try await site.cluster.lab.run("rm", "\(site.cluster.directory)/rotator.keytab")
      }, undo: { try await $0.bringBack("\($0.cluster.directory)/rotator.keytab") }),
    attribute(
      "The rotator's own account has expired", "rotator.account", advice: "'svc-asa-rotator'", of: "svc-asa-rotator",
      "accountExpires",
      fileTime(days: -1), back: never),
    lockout(
      "The rotator's own account is locked out", "rotator.account", advice: "unlock 'svc-asa-rotator'", of: "svc-asa-rotator"),
    attribute(
      "The rotator's own account expires soon", "rotator.expiring", advice: "prolong 'svc-asa-rotator'", of: "svc-asa-rotator",
      "accountExpires", fileTime(days: 10), back: never),
    PlantedFault(
      "The schedule is paused", "schedule.paused", advice: "asactl resume",
      plant: { _ = try await $0.cluster.json("pause", "--reason", "christmas") },
      undo: { _ = try await $0.cluster.json("resume") }),
    mode("The store is open to others", "store.unsound", advice: "chmod 0700", of: "store", "755", back: "700"),
    PlantedFault(
      "An old copy of the store lies beside it", "store.doubtful", advice: "remove them",
      plant: { try await $0.cluster.lab.run("touch", "\($0.cluster.directory)/store/rotator.db.old") },
      undo: { try await $0.cluster.lab.run("rm", "\($0.cluster.directory)/store/rotator.db.old") }),
  ]

  private static let files = [
    configuration("rotator.yaml has an unknown key", "config.invalid", advice: "") { "colour: blue\n" + $0 },
    mode(
      "rotator.yaml can be written by others", "config.writable", advice: "chmod go-w", of: "rotator.yaml", "666", back: "600"),
    PlantedFault(
      "The rotator's keytab belongs to nobody", "file.owner", advice: "chown root",
      plant: { try await $0.cluster.lab.run("chown", "12345", "\($0.cluster.directory)/rotator.keytab") },
      undo: { try await $0.cluster.lab.run("chown", "root", "\($0.cluster.directory)/rotator.keytab") }),
    mode(
      "The rotator's keytab is world-readable", "file.exposed", advice: "chmod 600", of: "rotator.keytab", "644", back: "600"),
    mode(
      "The socket for changes is open to everybody", "socket.open", advice: "chmod o=", of: "run/control.sock", "666",
      back: "600"),
    PlantedFault(
      "The file of authorities is gone", "file.missing", advice: "correct the path",
      plant: { site in
        try await site.keep("\(site.cluster.directory)/rotator-pki/ca.pem")
        try await site.cluster.lab.run("rm", "\(site.cluster.directory)/rotator-pki/ca.pem")
      }, undo: { try await $0.bringBack("\($0.cluster.directory)/rotator-pki/ca.pem") }),
    PlantedFault(
      "The rotator's certificate is about to expire", "certificate.expiring", advice: "asactl pki issue --replace",
      plant: { site in
        let (folder, short) = ("\(site.cluster.directory)/rotator-pki", "\(site.cluster.directory)/short-pki")
        try await site.cluster.issue("rotator", "rotator.lab.example", to: "short-pki", days: 10)
        for file in ["certificate.pem", "key.pem"] {
          try await site.keep("\(folder)/\(file)")
          try await site.cluster.lab.run("cp", "-p", "\(short)/\(file)", "\(folder)/\(file)")
        }
      },
      undo: { site in
        for file in ["certificate.pem", "key.pem"] { try await site.bringBack("\(site.cluster.directory)/rotator-pki/\(file)") }
      }),
  ]
}

// MARK: - Nodes

extension PlantedFault {
  private static let nodes = [
    PlantedFault(
      "An agent is stopped", "node.detached", advice: "on dn-1.lab.example: systemctl status asa-agentd",
      plant: { await $0.cluster.stop(DoctorSite.nodes[0]) }, undo: { try await $0.restartAgent(DoctorSite.nodes[0]) }),
    PlantedFault(
      "A node is excluded", "node.excluded", advice: "asactl nodes include dn-1.lab.example",
      plant: {
        _ = try await $0.cluster.json("nodes", "exclude", DoctorSite.nodes[0], "--until", "1h", "--reason", "new disks")
      },
      undo: { _ = try await $0.cluster.json("nodes", "include", DoctorSite.nodes[0]) }),
    PlantedFault(
      "A node's clock is 400 s ahead", "clock.skewed", advice: "set the clock of dn-2.lab.example",
      plant: { site in
        await site.cluster.stop(DoctorSite.nodes[1])
        let clock = try site.cluster.falseClock(of: DoctorSite.nodes[1])
        try site.cluster.setClock(of: DoctorSite.nodes[1], by: 400)
        try await site.cluster.startAgent(DoctorSite.nodes[1], under: clock)
        try await site.cluster.waitUntil("the clock is known") {
          let nodes = try await site.cluster.json("nodes", "list")["nodes"]?.array ?? []
          return nodes.contains { ($0["clockOffset"]?.number ?? 0) > 300 }
        }
      }, undo: { try await $0.restartAgent(DoctorSite.nodes[1]) }
    ).leading(to: "node.refuses-ticket"),
    PlantedFault(
      "A consumer cannot be made to read the newest key", "consumer.failed", advice: "on dn-3.lab.example: correct",
      plant: { try await $0.breakConsumer() }, undo: { try await $0.mendConsumer() }),
    PlantedFault(
      "On a node: an SPN is registered nowhere", "spn.missing", advice: "setspn -S http/doctor.lab.example 'DOCTOR$'",
      at: .node(0),
      plant: { try await $0.cluster.changeAccount("delete: servicePrincipalName", "servicePrincipalName: \(DoctorSite.name)") },
      undo: { try await $0.cluster.changeAccount("add: servicePrincipalName", "servicePrincipalName: \(DoctorSite.name)") }),
    PlantedFault(
      "On a node: another account has the SPN", "spn.elsewhere", advice: "setspn -D http/doctor.lab.example 'DOCSTRANGER$'",
      at: .node(0), plant: { try await $0.moveName(to: "DOCSTRANGER$") },
      undo: { try await $0.moveNameBack(from: "DOCSTRANGER$") }),
    disabled("for somebody with a ticket", "account.disabled", .node(0)),
    disabled("for somebody without one", "account.sign-on-refused", .nodeWithoutTicket(0)),
    PlantedFault(
      "On a node: its agent does not run", "agent.down", advice: "systemctl start asa-agentd", at: .node(0),
      plant: { await $0.cluster.stop(DoctorSite.nodes[0]) }, undo: { try await $0.restartAgent(DoctorSite.nodes[0]) }),
    PlantedFault(
      "On a node: no rotator can be connected to", "agent.no-rotator", advice: "start asa-rotatord there", at: .node(0),
      plant: { await $0.cluster.stop("rotator") },
      undo: { site in
        try await site.cluster.startRotator()
        try await site.cluster.waitUntilAttached(DoctorSite.nodes)
      }),
    PlantedFault(
      "On a node: it is out of service", "agent.not-in-service", advice: "asactl status dn-1.lab.example", at: .node(0),
      plant: { site in
        await site.cluster.signal(DoctorSite.nodes[0], SIGSTOP)
        try await site.keep("\(site.cluster.directory)/\(DoctorSite.nodes[0])/ready")
        try await site.cluster.lab.run("rm", "\(site.cluster.directory)/\(DoctorSite.nodes[0])/ready")
      },
      undo: { site in
        try await site.bringBack("\(site.cluster.directory)/\(DoctorSite.nodes[0])/ready")
        await site.cluster.signal(DoctorSite.nodes[0], SIGCONT)
      }),
    certificate(
      "It has another node's certificate", "certificate.wrong-name", advice: "--role node --name dn-1.lab.example",
      "dn-2.lab.example-pki"),
    certificate("It has the rotator's certificate", "certificate.unfit", advice: "--role node", "rotator-pki")
      .leading(to: "certificate.wrong-name"),
    mode(
      "On a node: its private key is readable by others", "file.exposed", advice: "--role node --name dn-1.lab.example",
      of: "dn-1.lab.example-pki/key.pem", "640", back: "600", at: .node(0)),
  ]

  private static func disabled(_ who: String, _ id: String, _ place: DoctorSite.Place) -> PlantedFault {
    PlantedFault(
      "On a node: the account is disabled, \(who)", id, advice: "Enable-ADAccount", at: place,
      plant: { try await $0.cluster.changeAccount("replace: userAccountControl", "userAccountControl: 4098") },
      undo: { try await $0.cluster.changeAccount("replace: userAccountControl", "userAccountControl: 4096") })
  }

  private static func certificate(_ what: String, _ id: String, advice: String, _ folder: String) -> PlantedFault {
    let file = "\(DoctorSite.nodes[0]).yaml"
    return PlantedFault(
      "On a node: \(what.prefix(1).lowercased() + what.dropFirst())", id, advice: advice, at: .node(0),
      plant: { site in
        try await site.keep("\(site.cluster.directory)/\(file)")
        try site.cluster.edit(file) { $0.replacing("\(DoctorSite.nodes[0])-pki", with: folder) }
      }, undo: { try await $0.bringBack("\($0.cluster.directory)/\(file)") })
  }

  /// Somebody else sets the password: the nodes have no key of it until the rotator has set one of its own.
  private static let foreignPassword = PlantedFault(
    "Somebody else has set the password", "node.refuses-ticket", advice: "asactl rotate",
    plant: { try await $0.cluster.setPasswordElsewhere() },
    undo: { site in
      let rotation = try await site.cluster.rotate()
      #expect(rotation.status == 0, "\(rotation.errors)")
    })
}

// MARK: - Keytabs, looked at on their node

extension PlantedFault {
  private static func keytab(
    _ what: String, _ id: String, advice: String, _ change: @escaping @Sendable (DoctorSite) async throws -> Void
  ) -> PlantedFault {
    PlantedFault(
      "On a node: the keytab \(what)", id, advice: advice, at: .node(0), plant: change, undo: { try await $0.mendKeytab() })
  }

  private static func entries(
    _ what: String, _ id: String, advice: String, _ change: @escaping @Sendable (inout [KeytabEntry], KeyVersion) throws -> Void
  ) -> PlantedFault {
    keytab(what, id, advice: advice) { try await $0.breakEntries(change) }
  }

  private static let keytabs = [
    keytab("is missing", "keytab.missing", advice: "systemctl restart asa-agentd") { site in
      try await site.breakKeytab { _ = unlink($0) }
    },
    keytab("is damaged", "keytab.damaged", advice: "restart the agent") { site in
      try await site.breakKeytab { try await site.cluster.lab.run("truncate", "--size=-7", $0) }
    },
    keytab("is world-readable", "keytab.exposed", advice: "asactl rotate --compromised") { site in
      try await site.breakKeytab { try await site.cluster.lab.run("chmod", "644", $0) }
    },
    keytab("has fewer mode bits than configured", "keytab.mode", advice: "chmod 0640") { site in
      try await site.breakKeytab { try await site.cluster.lab.run("chmod", "600", $0) }
    },
    keytab("belongs to somebody else", "keytab.owner", advice: "chown root") { site in
      try await site.breakKeytab { try await site.cluster.lab.run("chown", "12345", $0) }
    },
    entries("holds a foreign principal", "keytab.foreign", advice: "a file of their own") { entries, _ in
      var foreign = try #require(entries.first)
      foreign.principal = "host/dn-1.lab.example"
      foreign.key = AccountKey(encryptionType: 18, bytes: .random(count: 32))
      entries.append(foreign)
    },
    entries("lacks a spelling of an SPN", "keytab.name-missing", advice: "restart the agent") { entries, _ in
      entries.removeAll { $0.principal == "HTTP/doctor.lab.example" }
    },
    entries("lacks the live kvno in one spelling", "keytab.kvno-missing", advice: "if this node is behind") { entries, newest in
      entries.removeAll { $0.version == newest && $0.principal == "HTTP/doctor.lab.example" }
    },
    PlantedFault(
      "On a node that names no owner: the keytab belongs to nobody", "keytab.owner", advice: "chown", at: .node(1),
      plant: { try await $0.cluster.lab.run("chown", "12345", $0.keytab(1)) },
      undo: { try await $0.cluster.lab.run("chown", "root", $0.keytab(1)) }),
    entries("lacks the live kvno", "keytab.kvno-missing", advice: "if this node is behind") { entries, newest in
      entries.removeAll { $0.version == newest }
    },
    entries("has a newest key that is not the account's", "keytab.key-refused", advice: "if this node is behind") {
      entries, newest in
      entries =
        entries.filter { $0.version == newest }.map { entry in
          var entry = entry
          entry.version = newest.next
          entry.key = AccountKey(encryptionType: entry.key.encryptionType, bytes: .random(count: entry.key.bytes.count))
          return entry
        } + entries
    },
    entries("has another key under the live kvno", "keytab.wrong-key", advice: "'asactl rotate'") { entries, newest in
      let wrong = AccountKey(encryptionType: 18, bytes: .random(count: 32))
      for index in entries.indices where entries[index].version == newest && entries[index].principal.contains("/") {
        if entries[index].key.encryptionType == 18 { entries[index].key = wrong }
      }
    },
    entries("lacks the encryption type of tickets", "keytab.type-missing", advice: "asactl account enctypes") {
      entries, newest in
      entries.removeAll { $0.version == newest && $0.principal.contains("/") && $0.key.encryptionType == 18 }
    },
  ]
}
