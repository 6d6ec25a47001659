import Foundation

/// Which nodes are letting their consumers load a new key now: of each array no more than its accounts permit at one time.
struct ConsumerTurns: Sendable {
  /// The nodes of one array, as one account sees them.
  struct Array: Sendable {
    var members: [NodeName]
    /// How many of them may be out of service at once.
    var maxUnavailable: Int
  }

  private var waits: [NodeName: WallClockWait] = [:]
  /// Those that have said that they are at it.
  private var heard: Set<NodeName> = []

  /// Whether a node has its turn.
  func isActing(_ node: NodeName) -> Bool { waits[node] != nil }

  /// Whether a node may begin. Where nobody in an array has a turn one begins in any case: nodes that are away do not come back by waiting.
  func mayBegin(on node: NodeName, in arrays: [Array], unavailable: Set<NodeName>) -> Bool {
    guard !isActing(node) else { return false }
    return arrays.allSatisfy { array in
      let others = array.members.filter { $0 != node }
      let acting = others.count(where: isActing)
      let away = others.count { unavailable.contains($0) && !isActing($0) }
      return acting == 0 || acting + away < array.maxUnavailable
    }
  }

  /// A node's turn began, and has to end within `wait`.
  mutating func began(on node: NodeName, _ wait: WallClockWait) { waits[node] = waits[node] ?? wait }

  /// A node says that it is at it.
  mutating func wasHeard(from node: NodeName) { heard.insert(node) }

  /// Whether a node was at it: when it says so no more, its turn is over, whatever has come meanwhile.
  func hasBeenHeard(from node: NodeName) -> Bool { heard.contains(node) }

  /// A node's turn is over.
  mutating func ended(on node: NodeName) {
    waits[node] = nil
    heard.remove(node)
  }

  /// The nodes whose turn should be over, in order.
  func overdue(at now: Date) -> [NodeName] { waits.filter { $0.value.isOver(at: now) }.keys.sorted() }

  /// How long the turns of so many nodes take one wave after another, in seconds.
  static func seconds(_ turnSeconds: [Int], maxUnavailable: Int) -> TimeInterval {
    let waves = (turnSeconds.count + maxUnavailable - 1) / maxUnavailable
    return TimeInterval(waves * (turnSeconds.max() ?? 0))
  }
}
