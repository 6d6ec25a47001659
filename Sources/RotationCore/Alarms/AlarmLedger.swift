package import Foundation

/// The alarms that stand, and when somebody is told of them again. Pure: records in, notices out, time as an argument.
///
/// An alarm is raised by a record, told at once, told again with growing pauses, and ends when its condition does, but not before it has reached
/// somebody once. An acknowledged one is told no more until a new record raises it anew.
package struct AlarmLedger: Sendable, Equatable, Codable {
  /// What one alarm is about.
  package struct Key: Sendable, Hashable, Codable {
    /// The account; `nil` for the daemon itself.
    package var account: AccountName?
    /// The kind of trouble.
    package var outcome: AlarmOutcome
    /// The node, the domain controller or the part concerned, if the trouble is with one.
    package var subject: String?

    /// Makes a key from its parts.
    package init(account: AccountName?, outcome: AlarmOutcome, subject: String? = nil) {
      self.account = account
      self.outcome = outcome
      self.subject = subject
    }
  }

  /// The alarms, oldest first.
  package private(set) var alarms: [Alarm] = []

  /// No alarm.
  package init() {}
}

// MARK: - Records

extension AlarmLedger {
  /// Takes a record: it raises an alarm, ends some, or concerns none.
  package mutating func took(_ record: OutcomeRecord) {
    end(where: { record.ends($0) }, at: record.time)
    if let account = record.account, [.nodeRecovered, .nodeRefused, .nodeExcluded].contains(record.kind) {
      nodesLeft(record.nodes, of: account, at: record.time)
    }
    if record.kind == .controllerConverged, let account = record.account, let name = record.domainController {
      controllerLeft(name, of: account, at: record.time)
    }
    for key in record.alarmKeys { raise(key, by: record) }
  }

  /// Forgets what is over although nobody was told: there is nobody to tell.
  package mutating func forgetEnded() { alarms.removeAll { $0.endedAt != nil } }

  /// Ends an alarm whose end is no record of its own.
  package mutating func end(_ key: Key, at now: Date) {
    end(where: { $0.key == key }, at: now)
  }

  private mutating func raise(_ key: Key, by record: OutcomeRecord) {
    guard let index = alarms.firstIndex(where: { $0.key == key && $0.endedAt == nil }) else {
      alarms.removeAll { $0.key == key }
      alarms.append(Alarm(key: key, record: record, since: record.time))
      return
    }
    alarms[index].record = record
    alarms[index].acknowledgedAt = nil
    alarms[index].nextNotice = nil
  }

  private mutating func end(where fits: (Alarm) -> Bool, at now: Date) {
    for index in alarms.indices where alarms[index].endedAt == nil && fits(alarms[index]) { alarms[index].endedAt = now }
    dropFinished()
  }

  /// A rotation that set the password is whole when the last node that its record named has caught up, or is nobody's concern any more.
  package mutating func nodesLeft(_ nodes: [NodeName], of account: AccountName, at now: Date) {
    shrink(of: account, at: now) { record in record.nodes.removeAll { nodes.contains($0) } }
  }

  /// The same for the domain controllers that it named.
  mutating func controllerLeft(_ name: String, of account: AccountName, at now: Date) {
    shrink(of: account, at: now) { record in
      let left = record.controllers?.filter { $0 != name } ?? []
      record.controllers = left.isEmpty ? nil : left
    }
  }

  /// Takes away from what the record of a changed password names; an alarm that names nothing any more is over.
  private mutating func shrink(of account: AccountName, at now: Date, _ take: (inout OutcomeRecord) -> Void) {
    for index in alarms.indices where alarms[index].endedAt == nil && alarms[index].key.account == account {
      guard alarms[index].record.passwordChanged == true, alarms[index].record.namesLaggards else { continue }
      take(&alarms[index].record)
      if !alarms[index].record.namesLaggards { alarms[index].endedAt = now }
    }
    dropFinished()
  }

  private mutating func dropFinished() {
    alarms.removeAll { $0.endedAt != nil && ($0.delivery == .delivered || $0.acknowledgedAt != nil) }
  }
}

// MARK: - Notices

extension AlarmLedger {
  /// The alarm that somebody must be told of now, the longest-standing first; `nil` if there is none.
  package func dueNotice(at now: Date) -> AlarmNotice? {
    alarms.first { $0.isNoticeDue(at: now) }.map { alarm in
      AlarmNotice(outcome: alarm.key.outcome, record: alarm.record, since: alarm.since, count: alarm.notices + 1)
    }
  }

