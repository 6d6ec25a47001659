import AgentService
import Foundation
import GRPCCore
import RotationCore
import Testing

@Suite("Which stream speaks for a node")
struct NodeRegistryTests {
  let node: NodeName
  let issued = Date(timeIntervalSince1970: 1000)

  init() throws { node = try NodeName("cas-1.lab.example") }

  private func registry(_ record: NodeRecord? = nil) -> NodeRegistry {
    NodeRegistry(nodes: [node], records: record.map { [node: $0] } ?? [:])
  }

  @Test("The first installation is bound to the name, also after its stream ended")
  func binding() throws {
    var registry = registry()
    let replaced = try registry.agentProvedItself(as: node, installation: "a", issued: issued, stream: 1)
    #expect(replaced == nil)
    _ = registry.streamEnded(1, of: node)
    let refusal = #expect(throws: LinkRefusal.self) {
      try registry.agentProvedItself(as: node, installation: "b", issued: issued, stream: 2)
    }
    #expect(refusal?.code == .alreadyExists)
    #expect(refusal?.fault.problem == "belongs to agent installation a; installation b was refused")
  }

  @Test("A newer stream of the same installation replaces the older one, whose end then says nothing")
  func replacement() throws {
    var registry = registry()
    _ = try registry.agentProvedItself(as: node, installation: "a", issued: issued, stream: 1)
    let replaced = try registry.agentProvedItself(as: node, installation: "a", issued: issued, stream: 2)
    #expect(replaced == 1)
    let wasLive = registry.streamEnded(1, of: node)
    #expect(!wasLive)
    #expect(registry.isLive(2, of: node))
  }

  @Test("A node outside the configuration is refused by name")
  func unknown() throws {
    let stranger = try NodeName("other.lab.example")
    #expect(registry().refusal(of: stranger, issued: issued)?.code == .permissionDenied)
  }

  @Test("Revocation cuts the live stream and refuses certificates issued up to then", arguments: [-1.0, 0.0])
  func revocation(age: TimeInterval) throws {
    var registry = registry()
    _ = try registry.agentProvedItself(as: node, installation: "a", issued: issued, stream: 1)
    let cut = registry.nodeWasRevoked(node, at: issued - age)
    #expect(cut == 1)
    #expect(registry.liveStream(of: node) == nil)
    #expect(registry.refusal(of: node, issued: issued)?.code == .permissionDenied)
  }

  @Test("A certificate issued after the revocation may bring another installation")
  func reinstallation() throws {
    var registry = registry()
    _ = try registry.agentProvedItself(as: node, installation: "a", issued: issued, stream: 1)
    _ = registry.nodeWasRevoked(node, at: issued + 10)
    let replaced = try registry.agentProvedItself(as: node, installation: "b", issued: issued + 11, stream: 2)
    #expect(replaced == nil)
  }

  @Test("A remembered binding holds after a restart")
  func rememberedBinding() {
    var registry = registry(NodeRecord(node: node, installation: "a", lastSeen: issued))
    #expect(throws: LinkRefusal.self) {
      try registry.agentProvedItself(as: node, installation: "b", issued: issued, stream: 1)
    }
  }

  @Test("A remembered binding from before the revocation no longer counts")
  func outdatedBinding() throws {
    var registry = registry(NodeRecord(node: node, installation: "a", lastSeen: issued, revokedAt: issued + 10))
    let replaced = try registry.agentProvedItself(as: node, installation: "b", issued: issued + 20, stream: 1)
    #expect(replaced == nil)
  }

  @Test("A node that leaves the configuration and comes back is still bound to its installation")
  func comingBack() throws {
    var registry = registry()
    _ = try registry.agentProvedItself(as: node, installation: "a", issued: issued, stream: 1)
    let cut = registry.nodesWereConfigured([])
    #expect(cut == [node: 1])
    #expect(registry.refusal(of: node, issued: issued)?.code == .permissionDenied)
    _ = registry.nodesWereConfigured([node])
    #expect(throws: LinkRefusal.self) {
      try registry.agentProvedItself(as: node, installation: "b", issued: issued, stream: 2)
    }
  }

  @Test("A revocation is remembered of a node that was outside the configuration at the time", arguments: [true, false])
  func revokedOutside(beforeStart: Bool) {
    let record = NodeRecord(node: node, revokedAt: beforeStart ? issued : nil)
    var registry = NodeRegistry(nodes: [], records: [node: record])
    if !beforeStart { _ = registry.nodeWasRevoked(node, at: issued) }
    _ = registry.nodesWereConfigured([node])
    #expect(registry.refusal(of: node, issued: issued)?.fault.problem.hasPrefix("certificate was revoked") == true)
  }
}
