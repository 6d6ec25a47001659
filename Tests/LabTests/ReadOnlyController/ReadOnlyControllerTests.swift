import ChildProcesses
import Foundation
import Testing

extension Trait where Self == ConditionTrait {
  /// For suites whose second domain controller is read-only.
  fileprivate static var needsReadOnlyController: Self {
    .enabled(
      if: LabFixture.current?.isSecondReadOnly == true,
      "runs inside a lab with a read-only controller only: make replication-test")
  }
}

@Suite("A read-only domain controller", .needsReadOnlyController, .serialized, .timeLimit(.minutes(3)))
struct ReadOnlyControllerTests {
  private func layout(_ account: String, host: String) -> LabCluster.Layout {
    LabCluster.Layout(
      account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"],
      nodes: (1...2).map { "\(host)-\($0).lab.example" }, hasBothControllers: true)
  }

  private func second(_ cluster: LabCluster) throws -> (host: String, address: String) {
    try #require(cluster.lab.secondController)
  }

  @Test(
    "Passwords are set on the other one; its clients are accepted before and after, and it is among those that are waited for")
  func rotation() async throws {
    try await LabCluster.with(layout("RODCA$", host: "rodca")) { cluster in
      try await cluster.lab.run("replication", "force", "dc1", "dc2")
      try await cluster.startAll()
      let other = try second(cluster)
      let before = try await cluster.clientTickets("before", of: other.address)
      let rotation = try await cluster.rotate()
      #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "succeeded", "\(rotation)")
      let after = try await cluster.clientTickets("after", of: other.address)
      for node in cluster.layout.nodes {
        #expect(try await cluster.accepts(node, tickets: before))
        #expect(try await cluster.accepts(node, tickets: after))
      }
      let known = try await cluster.json("status")["accounts"]?[0]?["controllers"]?.array ?? []
      #expect(known.map { $0["name"]?.string } == [cluster.lab.controllerHost, other.host])
      #expect(known.map { $0["writer"]?.boolean } == [true, false])
      #expect(try await cluster.json("verify", "--full")["allAccepted"]?.boolean == true)
    }
  }

  @Test("Named as the writer it is refused by name, and nothing is sent to it")
  func writer() async throws {
    try await LabCluster.with(layout("RODCB$", host: "rodcb")) { cluster in
      try await cluster.lab.run("replication", "force", "dc1", "dc2")
      let other = try second(cluster)
      try cluster.edit("rotator.yaml") { $0.replacing("    principal:", with: "    writer: \(other.host)\n    principal:") }
      try await cluster.startAll()
      let before = try await cluster.directoryVersion()
      let refused = try await cluster.asactl("rotate", "--yes")
      #expect(refused.status == 78 && refused.errors.contains("read-only domain controller"), "\(refused)")
      #expect(try await cluster.directoryVersion() == before)
    }
  }
}
