package import RotationCore

/// The events that the consumer has not taken yet, bounded per node.
package struct NodeEventQueue: MailboxContents {
  /// Undelivered events that one node may have; an order's answer and an attach with every account's report fit many times over.
  package static let perNode = 1024
  /// Undelivered refusals, of all peers together.
  package static let refusals = 256

  private var events: [NodeEvent] = []
  private var first = 0
  private var waiting: [NodeName: Int] = [:]
  private var waitingRefusals = 0

  /// Makes an empty queue.
  package init() {}

  /// Adds an event; `false` if its node has too many waiting, and then it is not added. The end of a stream always fits: there is at
  /// most one for each stream that was let in.
  package mutating func add(_ event: NodeEvent) -> Bool {
    guard let node = event.node else {
      guard waitingRefusals < Self.refusals else { return false }
      waitingRefusals += 1
      events.append(event)
      return true
    }
    guard event.endsStream || waiting[node, default: 0] < Self.perNode else { return false }
    waiting[node, default: 0] += 1
    events.append(event)
    return true
  }

  /// The oldest event.
  package mutating func take() -> NodeEvent? {
    guard first < events.count else { return nil }
    let event = events[first]
    first += 1
    compact()
    discount(event)
    return event
  }

  private mutating func discount(_ event: NodeEvent) {
    guard let node = event.node else {
      waitingRefusals -= 1
      return
    }
    waiting[node] = waiting[node].flatMap { $0 > 1 ? $0 - 1 : nil }
  }

  // Removing from the front of an array one by one would be quadratic under a flood.
  private mutating func compact() {
    guard first == events.count || first >= 1024 else { return }
    events.removeFirst(first)
    first = 0
  }
}

extension NodeEvent {
  fileprivate var node: NodeName? {
    switch self {
    case .attached(let attachment): attachment.node
    case .detached(let node, _), .reported(let node, _), .clockMeasured(let node, _): node
    case .refused: nil
    }
  }

  fileprivate var endsStream: Bool { if case .detached = self { true } else { false } }
}
