import RotationCore
import Testing

@Suite("Proving")
struct ProvingTests {
  let nodes = Script.nodes

  private func proving(require: RotationPolicy.Requirement = .all) -> Script { Script(at: .proving, require: require) }

  @Test("Enough nodes, not all: degraded, with the names")
  func degraded() throws {
    var script = proving(require: .atLeast(2))
    _ = script.after(.nodeProven(nodes[0]), .nodeProven(nodes[1]))
    let actions = script.machine.handle(.nodeRefusedTicket(nodes[2], reason: "no key"), at: script.now)
    let ending = try #require(actions.first?.ending)
    #expect(ending.outcome == .degraded)
    #expect(ending.nodes == [nodes[2]])
  }

  @Test("Too few nodes: failed, and the record says that the password is new")
  func failed() {
    var script = proving()
    _ = script.after(.nodeProven(nodes[0]), .nodeProven(nodes[1]))
    #expect(script.after(.nodeRefusedTicket(nodes[2], reason: "no key")) == ["failed, password new"])
  }

  @Test("A required node whose stream ends may come back until the deadline")
  func lostNodeComesBack() {
    var script = proving()
    #expect(script.after(.nodeProven(nodes[0]), .nodeProven(nodes[1]), .nodeLost(nodes[2])) == [])
    #expect(script.after(.nodePromoted(nodes[2]), .nodeProven(nodes[2])) == ["prove cas-3", "succeeded, password new"])
  }

  @Test("A node that went away is not waited for when the others are enough")
  func lostNodeIsNotNeeded() {
    var script = proving(require: .atLeast(2))
    #expect(script.after(.nodeProven(nodes[0]), .nodeLost(nodes[2]), .nodeProven(nodes[1])) == ["degraded, password new"])
  }

  @Test("The deadline ends it with what is proven", arguments: [1, 2])
  func deadline(proven: Int) {
    var script = proving(require: .atLeast(2))
    for node in nodes.prefix(proven) { _ = script.after(.nodeProven(node)) }
    script.wait(60)
    #expect(script.after(.timerFired) == [proven == 2 ? "degraded, password new" : "failed, password new"])
  }

  @Test("A stream that ends after the proof changes nothing")
  func provenNodeMayLeave() {
    var script = proving()
    _ = script.after(.nodeProven(nodes[0]), .nodeLost(nodes[0]), .nodeProven(nodes[1]))
    #expect(script.after(.nodeProven(nodes[2])) == ["succeeded, password new"])
  }

  @Test("A revoked node is neither waited for nor named")
  func revokedNode() throws {
    var script = proving()
    _ = script.after(.nodeProven(nodes[0]), .nodeProven(nodes[1]))
    let ending = try #require(script.machine.handle(.nodeRevoked(nodes[2]), at: script.now).first?.ending)
    #expect(ending.outcome == .succeeded)
    #expect(ending.nodes.isEmpty)
  }
}
