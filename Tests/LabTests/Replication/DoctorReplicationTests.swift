import ChildProcesses
import Foundation
import Testing

extension Replication {
  @Suite("What doctor says of several domain controllers", .serialized, .timeLimit(.minutes(5)))
  struct DoctorReplicationTests {
    private func layout(_ account: String, host: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"], nodes: ["\(host)-1.lab.example"],
        hasBothControllers: true)
    }

    private func replicate(_ cluster: LabCluster, _ words: String...) async throws {
      try await cluster.lab.run(["replication"] + words)
    }

    /// The subjects of the findings of each kind.
    private func findings(_ cluster: LabCluster) async throws -> [String: [String]] {
      let result = try await cluster.run("asactl", ["doctor", "--config", "\(cluster.directory)/rotator.yaml", "--json"])
      let document = try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
      return Dictionary(grouping: document["findings"]?.array ?? []) { $0["id"]?.string ?? "" }
        .mapValues { $0.compactMap { $0["subject"]?.string } }
    }

    /// What is found while the configuration names these domain controllers.
    private func findings(_ cluster: LabCluster, naming controllers: String) async throws -> [String: [String]] {
      let text = try String(contentsOfFile: "\(cluster.directory)/rotator.yaml", encoding: .utf8)
      try cluster.edit("rotator.yaml") { $0.replacing(#/controllers: \[.*\]/#, with: "controllers: [\(controllers)]") }
      let found = try await findings(cluster)
      try cluster.edit("rotator.yaml") { _ in text }
      return found
    }

    @Test("One that has not received the password is behind, until it has; one that is stopped does not answer")
    func behind() async throws {
      try await LabCluster.with(layout("DOCREPA$", host: "docrepa")) { cluster in
        let other = try #require(cluster.lab.secondController)
        try await replicate(cluster, "force", "dc1", "dc2")
        #expect(try await findings(cluster)["controller.behind"] == nil)
        try await replicate(cluster, "pause", "dc2")
        try await cluster.setPasswordElsewhere()
        #expect(try await findings(cluster)["controller.behind"] == [other.host])
        try await replicate(cluster, "resume", "dc2")
        try await replicate(cluster, "force", "dc1", "dc2")
        #expect(try await findings(cluster)["controller.behind"] == nil)
        try await cluster.lab.run("controller", "stop", "dc2")
        #expect(try await findings(cluster)["controller.unreachable"] == [other.host])
        try await cluster.lab.run("controller", "start", "dc2")
        try await cluster.waitUntil("dc2 answers") { try await findings(cluster)["controller.unreachable"] == nil }
      }
    }

    @Test("Names in the configuration are held against the directory: one left out, and none that is the PDC emulator")
    func named() async throws {
      try await LabCluster.with(layout("DOCREPB$", host: "docrepb")) { cluster in
        let other = try #require(cluster.lab.secondController)
        try await replicate(cluster, "force", "dc1", "dc2")
        let first = "{name: \(cluster.lab.controllerHost), address: \(cluster.lab.controllerAddress)}"
        let second = "{name: \(other.host), address: \(other.address)}"
        #expect(try await findings(cluster)["controller.unlisted"] == nil)
        let withoutOther = try await findings(cluster, naming: first)
        #expect(withoutOther["controller.unlisted"] == [other.host] && withoutOther["writer.not-pdc"] == nil)
        let withoutEmulator = try await findings(cluster, naming: second)
        #expect(withoutEmulator["controller.unlisted"] == [cluster.lab.controllerHost])
        #expect(withoutEmulator["writer.not-pdc"] == ["realm \(cluster.lab.realm)"])
      }
    }
  }
}
