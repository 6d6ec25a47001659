import ChildProcesses
import Foundation
import Testing

extension Parity {
  @Suite("Accounts, by the names of old", .needsLab, .serialized, .timeLimit(.minutes(3)))
  struct AccountTests {
    @Test("New-ADComputer: a computer account with AES, a description and no SPN, enabled, made once and not again")
    func computer() async throws {
      let administrator = try await LabAdministrator.signedOn()
      let dry = try await administrator.asactl("account", "create", "LAB\\NEWASA$", "--dry-run")
      #expect(dry.status == 0, "\(dry)")
      #expect(try await administrator.entry("NEWASA$", "cn").isEmpty)

      let made = try await administrator.asactl("account", "create", "LAB\\NEWASA$", "--description", "key of mail", "--yes")
      #expect(made.status == 0, "\(made)")
      let entry = try await administrator.entry(
        "NEWASA$", "objectClass", "userAccountControl", "msDS-SupportedEncryptionTypes", "description", "servicePrincipalName",
        "pwdLastSet")
      #expect(entry["dn"] == ["CN=NEWASA,CN=Computers,\(administrator.domain)"])
      #expect(entry["objectClass"]?.last == "computer" && entry["userAccountControl"] == ["4096"])
      #expect(entry["msDS-SupportedEncryptionTypes"] == ["24"] && entry["description"] == ["key of mail"])
      #expect(entry["servicePrincipalName"] == nil && entry["pwdLastSet"] != ["0"])

      let again = try await administrator.asactl("account", "create", "LAB\\newasa$", "--yes")
      #expect(again.status == 73 && again.errors.contains("CN=NEWASA,CN=Computers"), "\(again)")
    }

    @Test("Set-ADComputer: 28 on request; and a user account in a place of its own, whose password does not expire")
    func user() async throws {
      let administrator = try await LabAdministrator.signedOn()
      let place = "OU=Service Accounts,\(administrator.domain)"
      try await administrator.run("samba-tool", "ou", "create", place, "-H", administrator.database())
      let made = try await administrator.asactl(
        "account", "create", "LAB\\svc-newweb", "--kind", "user", "--ou", place, "--enctypes", "aes+rc4", "--yes")
      #expect(made.status == 0, "\(made)")
      let entry = try await administrator.entry(
        "svc-newweb", "objectClass", "userAccountControl", "msDS-SupportedEncryptionTypes", "userPrincipalName")
      #expect(entry["dn"] == ["CN=svc-newweb,\(place)"] && entry["objectClass"]?.last == "user")
      #expect(entry["userAccountControl"] == ["66048"] && entry["msDS-SupportedEncryptionTypes"] == ["28"])
      #expect(entry["userPrincipalName"] == nil)
      let nowhere = try await administrator.asactl(
        "account", "create", "LAB\\NOWHERE$", "--ou", "OU=Nowhere,\(administrator.domain)", "--yes")
      #expect(nowhere.status == 66, "\(nowhere)")
    }

    @Test("Permissions: two rights on one object, in canonical order; everything else stays, and both can be taken back")
    func permissions() async throws {
      let administrator = try await LabAdministrator.signedOn()
      #expect(try await administrator.asactl("account", "create", "LAB\\DELEGASA$", "--yes").status == 0)
      let object = "CN=DELEGASA,CN=Computers,\(administrator.domain)"
      let rotator = try await administrator.identifier(of: "svc-asa-rotator")
      let before = try await administrator.permissions(of: object)
      let write = "dn: \(object)\nchangetype: modify\nadd: adminDescription\nadminDescription: mine\n"
      let ldapmodify = ["ldapmodify", "-Q", "-Y", "GSSAPI", "-H", "ldap://\(administrator.lab.controllerHost)"]
      let refused = try await administrator.asRotator(ldapmodify, input: write)
      #expect(refused.status == 50, "\(refused)")

      let delegate = ["account", "delegate", "LAB\\DELEGASA$", "--to", "svc-asa-rotator", "--yes"]
      let granted = try await administrator.asactl(delegate)
      #expect(granted.status == 0, "\(granted)")
      let after = try await administrator.permissions(of: object)
      let ours = [
        "(OA;;CR;00299570-246d-11d0-a768-00aa006e0529;;\(rotator))",
        "(OA;;WP;bf967919-0de6-11d0-a285-00aa003049e2;;\(rotator))",
      ]
      #expect(after.filter { !ours.contains($0) } == before && Set(after).isSuperset(of: ours), "\(after)")
      let inherited = after.firstIndex { $0.contains("ID;") } ?? after.endIndex
      #expect(ours.allSatisfy { (after.firstIndex(of: $0) ?? .max) < inherited }, "\(after)")
      let allowed = try await administrator.asRotator(ldapmodify, input: write)
      #expect(allowed.status == 0, "\(allowed)")

      let again = try await administrator.asactl(delegate)
      #expect(again.status == 0 && again.output.contains("Nothing was changed."), "\(again)")
      #expect(try await administrator.permissions(of: object) == after)
      let removed = try await administrator.asactl(delegate + ["--remove"])
      #expect(removed.status == 0, "\(removed)")
      #expect(try await administrator.permissions(of: object) == before)
    }

