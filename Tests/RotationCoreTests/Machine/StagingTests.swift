import Foundation
import RotationCore
import Testing

@Suite("Staging")
struct StagingTests {
  let nodes = Script.nodes

  @Test("One refusing node aborts at once when all are required")
  func refusalAborts() {
    var script = Script(at: .staging)
    #expect(script.after(.nodeStaged(nodes[0]), .nodeFailed(nodes[1], reason: "is full")) == ["fence from claimed"])
  }

  @Test("With two of three required the password is set as soon as every participant has answered")
  func enoughNodes() {
    var script = Script(at: .staging, require: .atLeast(2))
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1])) == [])
    #expect(script.after(.nodeFailed(nodes[2], reason: "is full")) == ["commit"])
  }

  @Test("A participant that went away is not waited for when the others are enough")
  func lostNodeIsNotWaitedFor() {
    var script = Script(at: .staging, require: .atLeast(2))
    #expect(script.after(.nodeStaged(nodes[0]), .nodeLost(nodes[2]), .nodeStaged(nodes[1])) == ["commit"])
  }

  @Test("A required node that went away may come back until the deadline")
  func lostNodeComesBack() {
    var script = Script(at: .staging)
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]), .nodeLost(nodes[2])) == [])
    script.wait(59)
    #expect(script.after(.timerFired, .nodeStaged(nodes[2])) == ["commit"])
  }

  @Test("At the deadline too few nodes abort, enough nodes commit")
  func deadline() {
    var strict = Script(at: .staging)
    _ = strict.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]))
    strict.wait(60)
    #expect(strict.after(.timerFired) == ["fence from claimed"])
    var lenient = Script(at: .staging, require: .atLeast(2))
    _ = lenient.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]))
    lenient.wait(60)
    #expect(lenient.after(.timerFired) == ["commit"])
  }

  @Test("A node that was absent when the plan was made counts once it has staged")
  func lateComer() {
    var script = Script(require: .atLeast(2), participants: [nodes[0], nodes[1]])
    _ = script.after(.planWasRecorded, .claimAnswered(.applied))
    #expect(script.after(.nodeFailed(nodes[1], reason: "is full")) == [])
    #expect(script.after(.nodeStaged(nodes[0])) == [])
    #expect(script.after(.nodeStaged(nodes[2])) == ["commit"])
  }

  @Test("A node that stages after a refusal counts")
  func secondThoughts() {
    var script = Script(at: .staging, require: .atLeast(2))
    _ = script.after(.nodeFailed(nodes[0], reason: "is full"), .nodeStaged(nodes[1]))
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[2])) == ["commit"])
  }

  @Test("A revoked node leaves the required set at once")
  func revokedNode() {
    var script = Script(at: .staging)
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1])) == [])
    #expect(script.after(.nodeRevoked(nodes[2])) == ["commit"])
    #expect(script.plan.quorum.members == [nodes[0], nodes[1]])
  }

  @Test("With the last node revoked nobody is left who could hold the key: it aborts")
  func everybodyRevoked() {
    var script = Script(at: .staging)
    let words = nodes.flatMap { script.after(.nodeRevoked($0)) }
    #expect(words == ["fence from claimed"])
  }

  @Test("The record of an abort names the nodes that are missing, the phase in which it was decided, and each reason")
  func abortIsNamed() throws {
    var script = Script(at: .staging)
    _ = script.after(.nodeStaged(nodes[0]), .nodeLost(nodes[1]), .nodeFailed(nodes[2], reason: "cannot write /etc/krb5.keytab"))
    _ = script.after(.fenceAnswered(.applied))
    let actions = nodes.flatMap { script.machine.handle(.nodeRestored($0), at: script.now) }
    let ending = try #require(actions.lazy.compactMap(\.ending).first)
    #expect(ending.nodes == [nodes[1], nodes[2]])
    #expect(ending.phase == "staging")
    #expect(ending.fault?.problem.contains("cas-2 went away; cas-3 cannot write /etc/krb5.keytab") == true)
  }

  @Test("A timer of an older phase does not end a younger one")
  func staleTimer() {
    var script = Script(at: .claiming)
    script.wait(59)
    _ = script.after(.claimAnswered(.applied))
    script.wait(2)
    #expect(script.after(.timerFired) == [])
    #expect(script.machine.phase == .staging)
  }

  @Test("A clock set far back ends the wait rather than prolonging it")
  func clockSetBack() {
    var script = Script(at: .staging)
    script.wait(-3600)
    #expect(script.after(.timerFired) == ["fence from claimed"])
  }

  @Test("A clock corrected by seconds does not end the wait")
  func clockCorrected() {
    var script = Script(at: .staging)
    script.wait(-5)
    #expect(script.after(.timerFired) == [])
  }
}

extension RotationAction {
  /// The ending, if this action is the end.
  var ending: RotationEnding? {
    if case .end(let ending) = self { ending } else { nil }
  }
}
