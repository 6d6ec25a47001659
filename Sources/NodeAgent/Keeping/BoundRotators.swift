import AgentProtocol
import Foundation
import RotationCore
import SecretMemory

/// The rotators of a node: which are attached, which accounts each of them binds, and the one secret that they share. Rotators that keep
/// copies of one store can be attached side by side; which of them is obeyed is decided order by order, by the guards of ``NodeSlots``.
struct BoundRotators: Sendable {
  /// A rotator that is attached.
  struct Link: Sendable {
    /// Its store.
    let store: RotatorID
    /// Takes reports that no order asked for.
    let send: @Sendable (NodeReport) -> Void
  }

  /// How long the secret of a rotator that went away is kept against others, in seconds: long enough to start it again.
  static let patience: TimeInterval = 600

  /// What fingerprints are computed under; `nil` before the first welcome.
  private(set) var secret: SecretBytes?
  private var attached: [String: Link] = [:]
  /// What each rotator said last, the newest first. It counts while the rotator is away as well.
  private var bound: [(rotator: String, accounts: [AccountBinding])] = []
  private var lastAttached: (rotator: String, store: RotatorID, until: Date)?

  /// Every account that a rotator binds to this node, each once.
  var bindings: [AccountBinding] {
    bound.flatMap(\.accounts).reduce(into: []) { bindings, binding in
      if !bindings.contains(where: { $0.account == binding.account }) { bindings.append(binding) }
    }
  }

  /// Whether there is anybody to tell.
  var isAnyAttached: Bool { !attached.isEmpty }

  /// Takes note that a rotator has accepted this agent.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` if another store than this one's copies is in force.
  mutating func welcomed(
    _ welcome: AttachWelcome, from rotator: String, at now: Date, send: @escaping @Sendable (NodeReport) -> Void
  ) throws(OperatorFault) {
    if let secret, secret != welcome.fingerprintSecret { try checkSucceeds(rotator, welcome.rotator, at: now) }
    secret = welcome.fingerprintSecret
    attached[rotator] = Link(store: welcome.rotator, send: send)
    bound.removeAll { $0.rotator == rotator }
    bound.insert((rotator, welcome.accounts), at: 0)
  }

  /// Takes note that a rotator's stream is gone.
  mutating func detached(_ rotator: String, at now: Date) {
    guard let link = attached.removeValue(forKey: rotator) else { return }
    lastAttached = (rotator, link.store, now)
  }

  /// Sends a report to every rotator that is attached.
  func send(_ report: NodeReport) {
    for link in attached.values { link.send(report) }
  }

  /// Only a rotator that nobody else stands against may bring a new secret: the successor of a lost store.
  private func checkSucceeds(_ rotator: String, _ store: RotatorID, at now: Date) throws(OperatorFault) {
    if let other = attached.filter({ $0.key != rotator }).min(by: { $0.key < $1.key }) {
      throw stranger(rotator, store, "\(other.key) (store \(other.value.store)), which this agent is attached to")
    }
    guard let last = lastAttached, last.rotator != rotator,
      (0..<Self.patience).contains(now.timeIntervalSince(last.until))
    else { return }
    throw stranger(
      rotator, store, "\(last.rotator) (store \(last.store)), which was attached until \(last.until.formatted(.iso8601))")
  }

  private func stranger(_ rotator: String, _ store: RotatorID, _ holder: String) -> OperatorFault {
    OperatorFault(
      .configuration, "rotator \(rotator)", "has a store of its own (\(store)) and no copy of that of rotator \(holder)",
      remedy: "give both rotators copies of one store, or take the wrong one out of the agent's configuration; a new store is "
        + "taken from a rotator that has been the only one for \(Int(Self.patience / 60)) minutes, or after a restart of the agent"
    )
  }
}