    @Test("Permissions: what the rotator may do beyond what it needs is named, also through a group")
    func excess() async throws {
      let administrator = try await LabAdministrator.signedOn()
      #expect(try await administrator.asactl("account", "create", "LAB\\EXCESSASA$", "--yes").status == 0)
      let object = "CN=EXCESSASA,CN=Computers,\(administrator.domain)"
      try await administrator.run("samba-tool", "group", "add", "SPN Writers", "-H", administrator.database())
      try await administrator.run(
        "samba-tool", "group", "addmembers", "SPN Writers", "svc-asa-rotator", "-H", administrator.database())
      let group = try await administrator.identifier(of: "SPN Writers")
      try await administrator.run(
        "samba-tool", "dsacl", "set", "-H", administrator.database(), "--objectdn=\(object)",
        "--sddl=(OA;;WP;f3a64788-5306-11d1-a9c5-0000f80367c1;;\(group))")
      let delegated = try await administrator.asactl(
        "account", "delegate", "LAB\\EXCESSASA$", "--to", "LAB\\svc-asa-rotator", "--dry-run")
      try await administrator.run(
        "samba-tool", "group", "removemembers", "SPN Writers", "svc-asa-rotator", "-H", administrator.database())
      #expect(delegated.status == 0)
      #expect(
        delegated.output.contains("more than needed: write servicePrincipalName (through SPN Writers)"), "\(delegated.output)")
    }

    @Test("From nothing to a client that is accepted: create, delegate, rotate, spn add, and no tool of somebody else")
    func onboarding() async throws {
      let administrator = try await LabAdministrator.signedOn()
      let layout = LabCluster.Layout(
        account: "LAB\\ONBOARDASA$", servicePrincipalNames: ["http/onboard.lab.example"], nodes: ["onboard-1.lab.example"])
      try await LabCluster.with(layout, prepare: { try await $0.prepareWithoutAccount() }) { cluster in
        let created = try await administrator.asactl(for: cluster, "account", "create", layout.account, "--yes")
        #expect(created.status == 0, "\(created)")
        #expect(created.output.contains("asactl account delegate '\(layout.account)'"))
        let delegated = try await administrator.asactl(for: cluster, "account", "delegate", layout.account, "--yes")
        #expect(delegated.status == 0, "\(delegated)")
        try await cluster.startAll()
        let name = layout.servicePrincipalNames[0]
        let early = try await administrator.asactl(for: cluster, "spn", "add", name, "--yes", sockets: true)
        #expect(early.status == 69 && early.errors.contains("no node holds its key yet"), "\(early)")
        #expect(try await cluster.rotate().status == 0)
        let added = try await administrator.asactl(for: cluster, "spn", "add", name, "--yes", sockets: true)
        #expect(added.status == 0, "\(added)")
        #expect(try await cluster.accepts(layout.nodes[0], tickets: cluster.clientTickets("first")))
        let shown = try await administrator.asactl(for: cluster, "account", "show", "--json")
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(shown.output.utf8))
        #expect(document["stamp"]?["state"]?.string == "done")
        #expect(
          document["controllers"]?[0]?["version"]?.number == Double(try await cluster.directoryVersion()))
        #expect(document["rights"]?["resetPassword"]?.boolean == true && document["rights"]?["excess"]?.array?.isEmpty == true)
        let listed = try await administrator.asactl(for: cluster, "account", "list")
        #expect(listed.output.contains("LAB\\ONBOARDASA$"), "\(listed)")
      }
    }

    @Test("Turning Kerberos off: SPNs, then the nodes' keys, then the account; a second run has nothing left to do")
    func retire() async throws {
      let administrator = try await LabAdministrator.signedOn()
      let layout = LabCluster.Layout(
        account: "LAB\\RETIREASA$", servicePrincipalNames: ["http/retire.lab.example"],
        nodes: ["retire-1.lab.example", "retire-2.lab.example"])
      try await LabCluster.with(layout) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let dry = try await administrator.asactl(for: cluster, "account", "retire", layout.account, "--dry-run", sockets: true)
        #expect(dry.status == 0 && dry.output.contains("retire-1.lab.example, retire-2.lab.example"), "\(dry)")
        #expect(try await administrator.names(of: "RETIREASA$") == layout.servicePrincipalNames)

        let retired = try await administrator.asactl(for: cluster, "account", "retire", layout.account, "--yes", sockets: true)
        #expect(retired.status == 0, "\(retired)")
        #expect(try await administrator.names(of: "RETIREASA$").isEmpty)
        #expect(try await administrator.entry("RETIREASA$", "userAccountControl")["userAccountControl"] == ["4098"])
        for node in layout.nodes {
          try await cluster.waitUntil("\(node) holds no key") { try await Self.holdsNothing(cluster.keytab(of: node), cluster) }
        }
        let again = try await administrator.asactl(
          for: cluster, "account", "retire", layout.account, "--delete", "--yes", sockets: true)
        #expect(again.status == 0, "\(again)")
        #expect(again.output.contains("done already: The account has no SPN"))
        #expect(again.output.contains("done already: No node that is let in holds a key of it"), "\(again)")
        #expect(try await administrator.entry("RETIREASA$", "cn").isEmpty)
      }
    }

    /// klist finds no entry in the file, or no file.
    private static func holdsNothing(_ keytab: String, _ cluster: LabCluster) async throws -> Bool {
      let listed = try await cluster.lab.result(of: ["klist", "-ekt", keytab])
      return listed.status != 0 || listed.output.split(separator: "\n").compactMap(KeytabLine.init).isEmpty
    }
  }
}

