import Foundation
import RotationCore

/// A machine, a DC that compares and swaps, and nodes that answer; every rule that must never be broken is watched at every step.
struct MachineWorld {
  /// Which answers of the DC are lost the first time.
  enum Loss: String, CaseIterable, Sendable {
    case none
    case claim
    case commit
    case fence
  }

  var script = Script()
  var stamp = Script.formerStamp
  var passwordsSet = 0
  var hasCommitted = false
  var queue: [RotationEvent] = [.planWasRecorded]
  var refusingNode: NodeName?
  var losing: Loss = .none
  var holdingNext: Set<NodeName> = []
  var endings: [RotationEnding] = []
  var violations: [String] = []
  var steps = 0

  /// Plays a run to its end, with a crash after one step.
  static func play(refusingNode: NodeName?, losing: Loss, crashAfter: Int) throws -> MachineWorld {
    var world = MachineWorld()
    world.refusingNode = refusingNode
    world.losing = losing
    while world.endings.isEmpty, world.steps < 1000 {
      if world.steps == crashAfter { try world.crash() }
      world.step()
    }
    return world
  }

  /// What was in flight is lost; the durable machine goes on.
  mutating func crash() throws {
    queue = []
    script.machine = try JSONDecoder().decode(RotationMachine.self, from: JSONEncoder().encode(script.machine))
    take(.restarted)
  }

  /// Takes the next event, or lets time pass.
  mutating func step() {
    steps += 1
    if queue.isEmpty {
      script.wait(5)
      take(.timerFired)
    } else {
      take(queue.removeFirst())
    }
  }

  /// Feeds one event, watches the rules, performs the actions.
  mutating func take(_ event: RotationEvent) {
    for action in script.machine.handle(event, at: script.now) {
      watch(action)
      perform(action)
    }
  }

  /// Notes every rule that an action breaks.
  mutating func watch(_ action: RotationAction) {
    let plan = script.plan
    switch action {
    case .commit(let from, let to):
      if from != plan.claim || to != plan.done { violations.append("another modify than the planned one") }
      // Once sent, the write is repeated whatever becomes of the nodes.
      if !hasCommitted, !plan.quorum.isMet(by: holdingNext) {
        violations.append("committed before the quorum held the key")
      }
      hasCommitted = true
    case .unstage:
      if stamp != plan.fence { violations.append("un-staged with '\(stamp?.description ?? "none")' standing") }
    case .end(let ending):
      if !endings.isEmpty { violations.append("a second end") }
      if ending.passwordChanged == false, stamp == plan.claim || stamp == plan.done {
        violations.append("called unchanged with \(stamp?.state.rawValue ?? "") standing")
      }
      if ending.passwordChanged == true, passwordsSet != 1 { violations.append("called changed after \(passwordsSet) writes") }
    default: break
    }
  }

  private mutating func perform(_ action: RotationAction) {
    switch action {
    case .claim(let from, let to): swap(.claim, from, to) { .claimAnswered($0) }
    case .announceAbsence(let from, let to): swap(.claim, from, to) { .absenceAnnounced($0) }
    case .fence(let from, let to): swap(.fence, from, to) { .fenceAnswered($0) }
    case .commit(let from, let to): swap(.commit, from, to) { .commitAnswered($0) }
    case .stage: for node in Script.nodes { queue.append(stage(node)) }
    default: queue += answers(to: action)
    }
  }

  /// What an undisturbed world answers to an action that is neither a write nor the staging.
  mutating func answers(to action: RotationAction) -> [RotationEvent] {
    switch action {
    case .unstage:
      holdingNext = []
      return Script.nodes.map { .nodeRestored($0) }
    case .checkCommit:
      return [.commitWasChecked(stamp == script.plan.done ? Script.proven : .superseded(stamp?.description ?? "none"))]
    case .promote: return Script.nodes.map { .nodePromoted($0) }
    case .prove(let node): return [.nodeProven(node)]
    case .end(let ending):
      endings.append(ending)
      return []
    case .claim, .announceAbsence, .leaveBehind, .commit, .fence, .stage, .holdForeign, .wake, .reportUnknown: return []
    }
  }

  private mutating func stage(_ node: NodeName) -> RotationEvent {
    if node == refusingNode { return .nodeFailed(node, reason: "is full") }
    holdingNext.insert(node)
    return .nodeStaged(node)
  }

  private mutating func swap(_ kind: Loss, _ from: Stamp?, _ to: Stamp, _ event: (DirectoryWriteAnswer) -> RotationEvent) {
    let answer = judge(from, to)
    if losing == kind {
      losing = .none
      queue.append(event(.unknown))
    } else {
      queue.append(event(answer))
    }
  }

  /// Compare-and-swap as the DC does it.
  mutating func judge(_ from: Stamp?, _ to: Stamp) -> DirectoryWriteAnswer {
    guard stamp == from else { return .refused(.stampMismatch, standing: stamp) }
    stamp = to
    if to.state == .done { passwordsSet += 1 }
    return .applied
  }
}
