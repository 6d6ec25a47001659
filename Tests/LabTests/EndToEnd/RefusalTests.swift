import ChildProcesses
import Foundation
import Glibc
import Testing

extension EndToEnd {
  @Suite("Bad input gets one clear line and changes nothing", .needsLab, .serialized)
  struct RefusalTests {
    private func layout(_ account: String, host: String, nodes: Int = 1) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: (1...nodes).map { "\(host)-\($0).lab.example" })
    }

    private func expectOneLine(_ result: LabFixture.CommandResult, status: Int32, naming words: String...) {
      #expect(result.status == status, "\(result.errors)")
      let lines = result.errors.split(separator: "\n")
      #expect(lines.count == 1, "\(result.errors)")
      for word in words { #expect(result.errors.contains(word), "'\(word)' in \(result.errors)") }
    }

    @Test("A second rotator on the same store is refused, naming the store")
    func secondRotator() async throws {
      try await LabCluster.with(layout("REFTWO$", host: "reftwo")) { cluster in
        try await cluster.startAll()
        let second = try await cluster.run("asa-rotatord", ["--config", "\(cluster.directory)/rotator.yaml"])
        expectOneLine(second, status: 75, naming: "\(cluster.directory)/store")
      }
    }

    @Test("No domain controller reachable is said with its name, and the daemon stays up")
    func noController() async throws {
      try await LabCluster.with(layout("REFDC$", host: "refdc")) { cluster in
        let path = "\(cluster.directory)/rotator.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing(cluster.lab.controllerAddress, with: "127.0.0.99").write(
          toFile: path, atomically: true, encoding: .utf8)
        try await cluster.startAll()
        let rotation = try await cluster.asactl("rotate", "--yes")
        #expect(rotation.status == 69)
        #expect(rotation.errors.contains("dc1.lab.example") || rotation.errors.contains("127.0.0.99"), "\(rotation.errors)")
        #expect(try await cluster.asactl("status").status == 0)
      }
    }

    @Test("A disabled account, a missing account, an SPN elsewhere and a missing right are each named")
    func directoryFaults() async throws {
      try await LabCluster.with(layout("REFACC$", host: "refacc")) { cluster in
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        let database = "\(cluster.lab.state)/dc1/private/sam.ldb"
        let object = "CN=REFACC,CN=Computers,DC=lab,DC=example"
        func modify(_ text: String) async throws { try await cluster.lab.run("ldbmodify", "-H", database, input: text) }
        try await modify("dn: \(object)\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 4098\n")
        var rotation = try await cluster.asactl("rotate", "--yes")
        #expect(rotation.status == 66 && rotation.errors.contains("disabled"), "\(rotation.errors)")
        try await modify("dn: \(object)\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 4096\n")
        try await modify(
          "dn: \(object)\nchangetype: modify\ndelete: servicePrincipalName\nservicePrincipalName: http/refacc.lab.example\n")
        rotation = try await cluster.asactl("rotate", "--yes")
        #expect(rotation.status == 66 && rotation.errors.contains("http/refacc.lab.example"), "\(rotation.errors)")
        #expect(try await cluster.directoryVersion() == before)
      }
    }

    @Test("A server certificate used as a node's, and a certificate of a foreign CA, are refused by the agent's own check")
    func wrongCertificates() async throws {
      try await LabCluster.with(layout("REFCERT$", host: "refcert")) { cluster in
        let node = cluster.layout.nodes[0]
        try await cluster.startRotator()
        try await cluster.issue("rotator", node, to: "server-pki")
        try cluster.writeAgentConfiguration(node, pki: "server-pki")
        expectOneLine(
          try await cluster.run("asa-agentd", ["--config", "\(cluster.directory)/\(node).yaml"]), status: 78,
          naming: "server-pki/certificate.pem")
        try await cluster.issue("node", "stranger.lab.example", to: "stranger-pki")
        try cluster.writeAgentConfiguration(node, pki: "stranger-pki")
        expectOneLine(
          try await cluster.run("asa-agentd", ["--config", "\(cluster.directory)/\(node).yaml"]), status: 78, naming: node)
      }
    }

    @Test("A node that is in no array, and a second installation under one name, are refused with both named, and stay up")
    func strangers() async throws {
      try await LabCluster.with(layout("REFNODE$", host: "refnode")) { cluster in
        try await cluster.startAll()
        let node = cluster.layout.nodes[0]
        try cluster.writeAgentConfiguration(
          node, state: "other-state", keytab: "\(cluster.directory)/\(node)/keytabs/other.keytab")
        try await cluster.startAgent(node, as: "second")
        try await cluster.waitUntil("the second installation has been refused by name") {
          cluster.log(of: "second").contains("node \(node): belongs to agent installation")
        }
        let path = "\(cluster.directory)/outside.yaml"
        try await cluster.issue("node", "outside.lab.example", to: "outside-pki")
        try cluster.writeAgentConfiguration(node, pki: "outside-pki", state: "outside-state")
        let text = try String(contentsOfFile: "\(cluster.directory)/\(node).yaml", encoding: .utf8)
        try text.replacing("node: \(node)", with: "node: outside.lab.example").write(
          toFile: path, atomically: true, encoding: .utf8)
        try await cluster.startAgent("outside")
        try await cluster.waitUntil("the node outside has been refused by name") {
          cluster.log(of: "outside").contains("node outside.lab.example: is in no array")
        }
        #expect(await cluster.processIdentifiers().count == 4)
      }
    }

    @Test("A control socket without permission is named with the group that may use it")
    func socketPermission() async throws {
      try await LabCluster.with(layout("REFSOCK$", host: "refsock")) { cluster in
        try await cluster.startAll()
        try await cluster.lab.run("chmod", "o+x", cluster.directory, cluster.lab.state)
        let result = try await cluster.run(
          "asactl", ["status", "--socket-directory", "\(cluster.directory)/run"],
          prefix: ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"])
        expectOneLine(result, status: 77, naming: "status.sock")
      }
    }
  }
}
