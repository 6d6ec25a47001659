import RotationCore

/// A program on a node that caches the keytab when it starts.
package struct FakeConsumer: Sendable {
  /// What becomes of it when it is told to load the keytab anew.
  package enum Temper: Sendable {
    /// It does.
    case obedient
    /// It ends with this problem.
    case failing(String)
    /// It never comes back.
    case hanging
  }

  /// How it answers.
  package var temper: Temper
  private var loaded: Set<RotationID>?
  private var held: Set<RotationID> = []
  private var problem: String?

  /// A consumer that has loaded what its node held first.
  package init(_ temper: Temper = .obedient) { self.temper = temper }

  mutating func hold(_ rotations: [RotationID]) {
    held = Set(rotations)
    loaded = loaded?.intersection(held) ?? Set(rotations.filter(\.isAdopted))
    problem = nil
  }

  mutating func takeTurn() -> Bool {
    switch temper {
    case .obedient: loaded = held
    case .failing(let reason): problem = reason
    case .hanging: return false
    }
    return true
  }

  var report: ConsumerReport {
    let isCurrent = loaded?.isSuperset(of: held) ?? true
    let state: ConsumerReport.State = problem != nil ? .failed : isCurrent ? .current : .pending
    return ConsumerReport(name: "dovecot.service", state: state, problem: problem, turnSeconds: 20)
  }
}
