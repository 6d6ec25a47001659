import RotationCore

/// Renders ``HistoryDocument`` for people: one line per record, the newest at the end.
package struct HistoryRendering {
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// The lines of the whole document.
  package func lines(_ document: HistoryDocument) -> [String] {
    guard !document.records.isEmpty else { return ["Nothing is recorded yet."] }
    var table = TextTable(headings: ["TIME", "EVENT", "ACCOUNT", "KVNO", "MESSAGE"])
    for record in document.records { table.append(row(record)) }
    return table.lines(style)
  }

  private func row(_ record: HistoryEntry) -> [TextTable.Cell] {
    [
      .init(time.text(record.time)), .init(record.kind, tint(record.kind)), .init(record.account ?? "-"),
      .init(record.version.map(String.init) ?? "-"), .init(message(record)),
    ]
  }

  private func message(_ record: HistoryEntry) -> String {
    guard record.passwordChanged == false else { return record.message }
    return "\(record.message) (password not changed)"
  }

  private func tint(_ kind: String) -> TextStyle.Tint? {
    guard let kind = RecordKind(rawValue: kind) else { return nil }
    switch kind.alarm {
    case .degraded, .overdue, .behind: return .warning
    case .failed, .stalled, .unknown, .drift, .store: return .bad
    case nil: return kind == .rotationSucceeded ? .good : nil
    }
  }
}
