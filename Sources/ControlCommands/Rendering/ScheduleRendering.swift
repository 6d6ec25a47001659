/// Renders ``ScheduleDocument`` for people: a block per account, a pause before the dates.
package struct ScheduleRendering {
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// The lines of the whole document.
  package func lines(_ document: ScheduleDocument) -> [String] {
    guard !document.accounts.isEmpty else { return ["No account is configured; name them under accounts in rotator.yaml."] }
    return Array(document.accounts.map(accountLines).joined(separator: [""]))
  }

  private func accountLines(_ account: AccountScheduleDocument) -> [String] {
    [style.paint(account.account, .heading)] + pauseLines(account.pause) + dateLines(account.dates)
  }

  private func pauseLines(_ pause: PauseDocument?) -> [String] {
    pause.map { ["  \(style.paint("Paused", .warning)) \(PauseRendering(time: time).clause($0))"] } ?? []
  }

  private func dateLines(_ dates: [ScheduledDateDocument]) -> [String] {
    guard !dates.isEmpty else { return ["  No rotation is scheduled."] }
    var table = TextTable(headings: ["BEGINS", "DISTANCE", "REASON"])
    for date in dates {
      table.append([.init(time.text(date.time)), .init(date.time.map(time.distance) ?? "-"), .init(date.reason)])
    }
    return table.lines(style, indent: "  ")
  }
}
