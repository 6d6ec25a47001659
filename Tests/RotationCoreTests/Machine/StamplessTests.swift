import Foundation
import RotationCore
import Testing

@Suite("A rotation without a stamp")
struct StamplessTests {
  private let nodes = Script.nodes

  /// A rotation without a stamp, brought to the first password write.
  private func committing() -> Script {
    var script = planned()
    _ = script.after(.planWasRecorded)
    for node in nodes { _ = script.after(.nodeStaged(node)) }
    return script
  }

  private func planned() -> Script {
    var script = Script()
    script.machine = RotationMachine(plan: script.plan.withoutStamp)
    return script
  }

  @Test("It stages without a claim")
  func noClaim() {
    var script = planned()
    #expect(script.after(.planWasRecorded) == ["stage"])
  }

  @Test("Before anything was sent, an abort needs no fence")
  func abort() {
    var script = planned()
    _ = script.after(.planWasRecorded)
    #expect(script.after(.nodeFailed(nodes[0], reason: "is full")) == ["unstage"])
  }

  @Test("A lost answer is followed by the same password again, and never by an un-stage")
  func lostAnswer() {
    var script = committing()
    #expect(script.after(.commitAnswered(.unknown)) == ["report"])
    script.wait(1)
    #expect(script.after(.timerFired) == ["commit"])
    #expect(script.after(.commitAnswered(.applied)) == ["check"])
  }

  @Test("An error is no proof that nothing was done: a ticket decides")
  func errorAfterSuccess() {
    var script = committing()
    #expect(script.after(.commitAnswered(.refused(.other, standing: nil))) == ["check"])
    #expect(script.after(.commitWasChecked(Script.proven)).first == "promote 8")
  }

  @Test("A refusal that a ticket confirms ends it, with the key kept")
  func refusal() {
    var script = committing()
    _ = script.after(.commitAnswered(.refused(.passwordPolicy, standing: nil)))
    #expect(script.after(.commitWasChecked(.foreignKey(KeyVersion(7), Script.fault))) == ["failed, left to another"])
  }

  @Test("A password that was certainly never sent is given up, and nodes go back")
  func neverSent() {
    var script = committing()
    var actions: [String] = []
    for _ in 1...8 where actions.isEmpty {
      actions = script.after(.commitAnswered(.notSent))
      script.wait(31)
      _ = script.after(.timerFired)
    }
    #expect(actions == ["unstage"])
  }

  @Test("After a restart the password is sent again, and a rotation that is given up then keeps its key")
  func restart() throws {
    var script = committing()
    #expect(try script.restart() == ["commit"])
    #expect(script.after(.givenUp(Script.fault)) == ["failed, left to another"])
  }
}

extension RotationPlan {
  /// The same plan for a directory without a stamp.
  var withoutStamp: RotationPlan {
    RotationPlan(
      rotation: rotation, account: account, objectGUID: objectGUID, expected: nil, claim: claim, currentVersion: currentVersion,
      plannedVersion: plannedVersion, fingerprint: fingerprint, encryptionTypes: encryptionTypes, writer: writer,
      participants: participants, quorum: quorum, plannedAt: plannedAt, stagingSeconds: stagingSeconds,
      proofSeconds: proofSeconds, isStampless: true)
  }
}
