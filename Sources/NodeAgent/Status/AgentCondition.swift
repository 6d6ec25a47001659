package import Foundation
package import RotationCore

/// What the node holds, in so far as a person wants to know.
package struct Holdings: Sendable, Equatable {
  /// One account.
  package struct Key: Sendable, Equatable {
    /// The account.
    package var account: AccountName
    /// The kvno of its Latest key; `nil` if no key of it is known to be in use.
    package var version: KeyVersion?

    /// Makes an entry.
    package init(account: AccountName, version: KeyVersion?) {
      self.account = account
      self.version = version
    }
  }

  /// The accounts that the node holds slots of.
  package var keys: [Key]
  /// What keeps keytabs from being in order.
  package var faults: [OperatorFault]

  /// Makes the holdings of a node; without arguments, of one that holds nothing.
  package init(keys: [Key] = [], faults: [OperatorFault] = []) {
    self.keys = keys
    self.faults = faults
  }
}

/// How the link to the rotator stands.
package enum LinkState: Sendable, Equatable {
  /// It has not been tried yet.
  case unknown
  /// The rotator has accepted the agent.
  case attached(since: Date)
  /// There is none; without a time for the next try, that is under way.
  case down(LinkEnd, since: Date, nextTry: Date?)
}

/// Everything that `systemctl status` says of an agent, as a value.
package struct AgentCondition: Sendable, Equatable {
  /// The rotator's name.
  package let rotator: String
  /// What the node holds.
  package var holdings = Holdings()
  /// How the link stands.
  package private(set) var link = LinkState.unknown

  /// An agent that has just started.
  package init(rotator: String) { self.rotator = rotator }

  /// The rotator accepted the agent.
  package mutating func attached(at instant: Date) { link = .attached(since: instant) }

  /// A connection ended or could not be made. Ends of the same kind, one after another, count from the first.
  package mutating func linkEnded(_ end: LinkEnd, at instant: Date, nextTry: Date) {
    var since = instant
    if case .down(let last, let first, _) = link, last.isRefusal == end.isRefusal { since = first }
    link = .down(end, since: since, nextTry: nextTry)
  }

  /// The rotator is dialled.
  package mutating func dialling() {
    if case .down(let end, let since, _) = link { link = .down(end, since: since, nextTry: nil) }
  }

  /// One sentence, true now.
  package var sentence: String {
    let kept = holdings.faults.isEmpty ? "" : "; " + holdings.faults.map(Self.brief).joined(separator: "; ")
    switch link {
    case .unknown: return "\(held), dialling rotator \(rotator)\(kept)"
    case .attached(let since): return "\(held), attached to \(rotator) since \(Self.text(since))\(kept)"
    case .down(let end, let since, let nextTry):
      let next = nextTry.map { "next try \(Self.text($0))" } ?? "trying again"
      return "\(Self.opening(end)) since \(Self.text(since)) (\(Self.brief(end.fault))), \(next), \(held)\(kept)"
    }
  }

  private var held: String {
    guard !holdings.keys.isEmpty else { return "holds no key yet" }
    let shown = holdings.keys.prefix(4).map { key in
      key.version.map { "kvno \($0) of \(key.account)" } ?? "no proven key of \(key.account)"
    }
    let more = holdings.keys.count - shown.count
    return "holds " + shown.joined(separator: ", ") + (more > 0 ? " and keys of \(more) more accounts" : "")
  }

  private static func opening(_ end: LinkEnd) -> String {
    switch end {
    case .refused: "refused by the rotator"
    case .lost(let fault): fault.kind == .unavailable ? "no rotator answers" : "not attached"
    }
  }

  private static func brief(_ fault: OperatorFault) -> String { "\(fault.subject): \(fault.problem)" }

  private static func text(_ instant: Date) -> String { instant.formatted(.iso8601) }
}
