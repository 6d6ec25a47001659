import ChildProcesses
import Configuration
import Testing

extension Sites {
  @Suite("Two sites", .serialized, .timeLimit(.minutes(3)))
  struct TwoSitesTests {
    @Test("One account on two arrays: four nodes get the keys of eight SPNs, and keep accepting what they accepted before")
    func oneAccount() async throws {
      try await ExampleCluster.with("two-sites-one-account") { example in
        let account = try #require(example.rotator.accounts.first)
        #expect(example.nodes(of: account).count == 4 && account.servicePrincipalNames.count == 8)
        let before = try await example.version(of: account)
        try await example.startAll()
        // The first brings nodes without a keytab their first keys.
        #expect(try await example.rotate(account).outcome == "succeeded")
        let old = try await example.clientTickets("old", for: account)
        #expect(try await example.rotate(account).outcome == "succeeded")
        #expect(try await example.version(of: account) == before + 2)
        try await example.expectNodesHold(account)
        let fresh = try await example.clientTickets("fresh", for: account)
        for node in example.nodes(of: account) {
          #expect(try await example.accepts(node, old, for: account))
          #expect(try await example.accepts(node, fresh, for: account))
        }
      }
    }

    @Test(
      "One account per array: both are rotated at once, the one that is held up holds up no other, and none is rotated twice")
    func accountPerArray() async throws {
      try await ExampleCluster.with("two-sites-account-per-array") { example in
        try #require(example.rotator.accounts.count == 2)
        let (first, second) = (example.rotator.accounts[0], example.rotator.accounts[1])
        let before = (try await example.version(of: first), try await example.version(of: second))
        try await example.startAll()
        try await example.hold(first, second)
        async let one = example.rotate(first)
        async let other = example.rotate(second)
        try await example.waitUntilHeld(first, second)
        // Both are in progress at one time.
        #expect(try await example.phase(of: first) == "staging")
        #expect(try await example.phase(of: second) == "staging")
        let again = try await example.cluster.asactl("rotate", "--account", "\(first.name)", "--yes")
        #expect(again.status == 75 && again.errors.contains("is in progress (staging)"), "\(again)")

        try example.release(second)
        #expect(try await other.outcome == "succeeded")
        #expect(try await example.phase(of: first) == "staging")
        #expect(try await example.version(of: first) == before.0)

        try example.release(first)
        #expect(try await one.outcome == "succeeded")
        #expect(try await example.version(of: first) == before.0 + 1)
        #expect(try await example.version(of: second) == before.1 + 1)
        for account in [first, second] {
          try await example.expectNodesHold(account)
          try await example.expectServed(account)
        }
      }
    }
  }
}

extension ExampleCluster {
  /// Lets the first node of each account stop short at the next order.
  func hold(_ accounts: AccountConfiguration...) async throws {
    for account in accounts { try cluster.setHook("hold-at", of: try holder(of: account), to: "orderReceived") }
  }

  /// Waits until those nodes have got one.
  func waitUntilHeld(_ accounts: AccountConfiguration...) async throws {
    for account in accounts { try await cluster.waitUntilHeld(try holder(of: account)) }
  }

  /// Lets the node of an account go on.
  func release(_ account: AccountConfiguration) throws {
    try cluster.setHook("hold-at", of: try holder(of: account), to: nil)
  }

  private func holder(of account: AccountConfiguration) throws -> String { try #require(nodes(of: account).first) }

  /// Every node of an account accepts fresh tickets for its SPNs, and no other node has anything of it.
  func expectServed(_ account: AccountConfiguration) async throws {
    let fresh = try await clientTickets("fresh", for: account)
    let own = nodes(of: account)
    for node in cluster.layout.nodes {
      #expect(try await accepts(node, fresh, for: account) == own.contains(node), "\(node) \(account.name)")
    }
  }
}
