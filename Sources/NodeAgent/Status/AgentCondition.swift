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
  /// Why the node has gone out of service; `nil` if nothing took it out.
  package var loss: String?

  /// Makes the holdings of a node; without arguments, of one that holds nothing.
  package init(keys: [Key] = [], faults: [OperatorFault] = [], loss: String? = nil) {
    self.keys = keys
    self.faults = faults
    self.loss = loss
  }
}

/// How the link to a rotator stands.
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
  /// The rotators, in the order of the configuration.
  package let rotators: [String]
  /// What the node holds.
  package var holdings = Holdings()
  private var links: [String: LinkState] = [:]

  /// An agent that has just started.
  package init(rotators: [String]) { self.rotators = rotators }

  /// How the link to a rotator stands.
  package func link(to rotator: String) -> LinkState { links[rotator] ?? .unknown }

  /// A rotator accepted the agent.
  package mutating func attached(to rotator: String, at instant: Date) { links[rotator] = .attached(since: instant) }

  /// A connection ended or could not be made. Ends of the same kind, one after another, count from the first.
  package mutating func linkEnded(_ end: LinkEnd, to rotator: String, at instant: Date, nextTry: Date) {
    var since = instant
    if case .down(let last, let first, _) = link(to: rotator), last.isRefusal == end.isRefusal { since = first }
    links[rotator] = .down(end, since: since, nextTry: nextTry)
  }

  /// A rotator is dialled.
  package mutating func dialling(_ rotator: String) {
    if case .down(let end, let since, _) = link(to: rotator) { links[rotator] = .down(end, since: since, nextTry: nil) }
  }

  /// One sentence, true now.
  package var sentence: String {
    guard let rotator = rotators.first, rotators.count == 1 else {
      let reached = rotators.filter { if case .attached = link(to: $0) { true } else { false } }
      let others = rotators.filter { !reached.contains($0) }
      return "\(held), " + (reached + others).map(state).joined(separator: ", ") + kept
    }
    switch link(to: rotator) {
    case .unknown: return "\(held), dialling rotator \(rotator)\(kept)"
    case .attached(let since): return "\(held), attached to \(rotator) since \(Self.text(since))\(kept)"
    case .down(let end, let since, let nextTry):
      let next = nextTry.map { "next try \(Self.text($0))" } ?? "trying again"
      return "\(Self.opening(end)) since \(Self.text(since)) (\(Self.brief(end.fault))), \(next), \(held)\(kept)"
    }
  }

  /// How the link to one of several rotators stands.
  private func state(of rotator: String) -> String {
    switch link(to: rotator) {
    case .unknown: return "dialling \(rotator)"
    case .attached(let since): return "attached to \(rotator) since \(Self.text(since))"
    case .down(let end, let since, let nextTry):
      let next = nextTry.map { "next try \(Self.text($0))" } ?? "trying again"
      return "\(Self.opening(end, of: rotator)) since \(Self.text(since)) (\(end.fault.problem)), \(next)"
    }
  }

  private static func opening(_ end: LinkEnd, of rotator: String) -> String {
    switch end {
    case .refused: "refused by \(rotator)"
    case .lost(let fault): fault.kind == .unavailable ? "no answer from \(rotator)" : "not attached to \(rotator)"
    }
  }

  private var kept: String {
    let parts = (holdings.loss.map { ["out of service: \($0)"] } ?? []) + holdings.faults.map(Self.brief)
    return parts.isEmpty ? "" : "; " + parts.joined(separator: "; ")
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
