/// Renders a removal for people.
package struct RemovalRendering {
  /// Makes a renderer.
  package init() {}

  /// What a person is asked about.
  package func plan(_ document: RemovalDocument) -> [String] {
    document.removed.map { "\($0.node), \($0.account): \(keys($0))" } + document.warnings.map { "Warning: \($0)" }
  }

  /// What was done.
  package func lines(_ document: RemovalDocument) -> [String] {
    if document.dryRun { return plan(document) + ["Nothing was changed."] }
    return document.removed.map { "\($0.node) holds no key of \($0.account) any more; destroyed: \(keys($0))" } + [
      "They are given none before asactl credential copy --to them, or the next rotation.",
      "Programs that have read the keytabs before may keep the keys in memory: restart them.",
    ]
  }

  private func keys(_ removed: RemovalDocument.Removed) -> String {
    guard !removed.versions.isEmpty else { return "no key" }
    return "the keys of kvno \(removed.versions.map(String.init).joined(separator: ", "))"
  }
}