extension Replication {
  @Suite("Accounts and SPNs on every domain controller", .serialized, .timeLimit(.minutes(3)))
  struct AccountReplicationTests {
    private func replicate(_ words: String...) async throws {
      let lab = try #require(LabFixture.current)
      try await lab.run(["replication"] + words)
    }

    @Test(
      "Every domain controller: the one that has not got a new account is named, and the account is there when it has replicated"
    )
    func waits() async throws {
      let administrator = try await LabAdministrator.signedOn()
      let other = try #require(administrator.lab.secondController)
      try await replicate("pause", "dc2")
      let behind = try await administrator.asactl("account", "create", "LAB\\WAITASA$", "--wait", "2", "--yes")
      let shown = try await administrator.asactl("account", "show", "LAB\\WAITASA$")
      try await replicate("resume", "dc2")
      #expect(behind.status == 75 && behind.errors.contains("is not on \(other.host) yet"), "\(behind)")
      #expect(shown.status == 0 && shown.output.contains("\(other.host): does not have the account yet"), "\(shown)")
      try await replicate("force", "dc1", "dc2")
      #expect(try await administrator.entry("WAITASA$", on: other.host, "cn")["cn"] == ["WAITASA"])
      let there = try await administrator.asactl("account", "create", "LAB\\WAITASB$", "--wait", "60", "--yes")
      #expect(there.status == 0 && there.output.contains("  \(other.host) has it.\n"), "\(there)")
      #expect(try await administrator.entry("WAITASB$", on: other.host, "cn")["cn"] == ["WAITASB"])
    }

    @Test("setspn -X: one SPN that two domain controllers have let two accounts have is found, and taken off the wrong one")
    func duplicate() async throws {
      let administrator = try await LabAdministrator.signedOn()
      let name = "http/twice.lab.example"
      for account in ["TWICEA$", "TWICEB$"] {
        #expect(try await administrator.asactl("account", "create", "LAB\\\(account)", "--wait", "60", "--yes").status == 0)
      }
      try await replicate("pause", "dc1")
      try await replicate("pause", "dc2")
      try await administrator.run("samba-tool", "spn", "add", name, "TWICEA$", "-H", administrator.database())
      try await administrator.run("samba-tool", "spn", "add", name, "TWICEB$", "-H", administrator.database(of: "dc2"))
      try await replicate("resume", "dc1")
      try await replicate("resume", "dc2")
      try await replicate("force", "dc1", "dc2")
      try await replicate("force", "dc2", "dc1")
      let found = try await administrator.asactl("spn", "query", name)
      #expect(found.output.contains("CN=TWICEA,") && found.output.contains("CN=TWICEB,"), "\(found)")
      let removed = try await administrator.asactl("spn", "remove", name, "--account", "LAB\\TWICEB$", "--yes")
      #expect(removed.status == 0, "\(removed)")
      #expect(try await administrator.names(of: "TWICEA$") == [name])
      #expect(try await administrator.names(of: "TWICEB$").isEmpty)
    }
  }
}

extension LabCluster {
  /// Everything but the account itself and what it needs in the directory: certificates, configuration files, and nodes without keytabs.
  fileprivate func prepareWithoutAccount() async throws {
    try await lab.run("export-keytab", "svc-asa-rotator", "\(directory)/rotator.keytab")
    try await makeCertificates()
    try writeRotatorConfiguration()
    for node in layout.nodes {
      try FileManager.default.createDirectory(
        atPath: "\(directory)/\(node)/keytabs", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try writeAgentConfiguration(node)
    }
  }
}
