import RotationCore
import Testing

@Suite("A rotation that nothing disturbs")
struct HappyPathTests {
  let nodes = Script.nodes

  @Test("Claim, stage, commit, check, promote, prove, and one terminal record")
  func wholeRotation() {
    var script = Script()
    #expect(script.after(.planWasRecorded) == ["claim"])
    #expect(script.after(.claimAnswered(.applied)) == ["stage"])
    #expect(script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1])) == [])
    #expect(script.after(.nodeStaged(nodes[2])) == ["commit"])
    #expect(script.after(.commitAnswered(.applied)) == ["check"])
    #expect(script.after(.commitWasChecked(Script.proven)) == ["promote 8"])
    #expect(script.after(.nodePromoted(nodes[0]), .nodePromoted(nodes[1])) == ["prove cas-1", "prove cas-2"])
    #expect(script.after(.nodeProven(nodes[0]), .nodeProven(nodes[1])) == [])
    #expect(script.after(.nodePromoted(nodes[2])) == ["prove cas-3"])
    #expect(script.after(.nodeProven(nodes[2])) == ["succeeded, password new"])
    #expect(script.machine.phase == .ended)
  }

  @Test("The directory is known to hold the claim, then the done stamp of the same epoch")
  func stampsFollow() {
    var script = Script()
    #expect(script.machine.knownStamp == Script.formerStamp)
    _ = script.after(.planWasRecorded, .claimAnswered(.applied))
    #expect(script.machine.knownStamp == script.plan.claim)
    _ = script.after(.nodeStaged(nodes[0]), .nodeStaged(nodes[1]), .nodeStaged(nodes[2]), .commitAnswered(.applied))
    #expect(script.machine.knownStamp == script.plan.done)
    #expect(script.plan.done.epoch == script.plan.claim.epoch)
    #expect(script.plan.fence.epoch > script.plan.claim.epoch)
  }

  @Test("A kvno other than predicted is the one that nodes get and that the record names")
  func unexpectedVersion() throws {
    var script = Script(at: .checking)
    let fingerprint = try #require(Script.fingerprint)
    #expect(script.after(.commitWasChecked(.proven(KeyVersion(11), fingerprint))) == ["promote 11"])
    for node in nodes { _ = script.after(.nodePromoted(node)) }
    let actions = nodes.flatMap { script.machine.handle(.nodeProven($0), at: script.now) }
    guard case .end(let ending)? = actions.last else {
      Issue.record("no ending in \(actions)")
      return
    }
    #expect(ending.version == KeyVersion(11))
  }

  @Test("After the end nothing that comes late moves it", arguments: RotationEvent.all)
  func endIsFinal(event: RotationEvent) {
    var script = Script(at: .ended)
    #expect(script.machine.phase == .ended)
    #expect(script.after(event) == [])
  }
}

extension RotationEvent {
  /// One event of each kind, with the answers that matter.
  static var all: [RotationEvent] {
    let node = Script.nodes[0]
    let answers: [DirectoryWriteAnswer] = [
      .applied, .unknown, .notSent, .refused(.stampMismatch, standing: Script.foreignStamp),
      .refused(.accessDenied, standing: Script.stamp(2, "rotation-1", .claimed)),
    ]
    return answers.flatMap { [.claimAnswered($0), .commitAnswered($0), .fenceAnswered($0)] } + [
      .planWasRecorded, .nodeStaged(node), .nodeFailed(node, reason: "is full"), .nodeLost(node), .nodePromoted(node),
      .nodeProven(node), .nodeRefusedTicket(node, reason: "no key"), .nodeRestored(node), .nodeRevoked(node), .timerFired,
      .restarted, .commitWasChecked(Script.proven), .commitWasChecked(.unreadable(Script.fault)),
    ]
  }
}
