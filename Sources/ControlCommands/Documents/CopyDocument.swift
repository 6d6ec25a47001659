package import ControlProtocol

/// What `asactl credential copy --json` prints.
package struct CopyDocument: Encodable, Sendable, Equatable {
  /// One account on one node that was told.
  package struct Node: Encodable, Sendable, Equatable {
    /// The account.
    package var account: String
    /// The node.
    package var node: String
    /// Whether it has confirmed that it holds the keys.
    package var confirmed: Bool
    /// What it holds, newest first; empty unless it has confirmed that.
    package var slots: [SlotDocument]
    /// Why it has not.
    @NullIfAbsent package var fault: FaultDocument?
  }

  /// The node that had to hold the rotator's slots; `null`: none was named.
  @NullIfAbsent package var from: String?
  /// Whether nothing was changed.
  package var dryRun: Bool
  /// The nodes, in the order in which they answered; in a dry run those that would be told.
  package var nodes: [Node]
  /// How many have confirmed.
  package var confirmed: Int
  /// How many have not.
  package var failed: Int

  /// Begins with nobody.
  package init(from source: String?, isDryRun: Bool) {
    from = source
    dryRun = isDryRun
    nodes = []
    confirmed = 0
    failed = 0
  }

  /// Takes a message of the daemon's.
  ///
  /// - Parameter tell: Told of every node that answers.
  /// - Returns: Whether it was the last.
  /// - Throws: `OperatorFault` if the request was refused; what `tell` throws.
  package mutating func took(
    _ message: Asa_Control_V1_CopyProgress, telling tell: (Node) throws -> Void
  ) throws -> Bool {
    switch message.event {
    case .begun(let begun):
      guard dryRun else { return false }
      for target in begun.targets {
        let node = Node(account: target.account.visible, node: target.node.visible, confirmed: false, slots: [], fault: nil)
        nodes.append(node)
        try tell(node)
      }
    case .node(let status):
      let node = Node(status)
      nodes.append(node)
      if node.confirmed { confirmed += 1 } else { failed += 1 }
      try tell(node)
    case .ended: return true
    case .fault(let fault): throw FaultDocument(fault).operatorFault
    case nil: break
    }
    return false
  }
}

extension CopyDocument.Node {
  fileprivate init(_ status: Asa_Control_V1_CopiedNode) {
    account = status.account.visible
    node = status.node.visible
    confirmed = !status.hasFault
    slots = status.slots.map(SlotDocument.init)
    fault = status.hasFault ? FaultDocument(status.fault) : nil
  }
}
