package import Foundation

/// What is known of a domain controller beside the writer, for one account.
package struct ReplicaStanding: Sendable, Equatable, Codable {
  /// Since when it may issue tickets under an older key than Latest; `nil`: it does not.
  package var behindSince: Date?
  /// What was wrong when it was last asked.
  package var problem: String?
  /// Whether the directory lists it under this name: then it is gone when it does so no more.
  var isListed: Bool?

  /// One of which nothing is wrong.
  package init() {}
}

extension AccountRecord {
  /// The known domain controllers beside the writer, by name.
  package var replicaNames: [String] { (replicas ?? [:]).keys.sorted() }

  /// These are the domain controllers beside the writer from now on.
  mutating func replicasWereListed(_ names: [String], in listed: [ListedController]) {
    let known = Set(listed.map(\.dnsHostName.comparableHostName))
    var standings: [String: ReplicaStanding] = [:]
    // One that the configuration names no more may go on issuing tickets under an old key.
    for name in Set(names).union(ledger.laggards) {
      standings[name] = replicas?[name] ?? ReplicaStanding()
      if known.contains(name) { standings[name]?.isListed = true }
    }
    replicas = standings.isEmpty ? nil : standings
  }

  /// A rotation that has set the password is over; the domain controllers that it did not wait for have their keys kept.
  mutating func noteConvergence(of machine: RotationMachine, at now: SlotLedger.Supersession) {
    for name in machine.plan.replicas ?? [] {
      if machine.converged?.contains(name) == true {
        ledger.controllerConverged(name, on: machine.plan.slot, at: now)
        replicas?[name]?.behindSince = nil
        replicas?[name]?.problem = nil
      } else if ledger.laggards.contains(name) {
        let since = replicas?[name]?.behindSince
        replicas?[name]?.behindSince = since ?? now.time
      }
    }
  }
}
