/// Renders what becomes of keys.
struct PrunedKeyRendering {
  let time: LocalTime
  /// Whether nothing was changed.
  var isDryRun = false

  /// `kvno 5  until 2026-11-22 03:05:00+01:00 (in 10 hours): tickets under it may be alive`.
  func line(_ key: PrunedKeyDocument) -> String { "kvno \(key.version)  \(state(key)): \(key.reason)" }

  private func state(_ key: PrunedKeyDocument) -> String {
    if let destroyed = key.destroyedAt { return isDryRun ? "would be destroyed" : "destroyed \(time.text(destroyed))" }
    return key.until.map { "stays until \(time.textWithDistance($0))" } ?? "stays"
  }
}
