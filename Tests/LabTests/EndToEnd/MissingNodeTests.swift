import ChildProcesses
import Foundation
import Glibc
import Testing

extension EndToEnd {
  @Suite("A node that is missing", .needsLab, .serialized)
  struct MissingNodeTests {
    private func layout(_ account: String, host: String, policy: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: (1...3).map { "\(host)-\($0).lab.example" }, policy: policy)
    }

    @Test("With require: all a stopped agent stops the rotation by name; the kvno and the other nodes' slots do not move")
    func requireAll() async throws {
      try await LabCluster.with(layout("MISSALL$", host: "missall", policy: "every: 30d, require: all")) { cluster in
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        for node in cluster.layout.nodes {
          try await cluster.waitUntil("\(node) has proven its own key") { try await cluster.slots(of: node)["latest"] != nil }
        }
        let slots = try await cluster.slots(of: "missall-1.lab.example")
        await cluster.stop("missall-3.lab.example")
        let rotation = try await cluster.asactl("rotate", "--yes")
        #expect(rotation.status == 69)
        #expect(rotation.errors.contains("missall-3.lab.example"))
        #expect(try await cluster.directoryVersion() == before)
        #expect(try await cluster.slots(of: "missall-1.lab.example") == slots)
        #expect(try await cluster.slots(of: "missall-2.lab.example") == slots)
      }
    }

    @Test("A node stays in service when its agent is started again while no rotator answers")
    func restartWithoutRotator() async throws {
      try await LabCluster.with(layout("MISSROT$", host: "missrot", policy: "every: 30d, require: all")) { cluster in
        try await cluster.startAll()
        let node = "missrot-1.lab.example"
        try await cluster.waitUntil("\(node) is in service") { cluster.isReady(node) }
        await cluster.stop("rotator")
        await cluster.stop(node)
        #expect(!cluster.isReady(node))
        try await cluster.startAgent(node)
        try await cluster.waitUntil("\(node) is in service again") { cluster.isReady(node) }
        try await cluster.waitUntil("it has dialled in vain") { cluster.log(of: node).contains("not attached") }
        #expect(cluster.isReady(node))
      }
    }

    @Test(
      "A node that cannot install the next key stops the rotation after the claim; everything goes back, with a fence first")
    func refusalWhileStaging() async throws {
      try await LabCluster.with(layout("MISSRO$", host: "missro", policy: "every: 30d, require: all")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let before = try await cluster.directoryVersion()
        let slots = try await cluster.slots(of: "missro-1.lab.example")
        let keytabs = "\(cluster.directory)/missro-3.lab.example/keytabs"
        try await cluster.lab.run("mount", "--bind", keytabs, keytabs)
        try await cluster.lab.run("mount", "-o", "remount,ro,bind", keytabs)
        let rotation = try await cluster.rotate()
        try await cluster.lab.run("umount", keytabs)
        #expect(rotation.status == 69)
        #expect(rotation.ended["nodesBehind"]?[0]?.string == "missro-3.lab.example")
        #expect(rotation.ended["passwordChanged"]?.boolean == false)
        #expect(try await cluster.directoryVersion() == before)
        try await cluster.waitUntil("the nodes are back in their former slots") {
          try await cluster.slots(of: "missro-1.lab.example") == slots
        }
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        try await cluster.waitUntil("the third node has carried out the order that it had to refuse") {
          let node = try await cluster.json("status", "missro-3.lab.example")["accounts"]?[0]?["nodes"]?[0]
          return node?["fault"]?.string == nil && node?["behind"]?.boolean == false
        }
        let again = try await cluster.rotate()
        #expect(again.status == 0, "\(again.ended)")
      }
    }

    @Test("An agent that hangs is named, and nothing is changed")
    func hangingAgent() async throws {
      try await LabCluster.with(layout("MISSHANG$", host: "misshang", policy: "every: 30d, require: all")) { cluster in
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        await cluster.signal("misshang-2.lab.example", SIGSTOP)
        let rotation = try await cluster.asactl("rotate", "--yes")
        await cluster.signal("misshang-2.lab.example", SIGCONT)
        #expect(rotation.status == 69)
        #expect(rotation.errors.contains("misshang-2.lab.example"))
        #expect(try await cluster.directoryVersion() == before)
      }
    }

    @Test("With require: 2 the rotation ends degraded, and the third node catches up when it returns")
    func degraded() async throws {
      try await LabCluster.with(layout("MISSTWO$", host: "misstwo", policy: "every: 30d, require: 2, absentGrace: 1s")) {
        cluster in
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        await cluster.stop("misstwo-3.lab.example")
        try await cluster.waitUntil("the rotator has noticed") {
          try await cluster.json("status", "misstwo-3.lab.example")["accounts"]?[0]?["nodes"]?[0]?["connection"]?.string
            == "detached"
        }
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0, "\(rotation.errors)")
        #expect(rotation.ended["outcome"]?.string == "degraded")
        #expect(rotation.ended["nodesBehind"]?[0]?.string == "misstwo-3.lab.example")
        #expect(try await cluster.directoryVersion() == before + 1)
        try await cluster.startAgent("misstwo-3.lab.example")
        try await cluster.waitUntil("the third node holds the new key") {
          try await cluster.slots(of: "misstwo-3.lab.example")["latest"] == before + 1
        }
        let fresh = try await cluster.clientTickets("fresh")
        #expect(try await cluster.accepts("misstwo-3.lab.example", tickets: fresh))
      }
    }

    @Test("A revoked node is cut off, refused with the same certificate, and not waited for")
    func revoke() async throws {
      try await LabCluster.with(layout("MISSREV$", host: "missrev", policy: "every: 30d, require: all, absentGrace: 1s")) {
        cluster in
        try await cluster.startAll()
        let node = "missrev-2.lab.example"
        #expect(try await cluster.asactl("nodes", "revoke", node, "--yes").status == 0)
        try await cluster.waitUntil("the node is shown as revoked") { try await connection(of: node, in: cluster) == "revoked" }
        await cluster.stop(node)
        try await cluster.startAgent(node, as: "again")
        try await cluster.waitUntil("the same certificate is refused") {
          cluster.log(of: "again").contains("certificate was revoked")
        }
        #expect(try await connection(of: node, in: cluster) == "revoked")
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0, "\(rotation.errors)")
        #expect(rotation.ended["outcome"]?.string == "succeeded")
      }
    }

    private func connection(of node: String, in cluster: LabCluster) async throws -> String? {
      let nodes = try await cluster.json("nodes", "list")["nodes"]?.array ?? []
      return nodes.first { $0["node"]?.string == node }?["connection"]?.string
    }
  }
}
