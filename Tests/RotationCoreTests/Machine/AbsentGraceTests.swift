import Foundation
import RotationCore
import Testing

@Suite("Nodes without the key are given time to leave service")
struct AbsentGraceTests {
  private let nodes = Script.nodes

  /// A claimed rotation that needs two nodes and has these.
  private func script(participants: [NodeName]) -> Script {
    var script = Script(require: .atLeast(2), participants: participants, absentGrace: 30)
    _ = script.after(.planWasRecorded, .claimAnswered(.applied))
    return script
  }

  /// One that has told everybody that it goes on without the third.
  private func announced() -> Script {
    var script = script(participants: [nodes[0], nodes[1]])
    _ = script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]), .absenceAnnounced(.applied))
    return script
  }

  @Test("The claim says so first, the nodes are told, and the password is set when the time is over, not before")
  func waits() {
    var script = script(participants: [nodes[0], nodes[1]])
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1])) == ["announce"])
    #expect(script.after(.absenceAnnounced(.applied)) == ["leave behind cas-3"])
    #expect(script.plan.claim.state == .leaving)
    script.wait(29)
    #expect(script.after(.timerFired) == [])
    script.wait(1)
    #expect(script.after(.timerFired) == ["commit"])
  }

  @Test("With every node staged nobody is told anything")
  func everybody() {
    var script = script(participants: nodes)
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]), .nodeStaged(nodes[2])) == ["commit"])
  }

  @Test("A node that comes back and stages ends the wait; until the announcement was answered nothing is set")
  func comesBack() {
    var script = announced()
    #expect(script.after(.nodeStaged(nodes[2])) == ["commit"])
    var inFlight = self.script(participants: [nodes[0], nodes[1]])
    _ = inFlight.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]))
    #expect(inFlight.after(.nodeStaged(nodes[2])) == [])
    #expect(inFlight.after(.absenceAnnounced(.applied)) == ["commit"])
  }

  @Test("A node that fails while others are waited for is given the whole time too")
  func oneMore() {
    var script = Script(require: .atLeast(1), absentGrace: 30)
    _ = script.after(.planWasRecorded, .claimAnswered(.applied), .nodeStaged(nodes[0]), .nodeLost(nodes[1]))
    #expect(script.after(.nodeStaged(nodes[2])) == ["announce"])
    #expect(script.after(.absenceAnnounced(.applied)) == ["leave behind cas-2"])
    script.wait(20)
    #expect(script.after(.nodeFailed(nodes[2], reason: "its keytab was lost")) == ["leave behind cas-2 cas-3"])
    script.wait(20)
    #expect(script.after(.timerFired) == [])
    script.wait(10)
    #expect(script.after(.timerFired) == ["commit"])
  }

  @Test("A node that is excluded or shut out meanwhile may be in service: it is told, too")
  func revoked() {
    var script = announced()
    #expect(script.after(.nodeRevoked(nodes[2])) == [])
    script.wait(30)
    #expect(script.after(.timerFired) == ["commit"])
  }

  @Test("A restart of the rotator begins the wait anew, under the claim that stands")
  func restart() throws {
    var script = announced()
    script.wait(20)
    #expect(try script.restart() == ["stage"])
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1])) == ["leave behind cas-3"])
    script.wait(20)
    #expect(script.after(.timerFired) == [])
    script.wait(10)
    #expect(script.after(.timerFired) == ["commit"])
  }

  @Test("An announcement whose answer was lost with the daemon is found by the password write, and by the fence")
  func lostAnswer() throws {
    for isMissed in [false, true] {
      var script = script(participants: nodes)
      #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]), .nodeLost(nodes[2])) == ["announce"])
      _ = try script.restart()
      let standing = DirectoryWriteAnswer.refused(.stampMismatch, standing: script.plan.announced)
      if isMissed {
        _ = script.after(.nodeFailed(nodes[0], reason: "is full"), .nodeFailed(nodes[1], reason: "is full"))
        #expect(script.after(.fenceAnswered(standing)) == ["fence from leaving"])
      } else {
        #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]), .nodeStaged(nodes[2])) == ["commit"])
        #expect(script.after(.commitAnswered(standing)) == ["commit"])
      }
      #expect(script.plan.claim.state == .leaving)
    }
  }

  @Test(
    "Somebody else's stamp ends it; a domain controller that does not answer is asked again, and at last the rotation is called off"
  )
  func unanswered() {
    var superseded = script(participants: [nodes[0], nodes[1]])
    _ = superseded.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]))
    #expect(
      superseded.after(.absenceAnnounced(.refused(.stampMismatch, standing: Script.foreignStamp))) == [
        "failed, left to another"
      ])
    var script = script(participants: [nodes[0], nodes[1]])
    _ = script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]))
    var words: [String] = []
    for _ in 0..<20 where words.last?.hasPrefix("fence") != true {
      words += script.after(.absenceAnnounced(.unknown))
      script.wait(120)
      words += script.after(.timerFired)
    }
    #expect(words.first == "announce")
    #expect(words.last == "fence from claimed")
  }
}
