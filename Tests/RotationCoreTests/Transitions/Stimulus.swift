import Foundation
import RotationCore

/// One kind of event, as the table names it.
struct Stimulus {
  var label: String
  var event: RotationEvent
  /// How long after the event before it comes, in seconds.
  var delay: TimeInterval = 0

  /// All kinds, with the stamps of this machine's plan.
  static func all(for machine: RotationMachine) -> [Stimulus] {
    general + MachineExploration.nodes.flatMap(events(of:)) + answers(for: machine.plan) + evidence
  }

  static let replica = "dc2.lab.example"

  private static var general: [Stimulus] {
    [
      Stimulus(label: "the plan is durable", event: .planWasRecorded), Stimulus(label: "restarted", event: .restarted),
      Stimulus(label: "timer, too early", event: .timerFired),
      Stimulus(label: "timer, due", event: .timerFired, delay: 1000),
      Stimulus(label: "the other controller issues tickets under the new key", event: .controllerConverged(replica)),
      Stimulus(label: "given up after repeated stalls", event: .givenUp(Script.fault)),
      Stimulus(label: "the pinned controller is gone for good", event: .writerWasLost(loss)),
    ]
  }

  private static func events(of node: NodeName) -> [Stimulus] {
    [
      Stimulus(label: "a node holds the next key", event: .nodeStaged(node)),
      Stimulus(label: "a node cannot hold it", event: .nodeFailed(node, reason: "is full")),
      Stimulus(label: "a node's stream ended", event: .nodeLost(node)),
      Stimulus(label: "a node holds the new order of slots", event: .nodePromoted(node)),
      Stimulus(label: "a node accepted every ticket", event: .nodeProven(node)),
      Stimulus(label: "a node refused a ticket", event: .nodeRefusedTicket(node, reason: "no key")),
      Stimulus(label: "a node is back in its former slots", event: .nodeRestored(node)),
      Stimulus(label: "a node was revoked", event: .nodeRevoked(node)),
    ]
  }

  private static func answers(for plan: RotationPlan) -> [Stimulus] {
    let standing: [(String, Stamp?)] = [
      ("the former stamp stands", plan.expected), ("our claim stands", plan.claim), ("our done stands", plan.done),
      ("our fence stands", plan.fence), ("another's stamp stands", Script.foreignStamp),
    ]
    let refused = standing.map { ("refused, \($0)", DirectoryWriteAnswer.refused(.other, standing: $1)) }
    let answers = [("applied", DirectoryWriteAnswer.applied), ("not sent", .notSent), ("no answer", .unknown)] + refused
    return answers.flatMap { label, answer in
      [
        Stimulus(label: "claim: \(label)", event: .claimAnswered(answer)),
        Stimulus(label: "password: \(label)", event: .commitAnswered(answer)),
        Stimulus(label: "fence: \(label)", event: .fenceAnswered(answer)),
      ]
    }
  }

  private static var evidence: [Stimulus] {
    let permanent = OperatorFault(.noInput, "http/mail.lab.example", "is on no account")
    return [
      Stimulus(label: "check: a ticket opens with our key", event: .commitWasChecked(Script.proven)),
      Stimulus(label: "check: no key of ours opens", event: .commitWasChecked(.foreignKey(KeyVersion(9), Script.fault))),
      Stimulus(label: "check: another's stamp stands", event: .commitWasChecked(.superseded("x"))),
      Stimulus(label: "check: the controller is silent", event: .commitWasChecked(.unreadable(Script.fault))),
      Stimulus(label: "check: no ticket is issued", event: .commitWasChecked(.unreadable(permanent))),
      Stimulus(
        label: "check: no ticket is issued, for long", event: .commitWasChecked(.unreadable(permanent)), delay: 1000),
    ]
  }

  private static var loss: WriterLoss {
    WriterLoss(
      successor: Script.plan(require: .all, participants: [], expected: nil).writer, stamp: Script.formerStamp,
      version: KeyVersion(7), epoch: Epoch(era: 2, number: 1))
  }
}
