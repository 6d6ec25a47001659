package import AgentProtocol
package import RotationCore

/// What the node knows of an account, to hold against the directory.
package struct WatchTarget: Sendable, Equatable {
  /// The account.
  package var account: AccountName
  /// Its realm.
  package var realm: Realm
  /// Whom to ask, and how often.
  package var watch: DirectoryWatch
  /// The SPN that a ticket is asked for.
  package var servicePrincipalName: ServicePrincipalName
  /// The installed keytab that holds the account's own principal.
  package var keytab: String
  /// The kvno of the newest key that domain controllers are known to use.
  package var latest: KeyVersion?
  /// Whether that nobody takes the node's newest key tells that it was left behind: it does not where a newer key waits in a slot, or where the
  /// node has served since it was started.
  package var concludesFromRefusal: Bool
  /// Of the last order that was carried out.
  package var epoch: Epoch
  /// Whose slots are held.
  package var rotations: Set<RotationID>

  /// Under which claim the node was left behind; `nil`: it was not.
  package var leftAt: Epoch?

  /// What a stamp says of the node.
  package func finding(for raw: String?) -> WatchFinding {
    let stamp = raw.flatMap(Stamp.init)
    if let stamp, let reason = departure(by: stamp) { return .departed(reason, at: stamp.epoch) }
    // A controller that has not got what another one has shown takes nothing back.
    if let leftAt, stamp?.epoch ?? .zero <= leftAt { return .unknown }
    return .serves
  }

  private func departure(by stamp: Stamp) -> String? {
    guard stamp.epoch > epoch, !rotations.contains(stamp.rotation) else { return nil }
    switch stamp.state {
    case .leaving: return "rotation \(stamp.rotation) goes on without this node"
    case .done: return "rotation \(stamp.rotation) has set a password that this node has no key of"
    // What is only claimed does not go on without a node before it says so.
    case .claimed, .aborted: return nil
    }
  }
}

/// What one domain controller shows of an account.
package enum WatchFinding: Sendable, Equatable {
  /// The stamp is one that the node knows of, and a ticket opens.
  case serves
  /// Clients with its tickets are refused, or will be.
  case departed(String, at: Epoch)
  /// It does not take the node's newest key: it has a newer one, or has not got it yet.
  case keyRefused
  /// It could not be asked, or what it says tells nothing.
  case unknown
}

/// What all of them show.
package enum WatchVerdict: Sendable, Equatable {
  /// The node serves.
  case serves
  /// It was left behind, under this claim.
  case departed(String, at: Epoch)
  /// There is nothing to learn.
  case unknown

  /// Judges what was found, by domain controller.
  ///
  /// - Parameter concludesFromRefusal: See ``WatchTarget/concludesFromRefusal``.
  package init(_ findings: [String: WatchFinding], concludesFromRefusal: Bool) {
    let departures = findings.sorted { $0.key < $1.key }.compactMap { name, finding -> (reason: String, epoch: Epoch)? in
      if case .departed(let reason, let epoch) = finding { ("\(reason) (\(name))", epoch) } else { nil }
    }
    if let last = departures.max(by: { $0.epoch < $1.epoch }) {
      self = .departed(last.reason, at: last.epoch)
    } else if findings.values.contains(.serves) {
      self = .serves
    } else if concludesFromRefusal, findings.values.contains(.keyRefused) {
      self = .departed("no domain controller takes this node's newest key: the password was set since", at: .zero)
    } else {
      self = .unknown
    }
  }
}
