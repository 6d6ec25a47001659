import ChildProcesses
import Foundation
import Testing

extension Parity {
  @Suite("Scopes and credentials, by the names of old", .needsLab, .serialized, .timeLimit(.minutes(3)))
  struct ScopeAndCredentialTests {
    private func layout(_ host: String, nodes: Int = 2) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(host.uppercased())$", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: (1...nodes).map { "\(host)-\($0).lab.example" }, hasFaultHooks: true)
    }

    // MARK: - Scopes

    @Test("-ToEntireForest: every account is rotated, side by side, and each ends with its own report")
    func entireForest() async throws {
      let accounts = TwoAccounts("scope1")
      try await accounts.with { cluster in
        try await cluster.startAll()
        let before = try await accounts.versions(in: cluster)
        let run = try await cluster.asactl("rotate", "--to-entire-forest", "--yes")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(try await accounts.versions(in: cluster) == before.map { $0 + 1 })
        for account in [accounts.first.account, accounts.second] {
          #expect(run.output.contains("\n\(account): SUCCEEDED\n"), "\(run.output)")
        }
        for node in accounts.nodes { #expect(try await cluster.versions(in: node).contains(before[0] + 1)) }
        #expect(try await cluster.versions(in: accounts.secondNode).contains(before[1] + 1))
      }
    }

    @Test("-ToArrayMembers: a scope that leaves a node of the account out is refused with its name; wildcards take it in")
    func arrayMembers() async throws {
      let accounts = TwoAccounts("scope2")
      try await accounts.with { cluster in
        try await cluster.startAll()
        let before = try await accounts.versions(in: cluster)
        let stamp = try await cluster.ldapEntry(of: cluster.accountName, "adminDescription")
        let refused = try await cluster.asactl("rotate", "--to-array-members", "MAIL", "--yes")
        #expect(refused.status == 64)
        #expect(refused.errors.contains(accounts.nodes[2]) && !refused.errors.contains(accounts.nodes[0]), "\(refused.errors)")
        #expect(try await cluster.ldapEntry(of: cluster.accountName, "adminDescription") == stamp)
        let unknown = try await cluster.asactl("rotate", "--to-array-members", "mial", "--yes")
        #expect(unknown.status == 66 && unknown.errors.contains("did you mean 'mail'?"))

        let run = try await cluster.asactl("rotate", "--to-array-members", "ma*", "W?B", "--yes")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(try await accounts.versions(in: cluster) == [before[0] + 1, before[1]])
      }
    }

    @Test("-ToSpecificServers: the account of the named servers is rotated, and no other; -Verbose tells every step")
    func specificServers() async throws {
      let accounts = TwoAccounts("scope3")
      try await accounts.with { cluster in
        try await cluster.startAll()
        let before = try await accounts.versions(in: cluster)
        let run = try await cluster.asactl("rotate", "--to-specific-servers", "scope3a-*", "--yes", "--verbose")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(try await accounts.versions(in: cluster) == [before[0] + 1, before[1]])
        for node in accounts.nodes {
          for step in [
            "staged: holds kvno \(before[0] + 1)", "promoted: ", "proven: accepts tickets for http/scope3a.lab.example",
          ] {
            let line = run.output.split(separator: "\n").first { $0.contains("node \(node) \(step)") }
            #expect(line?.contains(#/\+[0-9]+\.[0-9]{3} s/#) == true, "\(step) of \(node) in \(run.output)")
          }
        }
      }
    }

    @Test("-GenerateNewPasswordFor: the named account is rotated; the report has what the directory and the nodes have")
    func named() async throws {
      let accounts = TwoAccounts("scope4")
      try await accounts.with { cluster in
        try await cluster.startAll()
        let before = try await accounts.versions(in: cluster)
        let run = try await cluster.asactl(
          "rotate", "--generate-new-password-for", accounts.second.lowercased(), "--yes", "--json")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(try await accounts.versions(in: cluster) == [before[0], before[1] + 1])
        let last = try #require(run.output.split(separator: "\n").last)
        let report = try #require(try JSONDecoder().decode(JSONValue.self, from: Data(last.utf8))["report"])
        let entry = try await cluster.ldapEntry(
          of: accounts.secondName, "pwdLastSet", "servicePrincipalName", "adminDescription", "objectClass")
        #expect(report["verdict"]?.string == "SUCCEEDED")
        #expect(report["change"]?["versionAfter"]?.number == Double(entry.version))
        #expect(report["change"]?["stampAfter"]?.string == entry.attributes["adminDescription"]?.first)
        #expect(report["properties"]?["kind"]?.string == "computer")
        #expect(entry.attributes["objectClass"]?.contains("computer") == true)
        #expect(report["properties"]?["servicePrincipalNames"]?[0]?.string == entry.attributes["servicePrincipalName"]?.first)
        // 100 nanoseconds since 1601 ([MS-ADTS] 3.1.1.2.2.2.9), and what the report says in whole seconds.
        let ticks = try #require(entry.attributes["pwdLastSet"]?.first.flatMap { Double($0) })
        let set = Date(timeIntervalSince1970: (ticks / 10_000_000 - 11_644_473_600).rounded(.down))
        #expect(report["properties"]?["passwordLastSet"]?.string == set.formatted(.iso8601))
      }
    }

    // MARK: - What a dry run finds

    @Test("-WhatIf: one fault hides no other, and nothing at all is changed")
    func whatIf() async throws {
      try await LabCluster.with(layout("whatif", nodes: 3)) { cluster in
        try await cluster.startAll()
        let nodes = cluster.layout.nodes
        for node in nodes {
          try await cluster.waitUntil("\(node) has proven its own key") { try await cluster.slots(of: node)["latest"] != nil }
        }
        await cluster.stop(nodes[0])
        await cluster.stop(nodes[1])
        try await cluster.changeAccount("delete: servicePrincipalName", "servicePrincipalName: http/whatif.lab.example")
        let before = try await (directory(cluster), files(of: cluster))
        let run = try await cluster.asactl("rotate", "--dry-run")
        #expect(run.status != 0)
        for part in [
          "SPN http/whatif.lab.example: is not registered", "node \(nodes[0]): is not attached",
          "node \(nodes[1]): is not attached",
        ] {
          #expect(run.output.contains("Obstacle: \(part)"), "\(run.output)")
        }
        #expect(run.output.hasSuffix("Nothing was changed.\n"))
        #expect(try await directory(cluster) == before.0)
        #expect(try await files(of: cluster) == before.1)
      }
    }

    /// When each attribute of the account was last written.
    private func directory(_ cluster: LabCluster) async throws -> LabCluster.AccountEntry {
      try await cluster.ldapEntry(of: cluster.accountName, "replPropertyMetaData", "adminDescription")
    }

    private func files(of cluster: LabCluster) async throws -> [String: Data] {
      var files: [String: Data] = [:]
      for node in cluster.layout.nodes {
        for path in [cluster.keytab(of: node), "\(cluster.directory)/\(node)/state/slots/accounts.slots"] {
          files[path] = try Data(contentsOf: URL(fileURLWithPath: path))
        }
      }
      return files
    }

    // MARK: - Credentials

    @Test(
      "-RemoveAlternateServiceAccountCredentials and -CopyFrom: the keys go from one node and stay away, until they are copied back"
    )
    func removeAndCopy() async throws {
      try await LabCluster.with(layout("remcopy")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let (healthy, node) = (cluster.layout.nodes[0], cluster.layout.nodes[1])
        let tickets = try await cluster.clientTickets("client")
        let version = try await cluster.directoryVersion()
        #expect(try await cluster.accepts(node, tickets: tickets))

        let removal = try await cluster.asactl("credential", "remove", node, "--yes")
        #expect(removal.status == 0, "\(removal.errors)")
        #expect(try await hasNoKeys(node, in: cluster))
        #expect(!cluster.isReady(node))
        #expect(try await !cluster.accepts(node, tickets: tickets))
        #expect(try await cluster.accepts(healthy, tickets: tickets))

        await cluster.stop(node)
        try await cluster.startAgent(node)
        try await cluster.waitUntilConnected(node)
        #expect(try await cluster.json("status", node)["accounts"]?[0]?["nodes"]?[0]?["removedAt"]?.string != nil)
        #expect(try await hasNoKeys(node, in: cluster))

        let last = try await cluster.asactl("credential", "remove", healthy, "--yes")
        #expect(last.status == 64 && last.errors.contains("--all"), "\(last.errors)")
        #expect(try await cluster.accepts(healthy, tickets: tickets))
        let unfit = try await cluster.asactl("credential", "copy", "--from", node, "--to", healthy)
        #expect(unfit.status == 65 && unfit.errors.contains(node), "\(unfit.errors)")

        let copy = try await cluster.asactl("credential", "copy", "--from", healthy, "--to", node)
        #expect(copy.status == 0, "\(copy.output)\(copy.errors)")
        let keys = try await cluster.directoryKeys()
        #expect(try await cluster.serviceKeys(in: cluster.keytab(of: node), under: version) == keys && !keys.isEmpty)
        #expect(try await cluster.accepts(node, tickets: tickets))
        try await cluster.waitUntil("the node is in service again") { cluster.isReady(node) }
        #expect(try await cluster.directoryVersion() == version)
      }
    }

    @Test(
      "-RemoveAlternateServiceAccountCredentials on every node takes --all, and the next rotation gives all of them new keys")
    func removeAll() async throws {
      try await LabCluster.with(layout("remall")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let removal = try await cluster.asactl("credential", "remove", "--all", "--account", cluster.layout.account, "--yes")
        #expect(removal.status == 0, "\(removal.errors)")
        for node in cluster.layout.nodes { #expect(try await hasNoKeys(node, in: cluster)) }
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0, "\(rotation.errors)")
        let fresh = try await cluster.clientTickets("fresh")
        for node in cluster.layout.nodes { #expect(try await cluster.accepts(node, tickets: fresh)) }
      }
    }

    private func hasNoKeys(_ node: String, in cluster: LabCluster) async throws -> Bool {
      let listed = try await cluster.lab.result(of: ["klist", "-k", cluster.keytab(of: node)])
      let kept = try cluster.versionsInSlotFile(of: node)
      return listed.status != 0 && kept.isEmpty
    }

    @Test(
      "-CleanUpInvalidAlternateServiceAccountCredentials: a key goes when its end has passed, and until then its end is told")
    func prune() async throws {
      try await LabCluster.with(layout("prune")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let (old, new) = (try await cluster.directoryVersion() - 1, try await cluster.directoryVersion())
        let plan = try await cluster.json("credential", "prune", "--dry-run")
        let keys = plan["accounts"]?[0]?["keys"]?.array ?? []
        #expect(keys.map { $0["version"]?.number } == [Double(new), Double(old)])
        #expect(keys[0]["until"]?.string == nil && keys[1]["until"]?.string != nil)
        #expect(try await cluster.versions(in: cluster.layout.nodes[0]) == [old, new])
        try await cluster.movePolicyClock(.wall, .boot, by: 11 * 3600)
        #expect(try await cluster.asactl("credential", "prune").status == 0)
        for node in cluster.layout.nodes {
          try await cluster.waitUntil("\(node) holds the new key alone") { try await cluster.versions(in: node) == [new] }
        }
      }
    }

    @Test(
      "Get-ClientAccessServer -IncludeAlternateServiceAccountCredentialStatus: Latest and Previous with time, account and kvno, as klist shows them"
    )
    func show() async throws {
      try await LabCluster.with(layout("credshow")) { cluster in
        try await cluster.startAll()
        let node = cluster.layout.nodes[0]
        for _ in 1...2 { #expect(try await cluster.rotate().status == 0) }
        let version = try await cluster.directoryVersion()
        let installed = Set(try await cluster.entries(of: node).map(\.version))
        for arguments in [["status", node], ["credential", "show", node]] {
          let run = try await cluster.run("asactl", arguments + ["--socket-directory", "\(cluster.directory)/run"])
          let lines = run.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
          for (position, kvno) in [("Latest", version), ("Previous", version - 1)] {
            #expect(installed.contains(kvno))
            #expect(
              lines.contains {
                $0.hasPrefix("\(position): 2") && $0.contains(", \(cluster.layout.account)") && $0.contains("kvno \(kvno) ")
              },
              "\(run.output)")
          }
        }
      }
    }
  }
}

extension LabCluster {
  /// Waits until a node has dialled in and reported, whatever it holds.
  fileprivate func waitUntilConnected(_ node: String) async throws {
    try await waitUntil("\(node) is attached") {
      try await json("status", node)["accounts"]?[0]?["nodes"]?[0]?["connection"]?.string == "attached"
    }
  }
}
