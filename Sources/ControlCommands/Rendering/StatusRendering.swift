import Foundation

/// Renders ``StatusDocument`` for people: the alarms, then a block per account, and in it a block per node with its slots, as
/// administrators know them from Windows (`Latest: ...`, `Previous: ... | <Not set>`).
package struct StatusRendering {
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// The lines of the whole document.
  package func lines(_ document: StatusDocument) -> [String] {
    var blocks = document.accounts.map(accountLines)
    if blocks.isEmpty { blocks = [["No account is configured, or none has keys on that node."]] }
    if !document.alarms.isEmpty {
      let alarms = AlarmRendering(time: time, style: style)
      blocks.insert([style.paint("Alarms", .heading)] + document.alarms.flatMap(alarms.lines), at: 0)
    }
    return Array(blocks.joined(separator: [""]))
  }

  private func accountLines(_ account: AccountDocument) -> [String] {
    let heading = style.paint("\(account.account) in \(account.realm)", .heading)
    return [heading] + summary(account) + account.nodes.flatMap { [""] + nodeLines($0, account: account.account) }
  }

  private func summary(_ account: AccountDocument) -> [String] {
    var lines = ["  State:         \(state(account))"]
    if let pause = account.pause { lines.append("  Paused:        \(PauseRendering(time: time).clause(pause))") }
    lines.append("  Next due:      \(time.textWithDistance(account.nextDue))")
    if let since = account.dueSince {
      lines.append("  Due since:     \(style.paint(time.textWithDistance(since), .warning))")
    }
    lines += failures(account)
    lines.append("  Last success:  \(time.textWithDistance(account.lastSuccess))")
    if !account.servicePrincipalNames.isEmpty {
      lines.append("  SPNs:          \(account.servicePrincipalNames.joined(separator: ", "))")
    }
    return lines + properties(account) + controllers(account)
  }

  private func properties(_ account: AccountDocument) -> [String] {
    guard let read = account.properties else { return [] }
    return ["  Account:       \(read.kind), \(read.distinguishedName), password last set \(time.text(read.passwordLastSet))"]
  }

  private func controllers(_ account: AccountDocument) -> [String] {
    account.controllers.enumerated().map { index, controller in
      (index == 0 ? "  Controllers:   " : "                 ") + "\(controller.name)\(controller.writer ? " (written to)" : "")"
        + ": \(standing(controller))"
    }
  }

  private func standing(_ controller: ControllerDocument) -> String {
    let problem = controller.problem.map { ", \($0)" } ?? ""
    guard let since = controller.behindSince else {
      return controller.problem.map { style.paint($0, .warning) } ?? style.paint("up to date", .good)
    }
    return style.paint("behind since \(time.text(since))\(problem)", .bad)
  }

  private func failures(_ account: AccountDocument) -> [String] {
    let count = account.failuresInARow
    let counted = count == 1 ? "1 failure" : "\(count) failures in a row"
    if let next = account.nextTry {
      return ["  Next try:      \(time.textWithDistance(next))" + (count == 0 ? "" : ", after \(counted)")]
    }
    return count == 0 ? [] : ["  Failures:      \(counted)"]
  }

  private func state(_ account: AccountDocument) -> String {
    let phase = style.paint(account.phase, account.phase == "idle" ? nil : .warning)
    return account.detail.map { "\(phase): \($0)" } ?? phase
  }

  private func nodeLines(_ node: NodeSlotsDocument, account: String) -> [String] {
    var lines = ["  \(node.node)  \(connection(node)), \(progress(node))"]
    lines += SlotRendering(time: time, style: style).lines(node.slots, account: account).map { "    \($0)" }
    if !node.keytabs.isEmpty { lines.append("    Keytabs: \(node.keytabs.joined(separator: ", "))") }
    if let fault = node.fault { lines.append("    \(style.paint("Fault: \(fault)", .bad))") }
    return lines
  }

  private func connection(_ node: NodeSlotsDocument) -> String {
    style.paint(node.connection, node.connection == "attached" ? .good : .bad)
  }

  private func progress(_ node: NodeSlotsDocument) -> String {
    if let removed = node.removedAt {
      return style.paint("keys removed, by command, \(time.text(removed))", .warning)
    }
    return node.behind ? style.paint("behind", .bad) : style.paint("up to date", .good)
  }
}
