import ChildProcesses
import Foundation
import Kerberos
import RotationCore
import Testing

extension HardCases {
  @Suite("Nodes that come with keytabs of their own", .needsLab, .serialized)
  struct BrownfieldTests {
    private static let rc4: Int32 = 23

    private func layout(_ account: String, host: String, nodes: Int = 2) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example", "http/auto-\(host).lab.example"],
        nodes: (1...nodes).map { "\(host)-\($0).lab.example" }, hasFaultHooks: true)
    }

    /// A node's old keytab: kvno 1 to 28, of which the last three are keys that the directory has had, with a ticket under each.
    private func grow(_ cluster: LabCluster) async throws -> (entries: [KeytabEntry], tickets: [String]) {
      try await cluster.setPasswords(25 - (try await cluster.directoryVersion()))
      var entries = cluster.deadEntries(1...25, like: try await cluster.exportedEntries())
      var tickets: [String] = []
      for version in 26...28 {
        try await cluster.setPasswords(1)
        #expect(try await cluster.directoryVersion() == version)
        entries += try await cluster.exportedEntries()
        tickets.append(try await cluster.clientTickets("kvno-\(version)"))
      }
      return (entries, tickets)
    }

    /// Rotates while clients come, and expects that none is refused, before, during and after.
    private func expectRotation(of cluster: LabCluster, keeping tickets: [String]) async throws {
      #expect(try await cluster.refusals(of: tickets).isEmpty, "before")
      let (rotation, clients) = try await cluster.whileClientsCome(with: tickets) { try await cluster.rotate() }
      #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "succeeded", "\(rotation)")
      #expect(clients.refused.isEmpty && clients.accepted > 0)
      #expect(try await cluster.refusals(of: tickets + [try await cluster.clientTickets("after")]).isEmpty, "after")
    }

    @Test("28 kvnos on each node: the first rotation succeeds, refuses nobody, and so does the next")
    func manyVersions() async throws {
      try await LabCluster.with(layout("BROWNA$", host: "browna"), keytabs: false) { cluster in
        let (entries, tickets) = try await grow(cluster)
        for node in cluster.layout.nodes { try cluster.install(entries, on: node) }
        try await cluster.startAll()
        try await expectRotation(of: cluster, keeping: tickets)
        for node in cluster.layout.nodes { #expect(try await cluster.versions(in: node) == Set(1...29), "\(node)") }
        try await expectRotation(of: cluster, keeping: tickets)
      }
    }

    @Test("28 kvnos end when no ticket under them can be alive, and leave the newest key alone")
    func manyVersionsEnd() async throws {
      try await LabCluster.with(layout("BROWNB$", host: "brownb"), keytabs: false) { cluster in
        let (entries, _) = try await grow(cluster)
        for node in cluster.layout.nodes { try cluster.install(entries, on: node) }
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        try await cluster.movePolicyClock(.wall, .boot, by: 12 * 3600)
        for node in cluster.layout.nodes {
          try await cluster.waitUntil("\(node) holds the newest alone") { try await cluster.versions(in: node) == [29] }
          #expect(try cluster.versionsInSlotFile(of: node) == [29])
        }
      }
    }

    @Test("Nodes whose keytabs differ in kvnos, encryption types and case each keep what they have")
    func different() async throws {
      let layout = layout("BROWNC$", host: "brownc", nodes: 3)
      try await LabCluster.with(layout, accountOptions: ["--enctypes", "28"], keytabs: false) { cluster in
        let (old, tickets) = try await grow(cluster)
        let current = old.filter { $0.version.number == 28 }
        #expect(current.contains { $0.key.encryptionType == Self.rc4 })
        let upper = current.map { entry in
          var entry = entry
          entry.principal = entry.principal.replacing("http/", with: "HTTP/")
          return entry
        }
        try cluster.install(old, on: layout.nodes[0])
        try cluster.install(current, on: layout.nodes[1])
        try cluster.install(upper.filter { $0.key.encryptionType != Self.rc4 }, on: layout.nodes[2])
        try await cluster.startAll()
        try await expectRotation(of: cluster, keeping: [tickets[2]])
        for ticket in tickets { #expect(try await cluster.accepts(layout.nodes[0], tickets: ticket)) }
        for node in layout.nodes[..<2] {
          let kept = try KeytabFile.read(cluster.keytab(of: node)).filter { $0.key.encryptionType == Self.rc4 }
          #expect(Set(kept.map(\.version.number)).contains(28), "\(node)")
        }
        let spellings = Set(try await cluster.entries(of: layout.nodes[2]).map(\.principal))
        #expect(spellings.isSuperset(of: ["HTTP/brownc.lab.example", "http/brownc.lab.example"]))
      }
    }

    @Test("A node whose keytab lacks an SPN accepts tickets for it after the first rotation, those of before as well")
    func missingName() async throws {
      let layout = layout("BROWND$", host: "brownd")
      try await LabCluster.with(layout, keytabs: false) { cluster in
        let entries = try await cluster.exportedEntries()
        let (whole, lacking) = (layout.nodes[0], layout.nodes[1])
        let missing = layout.servicePrincipalNames[1]
        try cluster.install(entries, on: whole)
        try cluster.install(entries.filter { $0.principal != missing }, on: lacking)
        let ticket = try await cluster.namedTicket(for: missing)
        #expect(try await ticket.isAccepted(with: cluster.keytab(of: whole)))
        #expect(try await !ticket.isAccepted(with: cluster.keytab(of: lacking)))
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let fresh = try await cluster.namedTicket(for: missing)
        for node in layout.nodes {
          #expect(try await ticket.isAccepted(with: cluster.keytab(of: node)), "\(node)")
          #expect(try await fresh.isAccepted(with: cluster.keytab(of: node)), "\(node)")
        }
      }
    }

    @Test("The account's own principal keeps the kvnos that it had, and kinit -k works with the new one")
    func ownPrincipal() async throws {
      let layout = layout("BROWNG$", host: "browng", nodes: 1)
      try await LabCluster.with(layout, keytabs: false) { cluster in
        var entries = try await cluster.exportedEntries()
        try await cluster.setPasswords(1)
        entries += try await cluster.exportedEntries()
        let node = layout.nodes[0]
        try cluster.install(entries, on: node)
        let versions = try await cluster.versions(in: node)
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let own = try await cluster.entries(of: node).filter { $0.principal == "BROWNG$" }
        #expect(Set(own.map(\.version)) == versions.union([try await cluster.directoryVersion()]))
        try await cluster.lab.run(
          "kinit", "-k", "-t", cluster.keytab(of: node), "BROWNG$@\(cluster.lab.realm)",
          environment: ["KRB5CCNAME": "FILE:\(cluster.directory)/initiator.ccache"])
      }
    }

    @Test(
      "With msDS-SupportedEncryptionTypes unset the first rotation makes RC4 keys, too: tickets of before, during and after are accepted"
    )
    func encryptionTypesUnset() async throws {
      try await LabCluster.with(layout("BROWNE$", host: "browne")) { cluster in
        try await cluster.changeAccount("delete: msDS-SupportedEncryptionTypes")
        for node in cluster.layout.nodes { try cluster.install(try await cluster.exportedEntries(), on: node) }
        let tickets = try await cluster.clientTickets("rc4")
        #expect(try await cluster.lab.run("klist", "-e", tickets).contains("arcfour-hmac"))
        try await cluster.startAll()
        try await expectRotation(of: cluster, keeping: [tickets])
        let fresh = try await cluster.clientTickets("fresh")
        #expect(try await cluster.lab.run("klist", "-e", fresh).contains("arcfour-hmac"))
        #expect(try await cluster.refusals(of: [fresh]).isEmpty)
      }
    }

    @Test("RC4 tickets from before the account was allowed AES are accepted before, during and after the first rotation")
    func ticketsUnderRC4() async throws {
      let layout = layout("BROWNF$", host: "brownf")
      try await LabCluster.with(layout, accountOptions: ["--enctypes", "0"], keytabs: false) { cluster in
        let tickets = try await cluster.clientTickets("rc4")
        #expect(try await cluster.lab.run("klist", "-e", tickets).contains("arcfour-hmac"))
        let weak = try await cluster.exportedEntries()
        try await cluster.changeAccount("replace: msDS-SupportedEncryptionTypes", "msDS-SupportedEncryptionTypes: 24")
        // The same password; Samba exports what it would issue tickets with.
        let entries = weak + (try await cluster.exportedEntries())
        for node in layout.nodes { try cluster.install(entries, on: node) }
        try await cluster.startAll()
        try await expectRotation(of: cluster, keeping: [tickets])
      }
    }
  }
}
