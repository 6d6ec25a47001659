/// A point between two steps of the agent at which it could end. Whoever looks on is told of each as it is reached.
package enum AgentBoundary: String, Sendable, CaseIterable, CustomStringConvertible {
  /// An order has come; nothing of it is done.
  case orderReceived
  /// The slot file holds what the order asks for; no keytab does.
  case slotsSaved
  /// One more keytab holds it.
  case keytabExchanged
  /// A keytab could not be written, and the slot file is what it was before the order.
  case slotsGivenBack
  /// The answer to an order is made, and has not left.
  case answerReady
  /// The answer to an order was handed to the connection.
  case answered
  /// A ticket to accept has come.
  case proofReceived
  /// The slot file says that a ticket opened with one of its keys.
  case proofSaved
  /// The answer to a ticket was handed to the connection.
  case proofAnswered
  /// The slot file holds the keys that were found in the keytabs, and the accounts that the rotator binds to the node.
  case adoptionSaved
  /// What made the node ready is on disk.
  case readinessSaved

  /// Its name; stable, since tests are driven by it.
  package var description: String { rawValue }
}
