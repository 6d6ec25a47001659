import ChildProcesses
import Foundation
import Testing

extension Replication {
  @Suite("Web servers behind a balancer", .serialized, .timeLimit(.minutes(5)))
  struct WebServersTests {
    private func layout(_ name: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(name.uppercased())$", servicePrincipalNames: ["http/\(name).lab.example"],
        nodes: (1...2).map { "\(name)-\($0).lab.example" }, hasBothControllers: true, hasFaultHooks: true)
    }

    /// Browses with new and old tickets of both controllers while `body` runs, and expects the page as the only answer.
    private func browsing(_ name: String, _ body: (SharedService) async throws -> Void) async throws {
      try await LabCluster.with(layout(name)) { cluster in
        let service = SharedService(cluster: cluster)
        try await service.prepare()
        let clients = try await ServiceClients(of: service)
        try await cluster.startAll()
        try await cluster.waitUntil("every node is in service") { cluster.layout.nodes.allSatisfy(cluster.isReady) }
        try await service.startAll()
        try await clients.startCollecting()
        try await clients.startBrowsing(rate: 10)
        try await body(service)
        // What has become of it is met as well.
        try await Task.sleep(for: .seconds(2))
        let tally = await clients.stop()
        #expect(tally.refused.isEmpty && tally.unreachable == 0 && tally.authentications >= 20, "\(tally)")
        let versions = Set(clients.held().map(\.version))
        #expect(versions.count == 2, "no ticket under the new key: \(versions)")
      }
    }

    @Test("Every answer is the page, over a rotation and over the restart of a node")
    func rotationAndRestart() async throws {
      try await browsing("weba") { service in
        let cluster = service.cluster
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0, "\(rotation.errors)")
        let node = service.nodes[0]
        try await service.stop(node)
        await cluster.stop(node)
        #expect(!cluster.isReady(node))
        try await cluster.startAgent(node, environment: ["ASA_BOOT_ID": String(repeating: "b", count: 32)])
        try await cluster.waitUntil("\(node) is in service again") { cluster.isReady(node) }
        try await service.start(node)
      }
    }

    @Test("Every answer is the page when the rotator dies in the middle of a rotation and is started again")
    func rotatorKilled() async throws {
      try await browsing("webb") { service in
        let cluster = service.cluster
        try cluster.setHook("kill-at", of: "rotator", to: "recorded:committing +20000")
        async let cut = cluster.asactl("rotate", "--yes")
        try await cluster.waitUntil("the rotator dies") { await !cluster.isRunning("rotator") }
        try await cluster.startRotator()
        _ = try await cut
        try await cluster.waitUntil("the rotation has ended") { await cluster.phase() == "idle" }
        #expect(try await cluster.json("verify", "--full")["allAccepted"]?.boolean == true)
      }
    }
  }
}
