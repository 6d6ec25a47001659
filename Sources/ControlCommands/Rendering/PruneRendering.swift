/// Renders a pruning for people: a block per account.
package struct PruneRendering {
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// The lines of the whole document.
  package func lines(_ document: PruneDocument) -> [String] {
    let blocks = document.accounts.map { account in
      let destroyed = account.keys.count { $0.destroyedAt != nil }
      let verb = document.dryRun ? "would be destroyed" : destroyed == 1 ? "was destroyed" : "were destroyed"
      let count = destroyed == 0 ? "no key" : destroyed == 1 ? "1 key" : "\(destroyed) keys"
      return [style.paint("\(account.account): \(count) \(verb)", .heading)]
        + account.keys.map { "  \(PrunedKeyRendering(time: time, isDryRun: document.dryRun).line($0))" }
        + account.away.map { "  \($0) is away and destroys them when it is back" }
    }
    let lines = blocks.isEmpty ? ["No account is configured."] : Array(blocks.joined(separator: [""]))
    return lines + (document.dryRun ? ["Nothing was changed."] : [])
  }
}
