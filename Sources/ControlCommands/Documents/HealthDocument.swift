package import ControlProtocol
package import RotationCore

/// How well the rotator is, in the four words of the monitoring-plugin guidelines.
package enum HealthLevel: String, Encodable, Sendable, CaseIterable, Comparable {
  // From good to bad: what could not be found out is worse than good, but no reason to hide what was.

  /// All is well.
  case ok
  /// It could not be found out.
  case unknown
  /// Somebody should look.
  case warning
  /// Somebody must act.
  case critical

  /// The exit code that monitoring reads.
  package var exitCode: Int32 {
    switch self {
    case .ok: 0
    case .warning: 1
    case .critical: 2
    case .unknown: 3
    }
  }

  /// The word on the first line.
  package var word: String { rawValue.uppercased() }

  /// Orders from good to bad.
  package static func < (left: HealthLevel, right: HealthLevel) -> Bool { left.rank < right.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// Reads the wire's word; one that this version does not know is unknown.
  init(wire text: String) { self = HealthLevel(rawValue: text) ?? .unknown }
}

/// What `asactl health --json` prints.
package struct HealthDocument: Encodable, Sendable, Equatable {
  /// The worst that was found.
  package var level: HealthLevel
  /// One line for a person.
  package var sentence: String
  /// What was found, one by one.
  package var findings: [HealthFindingDocument]
  /// Measured values.
  package var performance: [PerformanceDocument]

  /// Reads the daemon's answer. A finding counts even if the daemon's own summary is milder.
  package init(_ reply: Asa_Control_V1_HealthReply) {
    findings = reply.findings.map(HealthFindingDocument.init)
    level = findings.map(\.level).reduce(HealthLevel(wire: reply.level), max)
    sentence = reply.sentence.visibleOrNil ?? "asa-rotatord answered without a summary"
    performance = reply.performance.map(PerformanceDocument.init)
  }

  /// There was no answer: critical, except where the fault is that of the check itself.
  package init(_ fault: OperatorFault) {
    level = [.usage, .permission].contains(fault.kind) ? .unknown : .critical
    sentence = fault.description
    findings = []
    performance = []
  }
}

/// One finding of a ``HealthDocument``.
package struct HealthFindingDocument: Encodable, Sendable, Equatable {
  /// `warning` or `critical`.
  package var level: HealthLevel
  /// The account, the node or the part of the daemon concerned.
  package var subject: String
  /// What is wrong.
  package var message: String

  fileprivate init(_ finding: Asa_Control_V1_HealthFinding) {
    level = HealthLevel(wire: finding.level)
    subject = finding.subject.visible
    message = finding.message.visible
  }
}

/// One measured value of a ``HealthDocument``.
package struct PerformanceDocument: Encodable, Sendable, Equatable {
  /// What was measured.
  package var label: String
  /// The value; `null` if it is not known.
  @NullIfAbsent package var value: Double?
  /// `s`, `%`, `c` (a counter) or `null`.
  @NullIfAbsent package var unit: String?
  /// Where the warning begins.
  @NullIfAbsent package var warning: Double?
  /// Where the critical begins.
  @NullIfAbsent package var critical: Double?

  fileprivate init(_ datum: Asa_Control_V1_PerformanceDatum) {
    // JSON has no infinities; a value that is not a number was not measured.
    let finite = { (value: Double) in value.isFinite ? value : nil }
    label = datum.label.visible
    value = finite(datum.value)
    unit = ["s", "%", "c"].contains(datum.unit) ? datum.unit : nil
    warning = datum.hasWarning ? finite(datum.warning) : nil
    critical = datum.hasCritical ? finite(datum.critical) : nil
  }
}
