import ChildProcesses
import Configuration
import Foundation
import Testing

extension Sites {
  @Suite("Two realms under one rotator", .serialized, .timeLimit(.minutes(3)))
  struct TwoRealmsTests {
    @Test(
      "Two nodes hold the keys of an account in each realm in one keytab; both accounts are rotated, each by a principal of its realm"
    )
    func bothRealms() async throws {
      try await ExampleCluster.with("two-realms", keytabs: true) { example in
        let accounts = example.rotator.accounts
        try #require(Set(accounts.map(\.realm)).count == 2)
        var before: [Int] = []
        var old: [String] = []
        for account in accounts {
          before.append(try await example.version(of: account))
          old.append(try await example.clientTickets("old", for: account))
        }
        try await example.startAll()
        async let first = example.rotate(accounts[0])
        async let second = example.rotate(accounts[1])
        #expect(try await first.outcome == "succeeded")
        #expect(try await second.outcome == "succeeded")
        for (index, account) in accounts.enumerated() {
          #expect(try await example.version(of: account) == before[index] + 1)
          try await example.expectNodesHold(account)
          try await example.expectServed(account)
          for node in example.nodes(of: account) { #expect(try await example.accepts(node, old[index], for: account)) }
        }
      }
    }

    @Test("While the domain controller of one realm is away its account is refused by name, and the other realm's is rotated")
    func realmAway() async throws {
      try await ExampleCluster.with("two-realms") { example in
        let (here, there) = (example.rotator.accounts[0], example.rotator.accounts[1])
        try await example.startAll()
        #expect(try await example.rotate(there).outcome == "succeeded")
        let before = try await example.version(of: here)
        try await example.lab.run("controller", "stop", "partner")
        let refused = try await example.rotate(there)
        let rotated = try await example.rotate(here)
        try await example.lab.run("controller", "start", "partner")
        #expect(refused.status == 69 && refused.errors.contains("dc1.partner.example"), "\(refused)")
        #expect(rotated.outcome == "succeeded", "\(rotated)")
        #expect(try await example.version(of: here) == before + 1)
        try await example.cluster.waitUntil("the account of the other realm is rotated again") {
          try await example.rotate(there).outcome == "succeeded"
        }
        for account in [here, there] { try await example.expectServed(account) }
      }
    }

    @Test("An account that is added by a reload takes no node out of service, before its first rotation or in it")
    func addedAccount() async throws {
      try await ExampleCluster.with("two-realms") { example in
        let (here, added) = (example.rotator.accounts[0], example.rotator.accounts[1])
        let whole = try String(contentsOfFile: "\(example.cluster.directory)/rotator.yaml", encoding: .utf8)
        let entry = try #require(whole.firstRange(of: "  - name: \(added.name)"))
        let end = try #require(whole.firstRange(of: "\narrays:\n"))
        try example.cluster.edit("rotator.yaml") { $0.replacing(whole[entry.lowerBound..<end.lowerBound], with: "") }
        // The nodes' own files name both from the start, in one keytab.
        try await example.startAll()
        #expect(try await example.rotate(here).outcome == "succeeded")
        try await example.expectNodesHold(here)

        try example.cluster.edit("rotator.yaml") { _ in whole }
        #expect(try await example.cluster.asactl("reload").status == 0)
        try await example.waitUntilReported()
        #expect(try await example.rotate(added).outcome == "succeeded")
        for node in example.nodes(of: added) {
          #expect(!example.cluster.log(of: node).contains("out of service"), "\(node)")
        }
        for account in [here, added] { try await example.expectServed(account) }
      }
    }

    @Test("A realm of which DNS names no domain controller holds up neither the start nor the other realm's account")
    func realmUnnamed() async throws {
      try await ExampleCluster.with("two-realms") { example in
        let (here, there) = (example.rotator.accounts[0], example.rotator.accounts[1])
        try example.cluster.edit("rotator.yaml") {
          $0.replacing("    controllers:\n      - dc1.partner.example\n", with: "")
        }
        try await example.startAll()
        #expect(try await example.rotate(here).outcome == "succeeded")
        let refused = try await example.rotate(there)
        #expect(refused.status == 69 && refused.errors.contains("DNS names no domain controller"), "\(refused)")
      }
    }

    @Test("A rotator whose keytabs are exchanged does not start, and names the keytab, the principal and the realm")
    func exchangedKeytabs() async throws {
      try await ExampleCluster.with("two-realms") { example in
        try example.cluster.edit("rotator.yaml") { text in
          text.replacing("/lab.keytab", with: "/former.keytab").replacing("/partner.keytab", with: "/lab.keytab")
            .replacing("/former.keytab", with: "/partner.keytab")
        }
        let result = try await example.cluster.run("asa-rotatord", ["--config", "\(example.cluster.directory)/rotator.yaml"])
        #expect(result.status == 66)
        #expect(result.errors.contains("partner.keytab: holds no key of svc-asa-rotator@LAB.EXAMPLE"), "\(result.errors)")
      }
    }
  }
}
