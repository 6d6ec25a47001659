import RotationCore
import Testing

@Suite("The fence")
struct FenceTests {
  let nodes = Script.nodes

  @Test("It goes from the claim to the next epoch, aborted")
  func carriesStamps() {
    var script = Script(at: .staging)
    let actions = script.machine.handle(.nodeFailed(nodes[0], reason: "is full"), at: script.now)
    #expect(actions == [.fence(from: script.plan.claim, to: script.plan.fence)])
    #expect(script.plan.fence.epoch == script.plan.claim.epoch.next)
    #expect(script.plan.fence.state == .aborted)
  }

  @Test("Only its success permits un-staging")
  func successUnstages() {
    var script = Script(at: .fencing)
    #expect(script.after(.fenceAnswered(.applied)) == ["unstage"])
    #expect(script.after(.nodeRestored(nodes[0]), .nodeRestored(nodes[1])) == [])
    #expect(script.after(.nodeRestored(nodes[2])) == ["failed, password as it was"])
  }

  @Test(
    "Found standing, it was applied before, whatever the error says",
    arguments: [WriteRefusal.Reason.stampMismatch, .passwordPolicy, .accessDenied, .other])
  func foundStanding(reason: WriteRefusal.Reason) {
    var script = Script(at: .fencing)
    #expect(script.after(.fenceAnswered(.refused(reason, standing: script.plan.fence))) == ["unstage"])
  }

  @Test("Without an answer it is repeated for as long as it takes, and nobody is un-staged")
  func silence() {
    var script = Script(at: .fencing)
    #expect(script.after(.fenceAnswered(.unknown)) == ["report"])
    for answer in [DirectoryWriteAnswer.notSent, .unknown, .notSent, .unknown] {
      script.wait(31)
      #expect(script.after(.timerFired, .fenceAnswered(answer)) == ["fence from claimed"])
    }
  }

  @Test("A DC that denies it although the stamp fits is asked again after a while, and a person is told")
  func denied() {
    var script = Script(at: .fencing)
    #expect(script.after(.fenceAnswered(.refused(.accessDenied, standing: script.plan.claim))) == ["report"])
    #expect(script.after(.timerFired) == [])
    script.wait(1)
    #expect(script.after(.timerFired) == ["fence from claimed"])
  }

  @Test("The password write found applied leads forward")
  func doneFound() {
    var script = Script(at: .fencing)
    #expect(script.after(.fenceAnswered(.refused(.stampMismatch, standing: script.plan.done))) == ["check"])
  }

  @Test("A foreign stamp makes it stand down: nothing is pushed, not even an un-stage")
  func foreignStamp() {
    var script = Script(at: .fencing)
    #expect(
      script.after(.fenceAnswered(.refused(.stampMismatch, standing: Script.foreignStamp))) == ["failed, left to another"])
  }

  @Test("A claim that arrives between the two fences is fenced after all")
  func claimArrivesLate() {
    var script = Script(at: .claiming)
    _ = script.after(.claimAnswered(.unknown))
    script.wait(61)
    _ = script.after(.claimAnswered(.unknown), .fenceAnswered(.refused(.other, standing: Script.formerStamp)))
    #expect(
      script.after(.fenceAnswered(.refused(.stampMismatch, standing: script.plan.claim))) == ["fence from claimed"])
  }

  @Test("A node that does not go back is named, and not waited for longer than ten seconds")
  func unrestoredNode() throws {
    var script = Script(at: .unstaging)
    _ = script.after(.nodeRestored(nodes[0]), .nodeRestored(nodes[2]))
    script.wait(10)
    let ending = try #require(script.machine.handle(.timerFired, at: script.now).lazy.compactMap(\.ending).first)
    #expect(ending.fault?.problem.contains("not yet back in their former slots: cas-2") == true)
    #expect(ending.passwordChanged == false)
  }
}
