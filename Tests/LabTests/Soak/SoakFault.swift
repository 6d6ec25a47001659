/// What goes wrong in a long run, one after the other.
enum SoakFault: String, CaseIterable, Sendable {
  /// The rotator is stopped in order and started again.
  case rotatorRestart
  /// The rotator dies in the middle of a rotation.
  case rotatorKill
  /// An agent is stopped in order and started again; its node is drained meanwhile.
  case agentRestart
  /// An agent dies while a rotation is going on; its acceptors go on.
  case agentKill
  /// A node loses its power, misses a rotation, and boots.
  case nodeOutage
  /// The second controller gets no changes while a password is set.
  case replicationPause
  /// The controller that passwords are set on is stopped and started again.
  case writerOutage
  /// The other controller is.
  case replicaOutage
  /// No packet passes between the rotator and one agent.
  case networkCut
}

/// Draws faults from one seed: each kind once before any comes again.
struct SoakLottery: Sendable {
  private(set) var randomness: SeededRandomness
  private let nodes: [String]
  private var left: [SoakFault] = []

  init(seed: UInt64, nodes: [String]) {
    randomness = SeededRandomness(seed: seed)
    self.nodes = nodes
  }

  /// A fault, the node that it meets if it meets one, and the randomness for the rest.
  mutating func draw() -> SoakDraw {
    if left.isEmpty { left = SoakFault.allCases.shuffled(using: &randomness) }
    let node = nodes[Int(randomness.next() % UInt64(nodes.count))]
    return SoakDraw(fault: left.removeLast(), node: node, randomness: SeededRandomness(seed: randomness.next()))
  }
}

/// One fault, drawn.
struct SoakDraw: Sendable, CustomStringConvertible {
  let fault: SoakFault
  let node: String
  var randomness: SeededRandomness

  var description: String {
    switch fault {
    case .agentRestart, .agentKill, .nodeOutage, .networkCut: "\(fault) \(node.prefix { $0 != "." })"
    default: fault.rawValue
    }
  }

  mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(Int.random(in: range, using: &randomness)) }

  mutating func element<Element>(of elements: [Element]) -> Element {
    elements[Int(randomness.next() % UInt64(elements.count))]
  }
}
