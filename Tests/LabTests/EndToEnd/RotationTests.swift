import ChildProcesses
import Foundation
import Testing

extension EndToEnd {
  @Suite("A whole rotation", .needsLab, .serialized)
  struct RotationTests {
    private static let aes = ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"]

    private func layout(_ account: String, host: String, nodes: Int = 3) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example", "http/auto-\(host).lab.example"],
        nodes: (1...nodes).map { "\(host)-\($0).lab.example" })
    }

    @Test("Two rotations move the kvno by one each; tickets from before and after are accepted on every node")
    func twoRotations() async throws {
      try await LabCluster.with(layout("ROT1$", host: "rot1")) { cluster in
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        var tickets = [try await cluster.clientTickets("before")]
        for round in 1...2 {
          let rotation = try await cluster.rotate()
          #expect(rotation.status == 0, "\(rotation.errors)")
          #expect(rotation.ended["outcome"]?.string == "succeeded")
          #expect(try await cluster.directoryVersion() == before + round)
          tickets.append(try await cluster.clientTickets("after-\(round)"))
        }
        for node in cluster.layout.nodes {
          for cache in tickets { #expect(try await cluster.accepts(node, tickets: cache), "\(node) \(cache)") }
          let slots = try await cluster.slots(of: node)
          #expect(slots == ["latest": before + 2, "previous": before + 1, "retiring": before])
        }
        let verify = try await cluster.json("verify")
        #expect(verify["allAccepted"]?.boolean == true)
      }
    }

    @Test(
      "Latest and Previous stand in the keytab for every SPN with AES256 and AES128",
      arguments: [
        ("ROT2$", "rot2", []), ("rotuser", "rotu", ["--user"]),
        ("rotupn", "rotupn", ["--user", "--upn", "HTTP/rotupn.lab.example@LAB.EXAMPLE"]),
        ("RotMixed$", "rotmixed", ["--upn", "somebody@LAB.EXAMPLE"]),
      ])
    func keytabHoldsLatestAndPrevious(account: String, host: String, options: [String]) async throws {
      try await LabCluster.with(layout(account, host: host, nodes: 2), accountOptions: options) { cluster in
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0, "\(rotation.errors)")
        for node in cluster.layout.nodes {
          let lines = Set(try await cluster.entries(of: node))
          for spn in cluster.layout.servicePrincipalNames {
            for version in [before, before + 1] {
              for type in Self.aes {
                #expect(
                  lines.contains { $0.version == version && $0.principal == spn && $0.encryptionType == type },
                  "\(spn) \(version) \(type)")
              }
            }
          }
          #expect(try await cluster.accepts(node, tickets: try await cluster.clientTickets("fresh")))
        }
      }
    }

    @Test("A node named with other case in the rotator's configuration is the same node")
    func otherCase() async throws {
      var layout = layout("ROTCASE$", host: "rotcase", nodes: 1)
      layout.configuredNodes = ["RotCase-1.LAB.example"]
      try await LabCluster.with(layout) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
      }
    }

    @Test("Nodes without any keytab get their first keys by the first rotation")
    func onboarding() async throws {
      try await LabCluster.with(layout("ROTNEW$", host: "rotnew", nodes: 2), keytabs: false) { cluster in
        try await cluster.startAll()
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0, "\(rotation.errors)")
        let fresh = try await cluster.clientTickets("fresh")
        for node in cluster.layout.nodes { #expect(try await cluster.accepts(node, tickets: fresh)) }
      }
    }

    @Test("A keytab that appears after the agent has started is adopted, not overwritten, by the first rotation")
    func lateKeytab() async throws {
      let layout = layout("ROTLATE$", host: "rotlate", nodes: 1)
      try await LabCluster.with(layout, keytabs: false) { cluster in
        try await cluster.startAll()
        let node = layout.nodes[0]
        try await cluster.exportKeytab(to: node)
        let old = try await cluster.clientTickets("old")
        #expect(try await cluster.rotate().status == 0)
        #expect(try await cluster.accepts(node, tickets: old))
      }
    }

    @Test("After somebody else's reset of the password a rotation makes every node accept again, and drops no key")
    func foreignReset() async throws {
      let layout = layout("ROTFOREIGN$", host: "rotforeign", nodes: 2)
      try await LabCluster.with(layout) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let ours = try await cluster.clientTickets("ours")
        try await cluster.lab.run(
          "samba-tool", "user", "setpassword", "ROTFOREIGN$", "--newpassword=Some-Body-Else-1234", "-s",
          "\(cluster.lab.state)/dc1/etc/smb.conf", "-H", "\(cluster.lab.state)/dc1/private/sam.ldb")
        let plan = try await cluster.asactl("rotate", "--dry-run")
        #expect(plan.output.contains("foreignKey"), "\(plan.output)\(plan.errors)")
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0, "\(rotation.ended)")
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        for node in layout.nodes { #expect(try await cluster.accepts(node, tickets: ours)) }
      }
    }

    @Test("A dry run shows the plan and changes nothing")
    func dryRun() async throws {
      try await LabCluster.with(layout("ROTDRY$", host: "rotdry", nodes: 1)) { cluster in
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        let keytab = try Data(contentsOf: URL(fileURLWithPath: cluster.keytab(of: cluster.layout.nodes[0])))
        let result = try await cluster.asactl("rotate", "--dry-run")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("\(before + 1)"))
        #expect(try await cluster.directoryVersion() == before)
        #expect(try Data(contentsOf: URL(fileURLWithPath: cluster.keytab(of: cluster.layout.nodes[0]))) == keytab)
        #expect(try await cluster.json("history")["records"]?.array?.isEmpty == true)
      }
    }
  }
}
