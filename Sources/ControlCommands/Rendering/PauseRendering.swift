/// Renders pauses and their end for people.
package struct PauseRendering {
  private let time: LocalTime

  /// Makes a renderer.
  package init(time: LocalTime) { self.time = time }

  /// `until 2026-11-24 17:00:00+01:00 (in 3 days), since 2026-11-21 17:00:00+01:00: the reason`.
  package func clause(_ pause: PauseDocument) -> String {
    let end = pause.until.map { "until \(time.textWithDistance($0))" } ?? "until it is resumed"
    let beginning = pause.since.map { ", since \(time.text($0))" } ?? ""
    return "\(end)\(beginning): \(pause.reason)"
  }

  /// The lines that follow a pause.
  package func lines(_ paused: PausedDocument) -> [String] {
    let end = paused.until.map { "until \(time.textWithDistance($0))" } ?? "until somebody says asactl resume"
    return [
      "The schedule of \(paused.accounts.joined(separator: ", ")) is paused \(end): \(paused.reason)",
      "No rotation begins by itself meanwhile; asactl rotate goes on working.",
    ]
  }

  /// The lines that follow a resumption.
  package func lines(_ resumed: ResumedDocument) -> [String] {
    guard !resumed.accounts.isEmpty else { return ["Nothing was paused."] }
    return [
      "The schedule of \(resumed.accounts.joined(separator: ", ")) goes on.",
      "A rotation that came due meanwhile is made up for; asactl schedule shows when.",
    ]
  }
}
