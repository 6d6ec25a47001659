import RotationCore
import Testing

@Suite("A daemon that dies and starts again")
struct RestartTests {
  let nodes = Script.nodes

  @Test(
    "Each phase is resumed with the step that was under way",
    arguments: [
      (RotationMachine.Phase.planned, ["claim"]), (.claiming, ["claim"]), (.staging, ["stage"]), (.committing, ["commit"]),
      (.outcomeUnknown, ["commit"]), (.fencing, ["fence from claimed"]), (.unstaging, ["unstage"]), (.checking, ["check"]),
      (.proving, ["check"]), (.ended, []),
    ])
  func resumes(phase: RotationMachine.Phase, expected: [String]) throws {
    var script = Script(at: phase)
    #expect(script.machine.phase == phase)
    #expect(try script.restart() == expected)
  }

  @Test(
    "A rotation that stalls its daemon too often ends by the shortest way that loses no key",
    arguments: [
      (RotationMachine.Phase.planned, ["failed, password as it was"]), (.claiming, ["fence from claimed"]),
      (.staging, ["fence from claimed"]), (.committing, ["fence from claimed"]), (.outcomeUnknown, ["fence from claimed"]),
      (.fencing, ["failed, left to another"]), (.unstaging, ["failed, password as it was"]),
      (.checking, ["hold", "failed, password new"]), (.proving, ["failed, password new"]), (.ended, []),
    ])
  func givenUp(phase: RotationMachine.Phase, expected: [String]) {
    var script = Script(at: phase)
    #expect(script.after(.givenUp(Script.fault)) == expected)
  }

  @Test("A password write that was under way may have been applied: the outcome is unknown")
  func committingBecomesUnknown() throws {
    var script = Script(at: .committing)
    _ = try script.restart()
    #expect(script.machine.phase == .outcomeUnknown)
  }

  @Test("Acknowledgements from before do not count: every node stages again")
  func acknowledgementsAreForgotten() throws {
    var script = Script(at: .staging)
    _ = script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]))
    _ = try script.restart()
    #expect(script.after(.nodeStaged(nodes[2])) == [])
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1])) == ["commit"])
  }

  @Test("The staging deadline starts anew")
  func deadlineStartsAnew() throws {
    var script = Script(at: .staging)
    script.wait(3600)
    _ = try script.restart()
    #expect(script.after(.timerFired) == [])
    script.wait(60)
    #expect(script.after(.timerFired) == ["fence from claimed"])
  }

  @Test("An abort after a restart still waits for the nodes that staged before it")
  func abortWaitsForFormerStagers() throws {
    var script = Script(at: .staging)
    _ = script.after(.nodeStaged(nodes[0]))
    _ = try script.restart()
    #expect(
      script.after(.nodeFailed(nodes[1], reason: "is full"), .fenceAnswered(.applied)) == ["fence from claimed", "unstage"])
    #expect(script.after(.nodeRestored(nodes[1]), .nodeRestored(nodes[2])) == [])
    #expect(script.after(.nodeRestored(nodes[0])) == ["failed, password as it was"])
  }

  @Test(
    "A crash after any step of a run, the happy one or the aborted one, still gives exactly one end", arguments: CrashRun.all)
  func crashPoints(run: CrashRun) throws {
    for crash in 0..<200 {
      let world = try MachineWorld.play(refusingNode: run.refusingNode, losing: run.losing, crashAfter: crash)
      #expect(world.endings.count == 1, "crash after step \(crash) of \(run)")
      #expect(world.violations == [], "crash after step \(crash) of \(run)")
      if world.steps <= crash { return }
    }
    Issue.record("the run does not end: \(run)")
  }
}

/// A scripted run into which a crash is put after each of its steps in turn.
struct CrashRun: Sendable, CustomTestStringConvertible {
  var refusingNode: NodeName?
  var losing: MachineWorld.Loss

  var testDescription: String { "\(refusingNode.map { "\($0) refuses" } ?? "all stage"), \(losing) lost" }

  static var all: [CrashRun] {
    [nil, Script.nodes[1]].flatMap { node in MachineWorld.Loss.allCases.map { CrashRun(refusingNode: node, losing: $0) } }
  }
}
