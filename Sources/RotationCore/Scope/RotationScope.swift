/// Some of the nodes, as administrators know to choose them.
package enum RotationScope: Sendable, Equatable {
  /// All of them.
  case entireForest
  /// The members of the arrays with these names.
  case arrays([NamePattern])
  /// The nodes with these names.
  case nodes([NamePattern])
}

/// The members of one array.
package struct ArrayMembers: Sendable, Equatable {
  /// Its name.
  package var array: String
  /// The nodes, by name.
  package var nodes: [NodeName]

  /// Makes a list.
  package init(array: String, nodes: [NodeName]) {
    self.array = array
    self.nodes = nodes
  }
}

/// What a scope means for one account.
package struct ScopedAccount: Sendable, Equatable {
  /// The account.
  package var account: AccountName
  /// Its nodes inside the scope, by array.
  package var destinations: [ArrayMembers]
  /// Its nodes outside of the scope that rotations wait for.
  package var leftOut: [NodeName]

  /// Its nodes inside the scope, each once, by name.
  package var nodes: [NodeName] { Set(destinations.flatMap(\.nodes)).sorted() }

  /// Why the account cannot be rotated on the nodes of the scope alone; `nil` if it can.
  package var fault: OperatorFault? {
    guard !leftOut.isEmpty else { return nil }
    let names = leftOut.map(\.description).joined(separator: ", ")
    let verb = leftOut.count == 1 ? "holds" : "hold"
    return OperatorFault(
      .usage, "account \(account)",
      "\(names) \(verb) its key, too, and would be left behind: outside of the scope they would refuse every client with a new ticket",
      remedy:
        "widen the scope to them, or 'asactl nodes exclude' or 'nodes decommission' them; 'asactl credential copy' pushes the keys that exist to any node"
    )
  }
}
