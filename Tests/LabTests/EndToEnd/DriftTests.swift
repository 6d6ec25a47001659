import ChildProcesses
import Foundation
import Testing

extension EndToEnd {
  @Suite("Drift, in the directory and on nodes", .needsLab, .serialized)
  struct DriftTests {
    private func layout(_ account: String, host: String, policy: String = "every: 30d") -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: (1...2).map { "\(host)-\($0).lab.example" }, policy: policy)
    }

    private func resetElsewhere(_ cluster: LabCluster, _ account: String) async throws {
      try await cluster.lab.run(
        "samba-tool", "user", "setpassword", account, "--newpassword=Some-Body-Else-1234", "-s",
        "\(cluster.lab.state)/dc1/etc/smb.conf", "-H", "\(cluster.lab.state)/dc1/private/sam.ldb")
    }

    /// The directory is looked at when the rotator starts.
    private func restart(_ cluster: LabCluster) async throws {
      await cluster.stop("rotator")
      try await cluster.startRotator()
      try await cluster.waitUntilAttached(cluster.layout.nodes)
    }

    private func records(_ cluster: LabCluster, _ kind: String) async throws -> [JSONValue] {
      (try await cluster.json("history")["records"]?.array ?? []).filter { $0["kind"]?.string == kind }
    }

    @Test("onDrift: report tells of somebody else's password, and of a rename, with what they mean; nothing begins by itself")
    func reported() async throws {
      try await LabCluster.with(layout("DRIFTA$", host: "drifta")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let before = try await cluster.directoryVersion()
        try await resetElsewhere(cluster, "DRIFTA$")
        try await cluster.lab.run(
          "ldbmodify", "-H", "\(cluster.lab.state)/dc1/private/sam.ldb",
          input:
            "dn: CN=DRIFTA,CN=Computers,DC=lab,DC=example\nchangetype: modify\nreplace: sAMAccountName\nsAMAccountName: DRIFTED$\n"
        )
        try await restart(cluster)
        try await cluster.waitUntil("the drift is on record") { try await !records(cluster, "drift").isEmpty }
        let message = try await records(cluster, "drift").first?["message"]?.string ?? ""
        #expect(message.contains("foreignKey") && message.contains("renamed from DRIFTA$ to DRIFTED$"), "\(message)")
        #expect(try await cluster.directoryVersion(of: "DRIFTED$") == before + 1)
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0, "\(rotation.errors)")
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
      }
    }

    @Test("onDrift: rotate ends somebody else's password by itself, and old tickets of ours go on being accepted")
    func rotated() async throws {
      try await LabCluster.with(layout("DRIFTB$", host: "driftb", policy: "every: 30d, onDrift: rotate")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let before = try await cluster.directoryVersion()
        let ours = try await cluster.clientTickets("ours")
        try await resetElsewhere(cluster, "DRIFTB$")
        try await restart(cluster)
        try await cluster.waitUntil("a rotation of ours has ended it") {
          try await records(cluster, "rotationSucceeded").contains { $0["version"]?.number.map { Int($0) } == before + 2 }
        }
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        for node in cluster.layout.nodes { #expect(try await cluster.accepts(node, tickets: ours)) }
      }
    }

    @Test("A keytab that is opened to others, edited or removed is put right within a minute, and the rotator has it on record")
    func keytabs() async throws {
      try await LabCluster.with(layout("DRIFTC$", host: "driftc")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let (first, second) = (cluster.layout.nodes[0], cluster.layout.nodes[1])
        let fresh = try await cluster.clientTickets("fresh")
        try await cluster.lab.run("chmod", "0666", cluster.keytab(of: first))
        try await cluster.lab.run("rm", cluster.keytab(of: second))
        let isTold = { () async throws -> Bool in try await records(cluster, "keytabRestored").count >= 2 }
        // The agents look every half minute.
        for _ in 1...2 where try await !isTold() { try? await cluster.waitUntil("both are on record", isTold) }
        let messages = try await records(cluster, "keytabRestored").compactMap { $0["message"]?.string }
        #expect(
          messages.contains { $0.contains(cluster.keytab(of: first)) && $0.contains("0666") && $0.contains("0640") },
          "\(messages)")
        #expect(messages.contains { $0.contains(second) && $0.contains("was missing") }, "\(messages)")
        for node in [first, second] { #expect(try await cluster.accepts(node, tickets: fresh)) }
        let mode = try FileManager.default.attributesOfItem(atPath: cluster.keytab(of: first))[.posixPermissions] as? Int
        #expect(mode == 0o640)
      }
    }
  }
}
