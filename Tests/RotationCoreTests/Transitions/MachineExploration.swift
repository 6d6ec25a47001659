import Foundation
import RotationCore

/// Every transition of the rotation machine, found by feeding every kind of event to every reachable state.
///
/// Two nodes of which one must hold the key; states that differ only in which node is which, in instants, or in what the phase does not look
/// at, are one.
struct MachineExploration {
  /// One line of the table.
  struct Row: Hashable, Comparable {
    var phase: RotationMachine.Phase
    var event: String
    var next: RotationMachine.Phase
    var actions: String

    static func < (left: Row, right: Row) -> Bool {
      (left.place, left.event, left.nextPlace, left.actions) < (right.place, right.event, right.nextPlace, right.actions)
    }

    private var place: Int { RotationMachine.Phase.allCases.firstIndex(of: phase) ?? 0 }
    private var nextPlace: Int { RotationMachine.Phase.allCases.firstIndex(of: next) ?? 0 }
  }

  private struct Visit {
    var machine: RotationMachine
    var now: Date
  }

  static let nodes = Array(Script.nodes.prefix(2))

  private(set) var rows: Set<Row> = []
  private(set) var stateCount = 0

  init(isStampless: Bool) throws {
    var plan = Script.plan(require: .atLeast(1), participants: Self.nodes, expected: Script.formerStamp)
    plan.quorum = Quorum(arrays: ["mail": Self.nodes], requirement: .atLeast(1), without: [])
    plan.replicas = [Stimulus.replica]
    let start = RotationMachine(plan: isStampless ? plan.withoutStamp : plan)
    var queue = [Visit(machine: start, now: plan.plannedAt)]
    var seen: Set<String> = [try Self.key(start)]
    while let visit = queue.popLast() {
      stateCount += 1
      for stimulus in Stimulus.all(for: visit.machine) {
        let next = take(stimulus, from: visit)
        guard let next, seen.insert(try Self.key(next.machine)).inserted else { continue }
        queue.append(next)
      }
    }
  }

  /// What the event leads to; `nil` if it does not belong to the phase.
  private mutating func take(_ stimulus: Stimulus, from visit: Visit) -> Visit? {
    var next = visit
    next.now += stimulus.delay
    let actions = next.machine.handle(stimulus.event, at: next.now)
    guard next.machine != visit.machine || !actions.isEmpty else { return nil }
    let words = actions.compactMap(\.kind)
    rows.insert(
      Row(
        phase: visit.machine.phase, event: stimulus.label, next: next.machine.phase,
        actions: words.isEmpty ? "none" : words.joined(separator: ", ")))
    return next
  }

  /// The state without instants, names and what the phase does not look at.
  private static func key(_ machine: RotationMachine) throws -> String {
    let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(machine))
    guard var fields = encoded as? [String: Any] else { return "" }
    fields["nodes"] = nodes.map { node in
      regarded(in: machine.phase).filter { holds(fields[$0], node) }.joined(separator: "+")
        + (machine.plan.participants.contains(node) ? "!" : "") + (machine.plan.quorum.members.contains(node) ? "*" : "")
    }.sorted()
    for field in ["staged", "lost", "proven", "promoted", "restored", "failed", "plan", "knownStamp"] { fields[field] = nil }
    for field in ["deadline", "retryWait", "abort"] { fields[field] = fields[field].map { _ in true } }
    // Only unsent password writes are counted; elsewhere it matters whether there was a try.
    fields["attempts"] = min(fields["attempts"] as? Int ?? 0, machine.phase == .committing ? 6 : 1)
    return String(decoding: try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys), as: UTF8.self)
  }

  private static func regarded(in phase: RotationMachine.Phase) -> [String] {
    switch phase {
    case .staging: ["staged", "failed", "lost"]
    case .unstaging: ["staged", "restored"]
    case .proving: ["promoted", "proven", "failed", "lost"]
    case .planned, .claiming, .committing, .outcomeUnknown, .fencing, .checking, .ended: []
    }
  }

  /// Whether a set of nodes, or a list of pairs with a node, has this one.
  private static func holds(_ field: Any?, _ node: NodeName) -> Bool {
    if let members = field as? [Any] { return members.contains { $0 as? String == node.description } }
    return (field as? [String: Any])?[node.description] != nil
  }
}

extension RotationAction {
  /// The action without what it carries; `nil` for a timer.
  fileprivate var kind: String? {
    switch self {
    case .fence: "fence"
    case .promote: "promote"
    case .prove: "prove"
    case .end(let ending): "end: \(ending.outcome.rawValue), \(ending.change)"
    default: words
    }
  }
}
