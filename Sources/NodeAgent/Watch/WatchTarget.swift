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
  /// Of the last order that was carried out.
  package var epoch: Epoch
  /// Whose slots are held.
  package var rotations: Set<RotationID>

  /// Why a stamp says that a rotation goes on, or has ended, without this node; `nil` if it does not.
  package func departure(by raw: String?) -> String? {
    guard let stamp = raw.flatMap(Stamp.init), stamp.epoch > epoch, !rotations.contains(stamp.rotation) else { return nil }
    switch stamp.state {
    case .claimed: return "rotation \(stamp.rotation) is under way and has not reached this node"
    case .done: return "rotation \(stamp.rotation) has set a password that this node has no key of"
    case .aborted: return nil
    }
  }
}

/// What one domain controller shows of an account.
package enum WatchFinding: Sendable, Equatable {
  /// The stamp is one that the node knows of, and a ticket opens.
  case serves
  /// Clients with its tickets are refused, or will be.
  case departed(String)
  /// It does not take the node's newest key.
  case keyRefused
  /// It could not be asked.
  case unknown
}

/// What all of them show.
package enum WatchVerdict: Sendable, Equatable {
  /// The node serves.
  case serves
  /// It does not.
  case departed(String)
  /// There is nothing to learn.
  case unknown

  /// Judges what was found.
  ///
  /// - Parameters:
  ///   - findings: By domain controller.
  ///   - mayWrite: Whether it may be the one that passwords are set on. Another one that does not take the newest key is behind: it issues under an
  ///     older one, which the node still holds.
  package init(_ findings: [String: WatchFinding], mayWrite: (String) -> Bool) {
    let reasons = findings.sorted { $0.key < $1.key }.compactMap { name, finding -> String? in
      switch finding {
      case .departed(let reason): "\(reason) (\(name))"
      case .keyRefused where mayWrite(name): "\(name) does not take this node's newest key: the password was set since"
      case .keyRefused, .serves, .unknown: nil
      }
    }
    if let reason = reasons.first {
      self = .departed(reason)
    } else {
      self = findings.values.contains(.serves) ? .serves : .unknown
    }
  }
}
