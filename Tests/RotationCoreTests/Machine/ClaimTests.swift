import RotationCore
import Testing

@Suite("The claim")
struct ClaimTests {
  @Test("Refused by the DC with the stamp as it was, it ends the rotation; nothing was changed")
  func refused() {
    var script = Script(at: .claiming)
    #expect(
      script.after(.claimAnswered(.refused(.accessDenied, standing: Script.formerStamp))) == ["failed, password as it was"])
  }

  @Test("A refusal that shows our own claim is success: the first answer was lost")
  func recognised() {
    var script = Script(at: .claiming)
    #expect(script.after(.claimAnswered(.unknown)) == [])
    #expect(script.after(.claimAnswered(.refused(.stampMismatch, standing: script.plan.claim))) == ["stage"])
  }

  @Test(
    "An error that shows our own claim is success, whatever it says it is",
    arguments: [WriteRefusal.Reason.stampMismatch, .passwordPolicy, .accessDenied, .other])
  func appliedAsError(reason: WriteRefusal.Reason) {
    var script = Script(at: .claiming)
    #expect(script.after(.claimAnswered(.refused(reason, standing: script.plan.claim))) == ["stage"])
  }

  @Test("Our own claim at another epoch is recognised by the rotation id, and what follows is bound to that epoch")
  func recognisedAtAnotherEpoch() throws {
    var script = Script(at: .claiming)
    let standing = try #require(Script.stamp(5, "rotation-1", .claimed))
    #expect(script.after(.claimAnswered(.refused(.stampMismatch, standing: standing))) == ["stage"])
    #expect(script.machine.knownStamp == standing)
    #expect(script.plan.done.epoch == standing.epoch)
  }

  @Test("Lost to another claimant, the rotation stands down without a word to the nodes")
  func lost() {
    var script = Script(at: .claiming)
    #expect(
      script.after(.claimAnswered(.refused(.stampMismatch, standing: Script.foreignStamp))) == ["failed, left to another"])
  }

  @Test("No connection is tried again after a second, and given up at the deadline without a fence: nothing was ever sent")
  func neverSent() {
    var script = Script(at: .claiming)
    #expect(script.after(.claimAnswered(.notSent), .timerFired) == [])
    script.wait(1)
    #expect(script.after(.timerFired, .timerFired) == ["claim"])
    script.wait(60)
    #expect(script.after(.claimAnswered(.notSent)) == ["failed, password as it was"])
  }

  @Test("A claim that may still arrive is fenced before it is given up, from the stamp before it if need be")
  func doubtIsFenced() {
    var script = Script(at: .claiming)
    _ = script.after(.claimAnswered(.unknown))
    script.wait(61)
    #expect(script.after(.claimAnswered(.notSent)) == ["fence from claimed"])
    #expect(script.after(.fenceAnswered(.refused(.stampMismatch, standing: Script.formerStamp))) == ["fence from done"])
    #expect(script.after(.fenceAnswered(.applied)) == ["unstage", "failed, password as it was"])
    #expect(script.machine.knownStamp == script.plan.fence)
  }

  @Test("A claim sent by a daemon that died is in doubt for its successor")
  func doubtAfterRestart() throws {
    var script = Script(at: .claiming)
    #expect(try script.restart() == ["claim"])
    #expect(
      script.after(.claimAnswered(.refused(.accessDenied, standing: Script.formerStamp))) == ["fence from claimed"])
  }

  @Test("With an empty attribute the claim and its fence start from nothing")
  func firstClaim() {
    var script = Script(expected: nil)
    #expect(script.machine.handle(.planWasRecorded, at: script.now).contains(.claim(from: nil, to: script.plan.claim)))
    _ = script.after(.claimAnswered(.unknown))
    script.wait(61)
    #expect(script.after(.claimAnswered(.unknown)) == ["fence from claimed"])
    #expect(script.after(.fenceAnswered(.refused(.other, standing: nil))) == ["fence from nothing"])
  }
}
