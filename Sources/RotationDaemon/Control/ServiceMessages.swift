import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf

// Schedule, alarms and health as messages of the control protocol.

extension Asa_Control_V1_SchedulePause {
  init(_ pause: SchedulePause) {
    self.init()
    reason = pause.reason
    since = .init(date: pause.since)
    if let end = pause.until { until = .init(date: end) }
  }
}

extension Asa_Control_V1_AccountSchedule {
  init(_ schedule: AccountDates) {
    self.init()
    account = schedule.account.description
    if let paused = schedule.pause { pause = .init(paused) }
    dates = schedule.dates.map { start in
      .with {
        $0.time = .init(date: start.date)
        $0.reason = start.reasons.joined(separator: "; ")
      }
    }
  }
}

extension Asa_Control_V1_AlarmStatus {
  init(_ alarm: Alarm) {
    self.init()
    outcome = alarm.key.outcome.rawValue
    account = alarm.key.account?.description ?? ""
    subject = alarm.key.subject ?? ""
    message = alarm.record.message
    since = .init(date: alarm.since)
    notices = UInt32(alarm.notices)
    switch alarm.delivery {
    case .pending: break
    case .delivered: delivered = true
    case .failed(let fault): deliveryFault = fault.description
    }
    if let date = alarm.acknowledgedAt { acknowledgedAt = .init(date: date) }
    if let date = alarm.endedAt { resolvedAt = .init(date: date) }
    if let wait = alarm.nextNotice, alarm.acknowledgedAt == nil { nextNotice = .init(date: wait.end) }
  }
}

extension Asa_Control_V1_HealthReply {
  init(_ report: HealthReport) {
    self.init()
    level = report.level.rawValue
    sentence = report.sentence
    findings = report.findings.map { finding in
      .with {
        $0.level = finding.level.rawValue
        $0.subject = finding.subject
        $0.message = finding.message
      }
    }
    performance = report.performance.map(Asa_Control_V1_PerformanceDatum.init)
  }
}

extension Asa_Control_V1_PerformanceDatum {
  init(_ datum: HealthReport.Datum) {
    self.init()
    label = datum.label
    value = datum.value
    unit = datum.unit
    if let limit = datum.warning { warning = limit }
    if let limit = datum.critical { critical = limit }
  }
}
