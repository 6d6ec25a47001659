import ChildProcesses
import Foundation
import Testing

/// Most of the time here goes by in waiting: these run side by side.
@Suite("A node that hears nothing of the rotator", .needsTwoControllers, .timeLimit(.minutes(8)))
struct CutOffNodeTests {
  private func serving(_ name: String, _ body: (LabCluster, SharedService, ServiceClients) async throws -> Void) async throws {
    let layout = LabCluster.Layout(
      account: "LAB\\\(name.uppercased())$", servicePrincipalNames: ["http/\(name).lab.example"],
      nodes: (1...3).map { "\(name)-\($0).lab.example" }, policy: "every: 30d, require: 2, absentGrace: 40s",
      hasBothControllers: true, hasFaultHooks: true)
    try await LabCluster.with(layout) { cluster in
      let service = SharedService(cluster: cluster)
      try await service.prepare()
      let clients = try await ServiceClients(of: service)
      try await cluster.giveLinksAddresses()
      try await cluster.startAll()
      try await cluster.waitUntil("every node is in service") { layout.nodes.allSatisfy(cluster.isReady) }
      try await service.startAll()
      try await clients.startCollecting()
      try await clients.startPresenting(to: service.acceptors, processes: 1, rate: 40)
      try await body(cluster, service, clients)
    }
  }

  @Test("Cut off for a whole rotation, it leaves service before it would refuse anybody, and is back when it has caught up")
  func cutOff() async throws {
    try await serving("cuta") { cluster, service, clients in
      let node = cluster.layout.nodes[2]
      try await cluster.cutLink(of: node)
      let rotation = try await cluster.rotate()
      #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "degraded", "\(rotation)")
      #expect(rotation.ended["nodesBehind"]?.array?.map(\.string) == [node])
      #expect(!cluster.isReady(node))
      try await cluster.waitUntil("each controller has issued tickets under both keys") {
        Set(clients.held()).count == 4
      }
      try await Task.sleep(for: .seconds(2))
      try await cluster.restoreLink(of: node)
      try await cluster.waitUntil("\(node) is in service again", within: .seconds(90)) { cluster.isReady(node) }
      let tally = await clients.stop()
      #expect(tally.refused.isEmpty && tally.authentications > 200, "\(tally)")
      let each = try await clients.presentEachOnce(to: service.acceptors)
      #expect(each.authentications == 12 && each.refused.isEmpty, "\(each)")
    }
  }

  @Test("A rotator that is down takes nobody out of service, and an agent that is started meanwhile finds out by itself")
  func rotatorDown() async throws {
    try await serving("cutb") { cluster, _, clients in
      await cluster.stop("rotator")
      let node = cluster.layout.nodes[1]
      await cluster.stop(node)
      try await cluster.startAgent(node)
      for node in cluster.layout.nodes {
        try await cluster.waitUntil("\(node) has looked at the directory", within: .seconds(60)) {
          cluster.log(of: node).contains("the directory issues tickets that this node accepts")
        }
        #expect(cluster.isReady(node))
      }
      let tally = await clients.stop()
      #expect(tally.refused.isEmpty, "\(tally)")
    }
  }

  @Test(
    "A rotator that dies in the middle of a rotation takes nobody out of service, whatever the directory has by then",
    arguments: ["after:claim", "after:commit"])
  func rotatorDies(at boundary: String) async throws {
    try await serving(boundary == "after:claim" ? "cutc" : "cutd") { cluster, service, clients in
      try cluster.setHook("kill-at", of: "rotator", to: boundary)
      async let cut = cluster.asactl("rotate", "--yes")
      try await cluster.waitUntil("the rotator dies") { await !cluster.isRunning("rotator") }
      // Every node looks at the directory at once, and several times.
      for _ in 1...40 {
        #expect(cluster.layout.nodes.allSatisfy(cluster.isReady))
        try await Task.sleep(for: .milliseconds(500))
      }
      try await cluster.startRotator()
      _ = try await cut
      try await cluster.waitUntil("the rotation has ended", within: .seconds(60)) { await cluster.phase() == "idle" }
      #expect(cluster.layout.nodes.allSatisfy(cluster.isReady))
      let tally = await clients.stop()
      #expect(tally.refused.isEmpty && tally.authentications > 200, "\(tally)")
      let each = try await clients.presentEachOnce(to: service.acceptors)
      #expect(each.refused.isEmpty, "\(each)")
    }
  }
}
