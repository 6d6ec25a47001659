/// Renders alarms for people: what, since when, and whether somebody was told.
package struct AlarmRendering {
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// The lines of one alarm.
  package func lines(_ alarm: AlarmDocument) -> [String] {
    let about = [alarm.account ?? "asa-rotatord", alarm.subject].compactMap { $0 }.joined(separator: ", ")
    let outcome = style.paint(alarm.outcome, alarm.resolvedAt == nil ? .bad : .warning)
    return [
      "  \(outcome)  \(about), since \(time.textWithDistance(alarm.since))", "    \(alarm.message)",
      "    \(ending(alarm))\(notices(alarm))",
    ]
  }

  /// The lines that follow an acknowledgement.
  package func lines(_ acknowledged: AcknowledgedDocument) -> [String] {
    guard !acknowledged.alarms.isEmpty else { return ["There was nothing to acknowledge."] }
    let count = acknowledged.alarms.count
    return ["Acknowledged \(count == 1 ? "1 alarm" : "\(count) alarms"):"] + acknowledged.alarms.flatMap(lines)
      + ["Nobody is told of \(count == 1 ? "it" : "them") again unless it happens anew; what is wrong is still wrong."]
  }

  private func ending(_ alarm: AlarmDocument) -> String {
    alarm.resolvedAt.map { "over since \(time.text($0)); " } ?? ""
  }

  private func notices(_ alarm: AlarmDocument) -> String {
    if let time = alarm.acknowledgedAt { return "acknowledged \(self.time.text(time))" }
    let next = alarm.nextNotice.map { ", next \(time.textWithDistance($0))" } ?? ""
    return delivery(alarm) + next
  }

  private func delivery(_ alarm: AlarmDocument) -> String {
    let counted = alarm.notices == 1 ? "1 notice" : "\(alarm.notices) notices"
    if let fault = alarm.deliveryFault { return style.paint("\(counted), the last one reached nobody: \(fault)", .bad) }
    if alarm.delivered { return "\(counted), the last one was delivered" }
    return alarm.notices == 0 ? "no notice was sent yet" : "\(counted), the last one has not ended yet"
  }
}
