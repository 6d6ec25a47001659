/// Renders the keys of a node for people.
package struct CredentialRendering {
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// A block per account.
  package func lines(_ document: CredentialDocument) -> [String] {
    let blocks = document.accounts.map { account in
      [style.paint("\(account.account) on \(document.node)", .heading), "  \(account.connection), \(standing(account))"]
        + SlotRendering(time: time, style: style, isDetailed: true).lines(account.slots, account: account.account).map {
          "  \($0)"
        }
        + (account.keytabs.isEmpty ? [] : ["  Keytabs: \(account.keytabs.joined(separator: ", "))"])
        + (account.fault.map { ["  \(style.paint("Fault: \($0)", .bad))"] } ?? [])
    }
    return blocks.isEmpty ? ["\(document.node) holds the keys of no account."] : Array(blocks.joined(separator: [""]))
  }

  private func standing(_ account: CredentialDocument.Account) -> String {
    if let removed = account.removedAt { return style.paint("keys removed, by command, \(time.text(removed))", .warning) }
    return account.behind ? style.paint("behind", .bad) : style.paint("up to date", .good)
  }
}
