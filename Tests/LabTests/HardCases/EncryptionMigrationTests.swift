import ChildProcesses
import Foundation
import Kerberos
import RotationCore
import Testing

extension HardCases {
  @Suite("Encryption types", .needsLab, .serialized, .timeLimit(.minutes(5)))
  struct EncryptionMigrationTests {
    private func layout(_ account: String, host: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example", "http/auto-\(host).lab.example"],
        nodes: (1...3).map { "\(host)-\($0).lab.example" })
    }

    /// Leaves a keytab with nothing but its RC4 keys, as one that is years old may be.
    private func keepOnlyRC4(in keytab: String) throws {
      let rc4 = try KeytabFile.read(keytab).filter { $0.key.encryptionType == 23 }
      try #require(!rc4.isEmpty)
      try KeytabFile.write(rc4, replacing: keytab, ownership: FileOwnership(mode: 0o640))
    }

    private func advance(_ cluster: LabCluster) async throws -> (status: Int32, report: JSONValue, errors: String) {
      let result = try await cluster.asactl("account", "enctypes", "--to", "aes-only", "--yes", "--json")
      let report = try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
      return (result.status, report, result.errors)
    }

    private func states(_ report: JSONValue) -> [String?] { report["steps"]?.array?.map { $0["state"]?.string } ?? [] }

    private func attribute(_ cluster: LabCluster, of account: String) async throws -> String? {
      let output = try await cluster.lab.run(
        "ldbsearch", "-H", "\(cluster.lab.state)/dc1/private/sam.ldb", "(sAMAccountName=\(account))",
        "msDS-SupportedEncryptionTypes")
      return output.split(separator: "\n").first { $0.hasPrefix("msDS-SupportedEncryptionTypes:") }.map(String.init)
    }

    /// Types in what the tool has printed for an administrator of Samba.
    private func grant(_ report: JSONValue, _ cluster: LabCluster) async throws {
      let printed = report["steps"]?[1]?["commands"]?.array?.compactMap(\.string) ?? []
      let command = try #require(
        printed.first { $0.hasPrefix("Samba, to grant it: ") }?.dropFirst("Samba, to grant it: ".count))
      let database = " -H \(cluster.lab.state)/dc1/private/sam.ldb"
      try await cluster.lab.run(
        "bash", "-euo", "pipefail", "-c",
        String(command).replacing("dsacl set", with: "dsacl set\(database)").replacing(
          "user show", with: "user show\(database)"))
    }

    @Test(
      "An account without the attribute and nodes with RC4 keytabs move to AES alone; tickets of every step are accepted throughout"
    )
    func migration() async throws {
      try await LabCluster.with(layout("ENCMIG$", host: "encmig"), accountOptions: ["--enctypes", "none"]) { cluster in
        for node in cluster.layout.nodes { try keepOnlyRC4(in: cluster.keytab(of: node)) }
        #expect(try await attribute(cluster, of: "ENCMIG$") == nil)
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        let hammer = TicketHammer(cluster)
        try await hammer.add("rc4-before")

        let blocked = try await hammer.during { try await advance(cluster) }
        #expect(blocked.status == 77, "\(blocked.errors)")
        #expect(states(blocked.report) == ["done", "blocked", "later", "later"], "\(blocked.report)")
        #expect(try await cluster.directoryVersion() == before + 1)
        try await hammer.add("rc4-after-keys")

        try await grant(blocked.report, cluster)
        let moved = try await hammer.during { try await advance(cluster) }
        #expect(moved.status == 0, "\(moved.errors)")
        #expect(states(moved.report) == ["done", "done", "done", "waiting"], "\(moved.report)")
        #expect(try await attribute(cluster, of: "ENCMIG$") == "msDS-SupportedEncryptionTypes: 24")
        #expect(try await cluster.directoryVersion() == before + 2)
        try await hammer.add("aes")

        let again = try await hammer.during { try await advance(cluster) }
        #expect(again.status == 0 && again.report["done"]?.array?.isEmpty == true, "\(again)")
        #expect(try await cluster.directoryVersion() == before + 2)
        for node in cluster.layout.nodes {
          let entries = try await cluster.entries(of: node)
          let types = { (version: Int) in Set(entries.filter { $0.version == version }.map(\.encryptionType)).count }
          #expect([before, before + 1, before + 2].map(types) == [1, 3, 2], "\(entries)")
        }
        let refused = await hammer.refused
        let accepted = await hammer.accepted
        #expect(refused.isEmpty && accepted > 30, "\(accepted) accepted, \(refused)")
        let kinds = (try await cluster.json("history")["records"]?.array ?? []).compactMap { $0["kind"]?.string }
        for kind in ["encryptionMigrationBegun", "encryptionTypesWritten", "encryptionTypesProven"] {
          #expect(kinds.count { $0 == kind } == 1, "\(kinds)")
        }
        #expect(try await cluster.json("verify", "--full")["allAccepted"]?.boolean == true)
        await cluster.stop("rotator")
        try await cluster.startRotator()
        try await cluster.waitUntilAttached(cluster.layout.nodes)
        #expect(!(try await cluster.json("history")["records"]?.array ?? []).contains { $0["kind"]?.string == "drift" })
      }
    }

    @Test("Without --to the attribute, the tickets, the keys and the next step are shown, and nothing is changed")
    func shown() async throws {
      try await LabCluster.with(layout("ENCSHOW$", host: "encshow"), accountOptions: ["--enctypes", "none"]) { cluster in
        try await cluster.startAll()
        let before = try await cluster.directoryVersion()
        let shown = try await cluster.asactl("account", "enctypes", cluster.layout.account)
        #expect(shown.status == 0, "\(shown.errors)")
        for words in ["not set, to be 24", "arcfour-hmac", "encshow-1.lab.example", "keys", "due"] {
          #expect(shown.output.contains(words), "\(shown.output)")
        }
        let planned = try await cluster.asactl("account", "enctypes", "--to", "aes-only", "--dry-run")
        #expect(planned.status == 0 && planned.output.hasSuffix("Nothing was changed.\n"))
        #expect(try await cluster.directoryVersion() == before)
        #expect(try await cluster.json("history")["records"]?.array?.isEmpty == true)
      }
    }
  }
}
