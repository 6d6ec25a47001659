import Foundation

extension AccountRecord {
  /// Whether a node is not given the account's keys, by command.
  package func isWithheld(from node: NodeName) -> Bool { withheld?[node] != nil }

  /// Nodes are to destroy the keys, and are given none from now on.
  mutating func withhold(from nodes: [NodeName], since now: Date) {
    for node in nodes where !isWithheld(from: node) {
      withheld = (withheld ?? [:]).merging([node: now]) { earlier, _ in earlier }
    }
  }

  /// Nodes are given the keys again.
  mutating func giveAgain(to nodes: [NodeName]) {
    let left = (withheld ?? [:]).filter { !nodes.contains($0.key) }
    withheld = left.isEmpty ? nil : left
  }

  /// Only these nodes have the account.
  mutating func forgetWithheld(allBut nodes: [NodeName]) {
    giveAgain(to: (withheld ?? [:]).keys.filter { !nodes.contains($0) })
  }

  /// Whether a node holds keys that it may hold.
  func isHeld(by node: NodeName) -> Bool { !isWithheld(from: node) && holdings[node]?.slots.isEmpty == false }
}
