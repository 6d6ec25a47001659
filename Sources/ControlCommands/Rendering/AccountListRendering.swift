/// Renders an ``AccountListDocument`` for people.
struct AccountListRendering {
  let time: LocalTime
  let style: TextStyle

  /// A table, and what is to be said about single accounts.
  func lines(_ document: AccountListDocument) -> [String] {
    guard !document.accounts.isEmpty else {
      return ["No account is configured for \(document.realm), and none of the domain carries a stamp."]
    }
    var table = TextTable(headings: ["ACCOUNT", "CONFIGURED", "STATE", "KVNO", "PASSWORD SET", "SPNS", "STAMP"])
    for account in document.accounts { table.append(row(account)) }
    let bound = document.complete ? [] : ["There are more accounts with a stamp than are listed here."]
    return table.lines(style) + document.accounts.flatMap(remarks) + bound
  }

  private func row(_ account: ListedAccountDocument) -> [TextTable.Cell] {
    [
      .init(account.account), .init(account.configured ? "yes" : "no", account.configured ? nil : .warning), state(account),
      .init(account.version.map(String.init) ?? "-"), .init(account.passwordLastSet.map(time.distance) ?? "-"),
      .init(account.distinguishedName == nil ? "-" : "\(account.servicePrincipalNames.count)"),
      .init(account.stamp?.state ?? "-"),
    ]
  }

  private func state(_ account: ListedAccountDocument) -> TextTable.Cell {
    guard let enabled = account.enabled else { return .init("missing", .bad) }
    return enabled ? .init("enabled", .good) : .init("disabled", .bad)
  }

  private func remarks(_ account: ListedAccountDocument) -> [String] {
    if let fault = account.fault { return ["\(account.account): \(style.paint(fault, .bad))"] }
    guard !account.configured, let rotator = account.stamp?.rotator else { return [] }
    return ["\(account.account): rotator \(rotator) has rotated it, and this configuration does not name it"]
  }
}
