/// Which nodes must hold and accept a key before the directory may issue tickets under it.
package struct Quorum: Sendable, Equatable, Codable {
  /// The members of each array of the account, without those that are revoked or excluded.
  package let arrays: [String: [NodeName]]
  /// How many of each array are required.
  package let requirement: RotationPolicy.Requirement

  /// Takes the arrays and the requirement; nodes that are revoked or excluded shrink the arrays.
  package init(arrays: [String: [NodeName]], requirement: RotationPolicy.Requirement, without revoked: Set<NodeName>) {
    self.arrays = arrays.mapValues { members in members.filter { !revoked.contains($0) }.sorted() }
    self.requirement = requirement
  }

  /// The quorum without a node that was revoked.
  package func without(_ node: NodeName) -> Quorum {
    Quorum(arrays: arrays, requirement: requirement, without: [node])
  }

  /// All members, each once, in order.
  package var members: [NodeName] { Set(arrays.values.joined()).sorted() }

  /// Whether these nodes are enough in every array. No node at all is never enough.
  package func isMet(by nodes: Set<NodeName>) -> Bool {
    !members.isEmpty
      && arrays.values.allSatisfy { array in array.count { nodes.contains($0) } >= required(of: array) }
  }

  /// The number required over all arrays, for display.
  package var requiredCount: Int { arrays.values.reduce(0) { $0 + required(of: $1) } }

  private func required(of array: [NodeName]) -> Int {
    switch requirement {
    case .all: array.count
    case .atLeast(let number): min(max(number, 1), array.count)
    }
  }
}
