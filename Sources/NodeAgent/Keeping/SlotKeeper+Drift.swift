import RotationCore

extension SlotKeeper {
  /// Looks at the keytabs and repairs those that somebody else has changed; the rotators are told of it.
  package func healDrift() {
    let news = adoptAgain()
    let deviations = keytabs.deviations(from: accounts)
    let states = keytabs.install(accounts)
    let changed = states.filter { path, state in
      // A repaired file is always news; otherwise only a fault that came or went is.
      state == .written || (state != keytabStates[path] && (state.isFaulty || keytabStates[path]?.isFaulty == true))
    }
    note(states, because: .drift)
    keepDrift(deviations, healed: states)
    let paths = Set(changed.keys)
    let drifted = accounts.map(\.account).filter { !paths.isDisjoint(with: keytabs.paths(of: $0)) }
    guard rotators.isAnyAttached else { return }
    for account in news.union(drifted) { rotators.send(newsReport(on: account)) }
  }

  /// Remembers what was found and put right, until a rotator has been told.
  func keepDrift(_ deviations: [String: KeytabDeviation], healed states: [String: ManagedKeytabs.State]) {
    for (path, deviation) in deviations.sorted(by: { $0.key < $1.key }) where states[path] == .written {
      let drift = KeytabDrift(path: path, kind: deviation.kind, problem: deviation.problem, foundAt: now())
      for account in accounts.map(\.account) where keytabs.paths(of: account).contains(path) {
        untoldDrift[account] = Array(((untoldDrift[account] ?? []) + [drift]).suffix(Self.driftLimit))
      }
    }
  }

  /// As many as one report carries; older ones are in this node's journal alone.
  private static let driftLimit = 16

  /// What the node holds, with what a rotator has not been told of yet.
  func newsReport(on account: AccountName) -> NodeReport {
    var report = report(on: account)
    report.drift = untoldDrift.removeValue(forKey: account) ?? []
    return report
  }
}
