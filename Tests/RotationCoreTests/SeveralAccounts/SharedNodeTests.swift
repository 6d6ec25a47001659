import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: consumers on nodes that hold two accounts", .timeLimit(.minutes(1)))
struct SharedNodeTests {
  /// Nodes with a consumer of each account's keys; on the first node that of the first account takes for ever.
  private func worlds() throws -> PairedWorlds {
    let worlds = try PairedWorlds(
      policy: RotationPolicy(every: .seconds(86_400), require: .atLeast(2)), sharingNodes: true)
    for (index, node) in worlds.first.nodes.enumerated() {
      worlds.first.fleet.setConsumer(FakeConsumer(index == 0 ? .hanging : .obedient), of: node)
      worlds.second.fleet.setConsumer(FakeConsumer(), of: node)
    }
    return worlds
  }

  private func report(_ state: ConsumerReport.State, on node: NodeName, of world: RotationWorld) -> NodeReport {
    let fake = world.fleet[node]
    return NodeReport(
      account: world.account, epoch: fake.epoch, version: fake.version, refusal: nil, slots: fake.reports, checksums: [],
      nonce: [], keytabs: [KeytabReport(path: "/etc/krb5.keytab", fault: nil)],
      consumers: [ConsumerReport(name: "\(world.account)", state: state, turnSeconds: 20)])
  }

  private func turns(_ calls: some Sequence<PortCall>) -> Set<NodeName> {
    Set(calls.compactMap { if case .gaveTurn(let node, _) = $0 { node } else { nil } })
  }

  @Test("What a node says of one account's consumers does not end the turn in which another one's load their key")
  func turnGoesOn() async throws {
    let worlds = try worlds()
    let trace = worlds.first.trace
    let (node, next) = (worlds.first.nodes[0], worlds.first.nodes[1])
    try await worlds.whileRunning { scheduler in
      for await step in scheduler.rotate(worlds.first.account, isDryRun: false) {
        guard case .phase("staging", _) = step else { continue }
        try await trace.first { if case .gaveTurn(node, _) = $0 { true } else { false } }
        try await trace.first { if case .ordered(next, _) = $0 { true } else { false } }
        worlds.first.fleet.report(report(.acting, on: node, of: worlds.first), from: node)
        let mark = trace.entries.count
        worlds.second.fleet.report(report(.current, on: node, of: worlds.second), from: node)
        try await worlds.saw(node, of: worlds.second.account, since: mark)
        // Each is answered after everything that was known before has had its effect.
        for _ in 0..<2 { _ = try await scheduler.pause([worlds.second.account], nil) }
        #expect(turns(trace.entries) == [node])

        worlds.first.fleet.report(report(.current, on: node, of: worlds.first), from: node)
        try await trace.first { if case .gaveTurn(next, _) = $0 { true } else { false } }
        break
      }
    }
  }

  @Test(
    "The time for staging has room for the turns that another account's key asks for on the same nodes",
    arguments: [false, true])
  func stagingTime(sharesNodes: Bool) async throws {
    let worlds = try worlds()
    if !sharesNodes { for node in worlds.first.nodes { worlds.second.fleet.setConsumer(nil, of: node) } }
    try await worlds.whileRunning { scheduler in
      _ = scheduler.rotate(worlds.first.account, isDryRun: false)
      let call = try await worlds.first.trace.first { call in
        if case .committed(let change) = call { change.account?.rotation != nil } else { false }
      }
      guard case .committed(let change) = call else { return }
      // 60 s, and 20 s for each of three nodes, once for each account.
      #expect(change.account?.rotation?.plan.stagingSeconds == (sharesNodes ? 180 : 120))
    }
  }
}
