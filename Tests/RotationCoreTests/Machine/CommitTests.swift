import RotationCore
import Testing

@Suite("The password write")
struct CommitTests {
  let nodes = Script.nodes

  @Test("It carries the claim as the expected stamp and done as the new one")
  func carriesStamps() {
    var script = Script(at: .staging)
    let actions = nodes.flatMap { script.machine.handle(.nodeStaged($0), at: script.now) }
    #expect(actions == [.commit(from: script.plan.claim, to: script.plan.done)])
  }

  @Test(
    "An error that shows our done stamp is success, whatever it says it is",
    arguments: [WriteRefusal.Reason.stampMismatch, .passwordPolicy, .accessDenied, .other])
  func doneStands(reason: WriteRefusal.Reason) {
    for phase in [RotationMachine.Phase.committing, .outcomeUnknown] {
      var script = Script(at: phase)
      #expect(script.after(.commitAnswered(.refused(reason, standing: script.plan.done))) == ["check"])
    }
  }

  @Test(
    "A refusal with our claim still standing is fenced before anything else",
    arguments: [WriteRefusal.Reason.passwordPolicy, .accessDenied, .other])
  func refusalIsFenced(reason: WriteRefusal.Reason) {
    var script = Script(at: .committing)
    #expect(script.after(.commitAnswered(.refused(reason, standing: script.plan.claim))) == ["fence from claimed"])
  }

  @Test("A foreign stamp makes it stand down silently: no fence, no un-stage")
  func foreignStamp() {
    var script = Script(at: .committing)
    #expect(
      script.after(.commitAnswered(.refused(.stampMismatch, standing: Script.foreignStamp))) == ["failed, left to another"])
  }

  @Test("A lost answer is told to a person once, and the very same modify is sent again until there is an answer")
  func lostAnswer() {
    var script = Script(at: .committing)
    #expect(script.after(.commitAnswered(.unknown)) == ["report"])
    #expect(script.machine.phase == .outcomeUnknown)
    for _ in 1...10 {
      script.wait(30)
      let actions = script.machine.handle(.timerFired, at: script.now)
      #expect(actions == [.commit(from: script.plan.claim, to: script.plan.done)])
      #expect(script.after(.commitAnswered(.unknown)) == [])
    }
    script.wait(30)
    #expect(
      script.after(.timerFired, .commitAnswered(.refused(.stampMismatch, standing: script.plan.done))) == ["commit", "check"])
  }

  @Test("While the outcome is unknown, even an unreachable DC leads to no abort")
  func unknownIsPatient() {
    var script = Script(at: .outcomeUnknown)
    for _ in 1...20 {
      script.wait(31)
      #expect(script.after(.timerFired, .commitAnswered(.notSent)) == ["commit"])
    }
  }

  @Test("A write that certainly never left is tried six times and then fenced")
  func neverSent() {
    var script = Script(at: .committing)
    var words: [String] = []
    for _ in 1...6 {
      words += script.after(.commitAnswered(.notSent))
      script.wait(31)
      words += script.after(.timerFired)
    }
    #expect(words == Array(repeating: "commit", count: 5) + ["fence from claimed"])
  }

  @Test("An account that cannot be read back is asked again, and a person told once")
  func unreadable() {
    var script = Script(at: .checking)
    #expect(script.after(.commitWasChecked(.unreadable(Script.fault))) == ["report"])
    script.wait(1)
    #expect(script.after(.timerFired, .commitWasChecked(.unreadable(Script.fault))) == ["check"])
  }

  @Test("A foreign key under our stamp retires nothing and fails")
  func foreignKey() {
    var script = Script(at: .checking)
    #expect(
      script.after(.commitWasChecked(.foreignKey(KeyVersion(9), Script.fault))) == ["hold", "failed, password new"])
  }

  @Test("A stamp that was overtaken after our write makes it stand down")
  func supersededAfterWrite() {
    var script = Script(at: .checking)
    #expect(script.after(.commitWasChecked(.superseded("asa1;1.9;x;claimed;y"))) == ["failed, left to another"])
  }
}
