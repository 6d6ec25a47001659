/// One program on a node that caches the keytab when it starts, and so has to be reloaded or restarted for every new key.
package struct ConsumerReport: Sendable, Equatable, Codable {
  /// How it stands.
  package enum State: String, Sendable, Codable, CaseIterable {
    /// It has loaded every key that the node holds.
    case current
    /// It has not loaded the newest key, and waits for the node's turn.
    case pending
    /// The node's turn is under way.
    case acting
    /// It could not be reloaded or restarted.
    case failed
  }

  /// What the node's own file calls it: its unit, or its command.
  package var name: String
  /// How it stands.
  package var state: State
  /// Why it failed, without a full stop.
  package var problem: String?
  /// How long a turn of its node may take at most, in seconds.
  package var turnSeconds: Int

  /// Makes a report from its parts.
  package init(name: String, state: State, problem: String? = nil, turnSeconds: Int) {
    self.name = name
    self.state = state
    self.problem = problem
    self.turnSeconds = turnSeconds
  }

  /// Whether it still has to load a key, and will.
  package var isUnsettled: Bool { state == .pending || state == .acting }

  /// Why the node cannot serve with its newest key; `nil` unless it failed.
  var fault: String? {
    state == .failed ? "consumer \(name) does not have the new key: \(problem ?? "it could not be reloaded")" : nil
  }
}
