import ChildProcesses
import Foundation
import Testing

extension Replication {
  @Suite("Consumers are restarted in waves", .serialized, .timeLimit(.minutes(5)))
  struct ConsumerWaveTests {
    /// A cluster whose agents restart a consumer that caches its keytab, under clients of those consumers alone.
    private func serving(
      _ name: String, policy: String = "every: 30d", _ body: (LabCluster, ServiceClients, [CachedConsumer]) async throws -> Void
    ) async throws {
      let layout = LabCluster.Layout(
        account: "LAB\\\(name.uppercased())$", servicePrincipalNames: ["http/\(name).lab.example"],
        nodes: (1...3).map { "\(name)-\($0).lab.example" }, policy: policy, hasBothControllers: true)
      try await LabCluster.with(layout) { cluster in
        let service = SharedService(cluster: cluster)
        try await service.prepare()
        let clients = try await ServiceClients(of: service)
        let consumers = layout.nodes.map { CachedConsumer(cluster: cluster, node: $0) }
        for consumer in consumers { try consumer.register() }
        try await cluster.startAll()
        try await cluster.waitUntil("every node is in service") { layout.nodes.allSatisfy(cluster.isReady) }
        for consumer in consumers { try await consumer.start() }
        try await clients.startCollecting()
        try await clients.startPresenting(to: consumers.map(\.target), processes: 1, rate: 40)
        try await body(cluster, clients, consumers)
        for consumer in consumers { try await consumer.stop() }
      }
    }

    @Test(
      "Each is restarted once, one node after the other, before the password is set; nobody is refused or meets a closed door")
    func waves() async throws {
      try await serving("wavea") { cluster, clients, consumers in
        let before = try consumers.map { try $0.processIdentifier() }
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "succeeded", "\(rotation)")
        let after = try consumers.map { try $0.processIdentifier() }
        #expect(zip(before, after).allSatisfy { $0 != $1 })
        for node in cluster.layout.nodes {
          #expect(cluster.isReady(node))
          #expect(cluster.log(of: node).components(separatedBy: "has loaded the new keys").count == 2)
        }
        try await cluster.waitUntil("each controller has issued tickets under both keys") {
          Set(clients.held()).count == 4
        }
        let tally = await clients.stop()
        #expect(tally.refused.isEmpty && tally.unreachable == 0 && tally.authentications > 50, "\(tally)")
        let each = try await clients.presentEachOnce(to: consumers.map(\.target))
        #expect(each.authentications == 12 && each.refused.isEmpty, "\(each)")
      }
    }

    @Test("A node that missed the rotation restarts its consumer before it is in service again")
    func lateNode() async throws {
      try await serving("waveb", policy: "every: 30d, require: 2, absentGrace: 2s") { cluster, clients, consumers in
        let node = cluster.layout.nodes[2]
        await cluster.stop(node)
        try await cluster.waitUntil("the rotator has noticed") {
          try await cluster.json("status", node)["accounts"]?[0]?["nodes"]?[0]?["connection"]?.string == "detached"
        }
        let rotation = try await cluster.rotate()
        #expect(rotation.ended["outcome"]?.string == "degraded", "\(rotation)")
        try await cluster.startAgent(node)
        try await cluster.waitUntil("\(node) is in service again", within: .seconds(60)) { cluster.isReady(node) }
        #expect(cluster.log(of: node).contains("has loaded the new keys"))
        try await cluster.waitUntil("there are tickets under both keys") {
          Set(clients.held().filter { $0.version == 2 }.map(\.controller)).count == 2
        }
        let tally = await clients.stop()
        #expect(tally.refused.isEmpty && tally.authentications > 50, "\(tally)")
      }
    }
  }
}
