import ChildProcesses
import Foundation
import Testing

extension HardCases {
  @Suite("An account that gets another name", .needsLab, .serialized)
  struct RenameTests {
    private func layout(_ account: String, host: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example", "http/auto-\(host).lab.example"],
        nodes: (1...2).map { "\(host)-\($0).lab.example" })
    }

    /// Rotates while clients come, and expects that none is refused and that nodes then hold what the domain controller does.
    private func expectRotation(
      of cluster: LabCluster, named name: String? = nil, keeping tickets: [String], saying words: String
    ) async throws {
      let before = try await cluster.directoryKeys(of: name)
      let plan = try await cluster.asactl("rotate", "--dry-run")
      #expect(plan.status == 0 && plan.output.contains(words), "\(plan.output)\(plan.errors)")
      let (rotation, clients) = try await cluster.whileClientsCome(with: tickets) { try await cluster.rotate() }
      #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "succeeded", "\(rotation)")
      #expect(clients.refused.isEmpty && clients.accepted > 0)
      #expect(try await cluster.refusals(of: tickets + [try await cluster.clientTickets("after")]).isEmpty)
      let keys = try await cluster.directoryKeys(of: name)
      #expect(keys.count == 4 && keys.isDisjoint(with: before))
      let version = try await cluster.directoryVersion(of: name)
      for node in cluster.layout.nodes {
        #expect(try await cluster.serviceKeys(in: cluster.keytab(of: node), under: version) == keys, "\(node)")
      }
    }

    @Test(
      "Renamed just before a rotation, sAMAccountName and CN: the plan says so, keys are made with the new name's salt, nobody is refused",
      arguments: [("RENA$", "RENANEW$", []), ("rena-user", "rena-user-new", ["--user"])])
    func renamed(account: String, name: String, options: [String]) async throws {
      let host = options.isEmpty ? "rena" : "renau"
      try await LabCluster.with(layout(account, host: host), accountOptions: options) { cluster in
        try await cluster.startAll()
        var tickets = [try await cluster.clientTickets("first")]
        #expect(try await cluster.rotate().status == 0)
        tickets.append(try await cluster.clientTickets("second"))
        try await cluster.renameAccount(to: name)
        tickets.append(try await cluster.clientTickets("renamed"))
        try await expectRotation(
          of: cluster, named: name, keeping: tickets, saying: "was renamed from \(account) to \(name)")
        // The new name is what the next one compares with.
        let next = try await cluster.asactl("rotate", "--dry-run")
        #expect(next.status == 0 && !next.output.contains("renamed"), "\(next.output)")
      }
    }

    @Test("Another userPrincipalName just before a rotation: the plan says so, keys are made with its salt, nobody is refused")
    func principalChanged() async throws {
      let options = ["--user", "--upn", "HTTP/renb.lab.example@LAB.EXAMPLE"]
      try await LabCluster.with(layout("renb-user", host: "renb"), accountOptions: options) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let tickets = try await cluster.clientTickets("before")
        try await cluster.changeAccount("replace: userPrincipalName", "userPrincipalName: http/other.renb@LAB.EXAMPLE")
        try await expectRotation(
          of: cluster, keeping: [tickets], saying: "its userPrincipalName is http/other.renb@LAB.EXAMPLE")
      }
    }

    /// Starts everything anew with another name of the account in every configuration file.
    private func restart(_ cluster: LabCluster, replacing name: String, with other: String) async throws {
      for daemon in ["rotator"] + cluster.layout.nodes {
        await cluster.stop(daemon)
        let path = "\(cluster.directory)/\(daemon).yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing("\\\(name)", with: "\\\(other)").write(toFile: path, atomically: false, encoding: .utf8)
      }
      try await cluster.startAll()
    }

    @Test("The new name in the configuration is another account: refused, nothing is pushed; with the old one back all goes on")
    func newNameConfigured() async throws {
      try await LabCluster.with(layout("REND$", host: "rend")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let (before, tickets) = (try await cluster.directoryVersion(), try await cluster.clientTickets("before"))
        try await cluster.renameAccount(to: "RENDNEW$")
        try await restart(cluster, replacing: "REND$", with: "RENDNEW$")
        let refused = try await cluster.asactl("rotate", "--yes")
        #expect(refused.status == 65 && refused.errors.contains("the store is behind the directory"), "\(refused.errors)")
        #expect(try await cluster.directoryVersion(of: "RENDNEW$") == before)
        #expect(try await cluster.refusals(of: [tickets, try await cluster.clientTickets("fresh")]).isEmpty)
        try await restart(cluster, replacing: "RENDNEW$", with: "REND$")
        try await expectRotation(
          of: cluster, named: "RENDNEW$", keeping: [tickets], saying: "was renamed from REND$ to RENDNEW$")
      }
    }

    @Test("Renamed between the plan and the password write: the rotation finds the other salt, and every node gets its keys")
    func renamedMeanwhile() async throws {
      var layout = layout("RENC$", host: "renc")
      layout.hasFaultHooks = true
      try await LabCluster.with(layout) { cluster in
        try await cluster.startAll()
        let tickets = [try await cluster.clientTickets("before")]
        try cluster.setHook("hold-at", of: "rotator", to: "before:commit")
        async let rotating = cluster.rotate()
        try await cluster.waitUntilHeld("rotator")
        try await cluster.renameAccount(to: "RENCNEW$")
        try cluster.setHook("hold-at", of: "rotator", to: nil)
        let rotation = try await rotating
        #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "succeeded", "\(rotation)")
        #expect(try await cluster.refusals(of: tickets + [try await cluster.clientTickets("after")]).isEmpty)
        let keys = try await cluster.directoryKeys(of: "RENCNEW$")
        let version = try await cluster.directoryVersion(of: "RENCNEW$")
        for node in cluster.layout.nodes {
          #expect(try await cluster.serviceKeys(in: cluster.keytab(of: node), under: version) == keys, "\(node)")
        }
      }
    }
  }
}
