import Foundation
import RotationCore
import Testing

@Suite("Nodes without the key are given time to leave service")
struct AbsentGraceTests {
  private let nodes = Script.nodes

  private func script(participants: [NodeName]) -> Script {
    var script = Script(require: .atLeast(2), participants: participants, absentGrace: 30)
    _ = script.after(.planWasRecorded, .claimAnswered(.applied))
    return script
  }

  @Test("The password is set when the time is over, not before")
  func waits() {
    var script = script(participants: [nodes[0], nodes[1]])
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1])) == [])
    script.wait(29)
    #expect(script.after(.timerFired) == [])
    script.wait(1)
    #expect(script.after(.timerFired) == ["commit"])
  }

  @Test("With every node staged nobody is waited for")
  func everybody() {
    var script = script(participants: nodes)
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]), .nodeStaged(nodes[2])) == ["commit"])
  }

  @Test("A node that comes back and stages ends the wait")
  func comesBack() {
    var script = script(participants: [nodes[0], nodes[1]])
    _ = script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]))
    #expect(script.after(.nodeStaged(nodes[2])) == ["commit"])
  }

  @Test("A node that fails while others are waited for is given the whole time too")
  func oneMore() {
    var script = Script(require: .atLeast(1), absentGrace: 30)
    _ = script.after(.planWasRecorded, .claimAnswered(.applied), .nodeStaged(nodes[0]), .nodeLost(nodes[1]))
    #expect(script.after(.nodeStaged(nodes[2])) == [])
    script.wait(20)
    #expect(script.after(.nodeFailed(nodes[2], reason: "its keytab was lost")) == [])
    script.wait(20)
    #expect(script.after(.timerFired) == [])
    script.wait(10)
    #expect(script.after(.timerFired) == ["commit"])
  }

  @Test("A revoked or excluded node is not waited for")
  func revoked() {
    var script = script(participants: [nodes[0], nodes[1]])
    _ = script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]))
    #expect(script.after(.nodeRevoked(nodes[2])) == ["commit"])
  }

  @Test("A restart of the rotator begins the wait anew")
  func restart() throws {
    var script = script(participants: [nodes[0], nodes[1]])
    _ = script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]))
    script.wait(20)
    #expect(try script.restart() == ["stage"])
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1])) == [])
    script.wait(20)
    #expect(script.after(.timerFired) == [])
    script.wait(10)
    #expect(script.after(.timerFired) == ["commit"])
  }

  @Test("At the deadline of staging the time still has to pass")
  func deadline() {
    var script = script(participants: nodes)
    _ = script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]))
    script.wait(60)
    #expect(script.after(.timerFired) == [])
    script.wait(30)
    #expect(script.after(.timerFired) == ["commit"])
  }
}
