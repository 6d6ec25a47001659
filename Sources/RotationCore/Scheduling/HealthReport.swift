import Foundation

/// The state of everything in one word, with what is wrong and numbers to graph, for a monitoring system.
package struct HealthReport: Sendable, Equatable {
  /// The levels of the monitoring-plugin convention.
  package enum Level: String, Sendable, Comparable {
    /// Nothing is wrong.
    case ok
    /// Somebody should look at it.
    case warning
    /// Somebody must act.
    case critical

    /// Worse is more.
    package static func < (one: Level, other: Level) -> Bool { one.rank < other.rank }

    private var rank: Int {
      switch self {
      case .ok: 0
      case .warning: 1
      case .critical: 2
      }
    }
  }

  /// One thing that is wrong.
  package struct Finding: Sendable, Equatable {
    /// How bad.
    package var level: Level
    /// The account, the node or the part of the daemon.
    package var subject: String
    /// What, in one sentence.
    package var message: String
  }

  /// One number.
  package struct Datum: Sendable, Equatable {
    /// Its name.
    package var label: String
    /// Its value.
    package var value: Double
    /// `s`, or empty for a count.
    package var unit: String
    /// From which value on it is a warning.
    package var warning: Double?
    /// From which value on it is critical.
    package var critical: Double?
  }

  /// What is wrong, worst first.
  package var findings: [Finding]
  /// What is true when nothing is.
  package var calm: String
  /// The numbers.
  package var performance: [Datum]

  /// The worst finding's level.
  package var level: Level { findings.map(\.level).max() ?? .ok }

  /// One line.
  package var sentence: String {
    guard let worst = findings.first else { return calm }
    let more = findings.count > 1 ? " (and \(findings.count - 1) more)" : ""
    return worst.message + more
  }
}

/// Everything that health is judged by.
struct HealthInput: Sendable {
  var now: Date
  var storeFault: OperatorFault?
  var accounts: [AccountSnapshot]
  var nodes: [FleetNodeSnapshot]
  var alarms: [Alarm]
  /// When the rotator's own certificate expires.
  var certificateNotAfter: Date?
  var calm: String
}

extension HealthReport {
  /// Judges.
  init(_ input: HealthInput) {
    var findings: [Finding] = []
    if let fault = input.storeFault {
      findings.append(Finding(level: .critical, subject: "store", message: "the store refuses writes: \(fault)"))
    }
    findings += input.alarms.filter { $0.endedAt == nil && $0.key.outcome != .store }.map(Self.finding)
    findings += input.accounts.flatMap(Self.findings)
    findings += input.nodes.flatMap { Self.findings(about: $0, alarms: input.alarms, at: input.now) }
    findings += Self.expiry(of: "the rotator's certificate", at: input.certificateNotAfter, now: input.now)
    self.findings = findings.sorted { $0.level > $1.level }
    calm = input.calm
    performance = Self.performance(input)
  }

  private static func finding(_ alarm: Alarm) -> Finding {
    let isMild =
      alarm.acknowledgedAt != nil || [.degraded, .behind].contains(alarm.key.outcome) || alarm.record.isMomentary
    let reached: String =
      if case .failed = alarm.delivery { " (and nobody could be told)" } else { "" }
    return Finding(
      level: isMild && reached.isEmpty ? .warning : .critical, subject: alarm.key.account?.description ?? "asa-rotatord",
      message: alarm.record.message + reached)
  }

  private static func findings(about account: AccountSnapshot) -> [Finding] {
    var findings: [Finding] = []
    let subject = account.account.description
    if let fault = account.gateFault {
      findings.append(Finding(level: .critical, subject: subject, message: "nothing is pushed for \(subject): \(fault)"))
    }
    if let pause = account.pause {
      findings.append(
        Finding(level: .warning, subject: subject, message: "the schedule of \(subject) is paused: \(pause.reason)"))
    }
    return findings
  }

  private static func findings(about node: FleetNodeSnapshot, alarms: [Alarm], at now: Date) -> [Finding] {
    let name = node.node.description
    var findings = expiry(of: "the certificate of \(name)", at: node.attachment?.certificateNotAfter, now: now)
    let isAlarmed = alarms.contains { $0.key.subject == name && $0.endedAt == nil }
    if !isAlarmed, node.isMissing {
      findings.append(Finding(level: .warning, subject: name, message: "\(name) is not attached"))
    } else if !isAlarmed, let fault = node.fault {
      findings.append(Finding(level: .warning, subject: name, message: "\(name): \(fault)"))
    }
    return findings
  }

  private static func expiry(of subject: String, at end: Date?, now: Date) -> [Finding] {
    guard let end else { return [] }
    let days = end.timeIntervalSince(now) / 86_400
    guard days < 30 else { return [] }
    let text = days < 0 ? "expired" : "expires in \(Int(days)) days"
    return [Finding(level: days < 7 ? .critical : .warning, subject: subject, message: "\(subject) \(text)")]
  }

  private static func performance(_ input: HealthInput) -> [Datum] {
    let unattached = input.nodes.count(where: \.isMissing)
    let behind = Set(input.accounts.flatMap { $0.nodes.filter(\.isBehind).map(\.node) }).count
    return [
      Datum(label: "alarms", value: Double(input.alarms.count { $0.endedAt == nil }), unit: "", warning: 0),
      Datum(label: "nodes_unattached", value: Double(unattached), unit: "", warning: 0),
      Datum(label: "nodes_behind", value: Double(behind), unit: "", warning: 0),
    ] + input.accounts.flatMap { performance($0, at: input.now) }
  }

  private static func performance(_ account: AccountSnapshot, at now: Date) -> [Datum] {
    let success = account.lastSuccess.map {
      Datum(label: "\(account.account) since_success", value: now.timeIntervalSince($0).rounded(), unit: "s")
    }
    return [success].compactMap(\.self) + [
      Datum(label: "\(account.account) due_in", value: account.nextDue.timeIntervalSince(now).rounded(), unit: "s")
    ]
  }
}

extension FleetNodeSnapshot {
  /// Whether it should be attached and is not.
  fileprivate var isMissing: Bool { exclusion == nil && (connection == .detached || connection == .neverSeen) }
}
