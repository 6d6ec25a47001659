import ChildProcesses
import Foundation
import Testing

extension EndToEnd {
  @Suite("A node's keytab", .needsLab, .serialized)
  struct KeytabOwnershipTests {
    private func layout(_ account: String, host: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"], nodes: ["\(host)-1.lab.example"])
    }

    @Test("A configured keytab that also holds host/ entries is refused by name and left byte for byte alone")
    func foreignPrincipals() async throws {
      try await LabCluster.with(layout("KTFOREIGN$", host: "ktforeign")) { cluster in
        let node = cluster.layout.nodes[0]
        let keytab = cluster.keytab(of: node)
        try await cluster.lab.run("make-account", "KTHOST$", "--spn", "host/ktforeign-1.lab.example")
        try await cluster.lab.run(
          "bash", "-c",
          "samba-tool domain exportkeytab \(keytab) --principal=host/ktforeign-1.lab.example -s \(cluster.lab.state)/dc1/etc/smb.conf"
        )
        let before = try Data(contentsOf: URL(fileURLWithPath: keytab))
        try await cluster.startAll()
        let line = cluster.log(of: node).split(separator: "\n").first { $0.contains(" error ") } ?? ""
        #expect(line.contains(keytab) && line.contains("host/ktforeign-1.lab.example"), "\(line)")
        let rotation = try await cluster.asactl("rotate", "--yes")
        #expect(rotation.status == 69 && rotation.errors.contains("host/ktforeign-1.lab.example"), "\(rotation.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: keytab)) == before)
      }
    }

    @Test("kinit -k as the account works from a node's keytab before and after a rotation")
    func initiatorKeepsWorking() async throws {
      try await LabCluster.with(layout("KTINIT$", host: "ktinit")) { cluster in
        try await cluster.startAll()
        let node = cluster.layout.nodes[0]
        for _ in 1...2 {
          #expect(try await cluster.rotate().status == 0)
          try await cluster.lab.run(
            "kinit", "-k", "-t", cluster.keytab(of: node), "KTINIT$@\(cluster.lab.realm)",
            environment: ["KRB5CCNAME": "FILE:\(cluster.directory)/initiator.ccache"])
        }
      }
    }
  }
}
