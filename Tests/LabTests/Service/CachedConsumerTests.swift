import ChildProcesses
import Foundation
import Testing

extension Replication {
  @Suite("A consumer that caches its keytab", .serialized, .timeLimit(.minutes(5)))
  struct CachedConsumerTests {
    @Test("It refuses tickets under a new key until it is restarted, and then accepts old and new ones")
    func restart() async throws {
      let layout = LabCluster.Layout(
        account: "LAB\\CACHED$", servicePrincipalNames: ["http/cached.lab.example"], nodes: ["cached-1.lab.example"],
        hasBothControllers: true)
      try await LabCluster.with(layout) { cluster in
        let service = SharedService(cluster: cluster)
        try await service.prepare()
        let clients = try await ServiceClients(of: service)
        try await cluster.startAll()
        let consumer = CachedConsumer(cluster: cluster, node: layout.nodes[0])
        try await consumer.start()
        try await clients.startCollecting()
        #expect(try await cluster.rotate().status == 0)
        try await cluster.waitUntil("each controller has issued tickets under both keys") {
          Set(clients.held().filter { $0.version == 2 }.map(\.controller)).count == 2
        }
        await clients.stop()
        let before = try await clients.presentEachOnce(to: [consumer.target])
        #expect(before.authentications == 2 && before.refused.map(\.kvno) == [2, 2], "\(before)")
        try await consumer.restart()
        let after = try await clients.presentEachOnce(to: [consumer.target])
        #expect(after.authentications == 4 && after.refused.isEmpty, "\(after)")
        try await consumer.stop()
      }
    }
  }
}