  /// Takes the result of a notice and sets when the next one is due.
  ///
  /// - Parameter fault: Why it reached nobody; `nil` if it did.
  package mutating func noticeEnded(_ notice: AlarmNotice, fault: OperatorFault?, at now: Date) {
    for index in alarms.indices where notice.record.alarmKeys.contains(alarms[index].key) {
      // A newer record has raised it anew meanwhile: that one is still to be told.
      guard alarms[index].record.time == notice.record.time, alarms[index].record.message == notice.record.message else {
        continue
      }
      alarms[index].noticeEnded(fault: fault, at: now)
    }
    dropFinished()
  }

  /// Ends the repetition of the alarms of an account, or of all, with these outcomes, or with any.
  ///
  /// - Returns: The alarms that this acknowledged.
  package mutating func acknowledge(account: AccountName?, outcomes: Set<AlarmOutcome>, at now: Date) -> [Alarm] {
    var acknowledged: [Alarm] = []
    for index in alarms.indices where alarms[index].acknowledgedAt == nil {
      let alarm = alarms[index]
      guard account == nil || alarm.key.account == account, outcomes.isEmpty || outcomes.contains(alarm.key.outcome) else {
        continue
      }
      alarms[index].acknowledgedAt = now
      if alarm.record.isMomentary { alarms[index].endedAt = now }
      acknowledged.append(alarms[index])
    }
    dropFinished()
    return acknowledged
  }
}

// MARK: - Which record concerns which alarm

extension OutcomeRecord {
  /// The alarms that this record raises.
  var alarmKeys: [AlarmLedger.Key] {
    guard let outcome = kind.alarm else { return [] }
    switch kind {
    case .nodeBehind: return nodes.map { AlarmLedger.Key(account: account, outcome: outcome, subject: $0.description) }
    case .controllerBehind: return [AlarmLedger.Key(account: account, outcome: outcome, subject: domainController)]
    case .storeBehind: return [.storeBehind(account)]
    default: return [AlarmLedger.Key(account: account, outcome: outcome)]
    }
  }

  /// Whether this record says that an alarm's condition is over.
  func ends(_ alarm: Alarm) -> Bool {
    if kind == .rotationSucceeded, alarm.record.isMomentary { return true }
    guard alarm.key.account == account else { return false }
    return switch kind {
    case .rotationSucceeded: true
    case .rotationDegraded: alarm.key.outcome != .degraded && !concerns(alarm)
    case .rotationFailed: [.stalled, .unknown].contains(alarm.key.outcome)
    case .nodeRecovered, .nodeRefused, .nodeExcluded, .credentialRemoved: alarm.key.outcome == .behind && concerns(alarm)
    case .controllerConverged: alarm.key.outcome == .behind && alarm.key.subject == domainController
    case .driftEnded: alarm.key.outcome == .drift
    case .storeWritable: alarm.key.outcome == .store
    case .accountTakenOver, .credentialAdopted: alarm.key == .storeBehind(account)
    default: false
    }
  }

  /// Whether what it tells was over with the restart that followed: it stands until somebody has taken notice, or a rotation has shown that
  /// all is well.
  var isMomentary: Bool { kind == .daemonInterrupted || kind == .rotationStalled && rotation == nil }

  /// Whether it names nodes or domain controllers that have to come up with a new password.
  fileprivate var namesLaggards: Bool { !nodes.isEmpty || controllers != nil }

  /// Whether this record names the node that an alarm is about.
  private func concerns(_ alarm: Alarm) -> Bool { nodes.contains { $0.description == alarm.key.subject } }
}

extension AlarmLedger.Key {
  /// A node is behind.
  package static func behind(_ account: AccountName, _ node: NodeName) -> AlarmLedger.Key {
    AlarmLedger.Key(account: account, outcome: .behind, subject: node.description)
  }

  /// A domain controller is behind.
  static func behind(_ account: AccountName, controller: String) -> AlarmLedger.Key {
    AlarmLedger.Key(account: account, outcome: .behind, subject: controller)
  }

  /// The store and the directory do not fit.
  package static func storeBehind(_ account: AccountName?) -> AlarmLedger.Key {
    AlarmLedger.Key(account: account, outcome: .behind, subject: "store")
  }
}
