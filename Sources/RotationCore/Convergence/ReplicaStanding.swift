package import Foundation

/// What is known of a domain controller beside the writer, for one account.
package struct ReplicaStanding: Sendable, Equatable, Codable {
  /// Since when it may issue tickets under an older key than Latest; `nil`: it does not.
  package var behindSince: Date?
  /// What was wrong when it was last asked.
  package var problem: String?
  /// Whether the directory lists it under this name: then it is gone when it does so no more.
  var isListed: Bool?
  /// Whether it is gone: nothing waits for it until it answers again.
  var isGone: Bool?
  /// Whether it issues tickets under a key that is none of ours, and that is told.
  var isForeign: Bool?

  /// One of which nothing is wrong.
  package init() {}

  /// It issues tickets under Latest.
  mutating func isInOrder() { (behindSince, problem, isForeign, isGone) = (nil, nil, nil, nil) }
}

extension AccountRecord {
  /// The known domain controllers beside the writer, by name.
  package var replicaNames: [String] { (replicas ?? [:]).keys.sorted() }

  /// The domain controllers that have to come to issue tickets under the next key: these, and those that an older one waits for; `nil`: none.
  func awaited(_ names: [String], beside writer: DirectoryServer) -> [String]? {
    let all = Set(names).union(ledger.laggards).filter { !writer.isNamed($0) && replicas?[$0]?.isGone != true }
    return all.isEmpty ? nil : all.sorted()
  }

  /// Those that are known and not gone.
  var livingReplicas: [String] { replicaNames.filter { replicas?[$0]?.isGone != true } }

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
  ///
  /// - Returns: What is to be told: one that was on record as behind is not any more.
  mutating func noteConvergence(of machine: RotationMachine, at now: SlotLedger.Supersession) -> [OutcomeRecord] {
    var records: [OutcomeRecord] = []
    for name in machine.plan.replicas ?? [] {
      if machine.converged?.contains(name) == true {
        ledger.controllerConverged(name, on: machine.plan.slot, at: now)
        if replicas?[name]?.behindSince != nil, let latest = ledger.latest {
          records.append(converged(name, latest, at: now.time))
        }
        replicas?[name]?.isInOrder()
      } else if ledger.laggards.contains(name) {
        let since = replicas?[name]?.behindSince
        replicas?[name]?.behindSince = since ?? now.time
      }
    }
    return records
  }
}
