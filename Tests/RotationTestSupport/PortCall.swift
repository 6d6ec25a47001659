package import RotationCore

/// One call through a port, in the one order in which all fakes saw them.
package enum PortCall: Sendable {
  /// The writes to the directory.
  package enum Write: String, Sendable {
    /// The stamp becomes claimed.
    case claim
    /// The password is set.
    case commit
    /// The stamp becomes aborted.
    case fence
  }

  /// The store made a change durable.
  case committed(StoreChange)
  /// The store remembered a node.
  case remembered(NodeName)
  /// The directory was asked for a write.
  case wrote(Write)
  /// The directory does not answer a write until the caller is cancelled.
  case hung(Write)
  /// A node got an order.
  case ordered(NodeName, SlotOrder)
  /// A node was asked to accept a ticket.
  case challenged(NodeName)
  /// A node was asked whether it would, and to take no note of it.
  case tried(NodeName)
  /// A node was told that its consumers may load the keys that they lack.
  case gaveTurn(NodeName, drains: Bool)
  /// A node was told that a rotation goes on without it.
  case leftBehind(NodeName)
  /// A node was told to destroy the keys that it holds.
  case toldToRemove(NodeName)
}
