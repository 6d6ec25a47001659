/// A point between two steps of the scheduler at which the daemon could end. Whoever looks on is told of each as it is reached.
package enum Boundary: Sendable, Hashable {
  /// A turn of the loop begins.
  case turn
  /// What follows is not durable yet, and nothing of it has been done.
  case beforeRecord(Mark)
  /// It is durable; none of the actions that it is for has begun.
  case recorded(Mark)
  /// A step is about to have an effect outside; for an order, at one node.
  case before(Step)
  /// It has had it, and its answer is not known to the loop; for an order, it was handed to one node's stream.
  case after(Step)
  /// One node's answer to an order was judged, and is not known to the loop.
  case answered(Step)

  /// What becomes durable.
  package enum Mark: Sendable, Hashable {
    /// An attempt has begun.
    case attempt
    /// The machine, after an event that left it in this phase.
    case phase(RotationMachine.Phase)
    /// Keys are destroyed.
    case retirement
  }

  /// Something that reaches beyond the daemon.
  package enum Step: String, Sendable, Hashable, CaseIterable {
    /// The reads before a rotation, and the tickets that nodes try in them.
    case preflight
    /// The claim at the domain controller.
    case claim
    /// An order with the next key, to one node.
    case stage
    /// The password write.
    case commit
    /// The fence at the domain controller.
    case fence
    /// An order with the former slots, to one node.
    case unstage
    /// The account is read back and a ticket tried.
    case checkCommit
    /// An order that makes the next key Latest, to one node.
    case promote
    /// An order that keeps everything beside a key that is not ours, to one node.
    case holdForeign
    /// One node accepts tickets.
    case prove
    /// An order without a key that was destroyed, to one node.
    case retire
    /// The newest order, to one node that has come back or lags.
    case catchUp

    /// Whether it is an order, which a node answers by itself.
    package var isOrder: Bool {
      switch self {
      case .preflight, .claim, .commit, .fence, .checkCommit, .prove: false
      case .stage, .unstage, .promote, .holdForeign, .retire, .catchUp: true
      }
    }
  }
}

extension Boundary: CaseIterable {
  /// Every boundary that there is.
  package static var allCases: [Boundary] {
    let marks = [Mark.attempt, .retirement] + RotationMachine.Phase.allCases.map(Mark.phase)
    return [.turn] + marks.flatMap { [.beforeRecord($0), .recorded($0)] }
      + Step.allCases.flatMap { step in
        [.before(step), .after(step)] + (step.isOrder ? [.answered(step)] : [])
      }
  }
}

extension Boundary: CustomStringConvertible {
  /// Its name, for example `recorded:staging`; stable, since tests are driven by it.
  package var description: String {
    switch self {
    case .turn: "turn"
    case .beforeRecord(let mark): "beforeRecord:\(mark)"
    case .recorded(let mark): "recorded:\(mark)"
    case .before(let step): "before:\(step.rawValue)"
    case .after(let step): "after:\(step.rawValue)"
    case .answered(let step): "answered:\(step.rawValue)"
    }
  }
}

extension Boundary.Mark: CustomStringConvertible {
  /// The phase as people know it, or what else is made durable.
  package var description: String {
    switch self {
    case .attempt: "preflight"
    case .phase(let phase): phase.rawValue
    case .retirement: "retirement"
    }
  }
}

extension RotationScheduler {
  /// One step beside the loop: its work, then the event that it posts, with the boundaries around it.
  func effect(_ step: Boundary.Step, _ work: @escaping @Sendable () async -> SchedulerEvent) -> Effect {
    { [reached, post] in
      reached(.before(step))
      let event = await work()
      reached(.after(step))
      post.yield(event)
    }
  }
}
