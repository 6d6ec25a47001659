/// Renders ``VerificationDocument`` for people: nodes down, SPNs across, as long as that fits the screen.
package struct VerificationRendering {
  private let columns: Int?
  private let style: TextStyle

  /// Makes a renderer for a screen of so many columns; `nil`: as wide as needed.
  package init(columns: Int?, style: TextStyle) {
    self.columns = columns
    self.style = style
  }

  /// The lines of the whole document.
  package func lines(_ document: VerificationDocument) -> [String] {
    let matrix = matrix(document.verdicts)
    let fits = columns.map { matrix.width <= $0 } ?? true
    let table = fits ? matrix : list(document.verdicts)
    return (document.verdicts.isEmpty ? [] : table.lines(style)) + refusals(document.verdicts) + ["", summary(document)]
  }

  private func matrix(_ verdicts: [VerdictDocument]) -> TextTable {
    let names = Set(verdicts.map(\.servicePrincipalName)).sorted()
    let controllers = Set(verdicts.compactMap(\.domainController)).sorted()
    var table = TextTable(headings: ["NODE"] + (controllers.isEmpty ? [] : ["TICKETS OF"]) + names)
    for node in Set(verdicts.map(\.node)).sorted() {
      for controller in controllers.isEmpty ? [nil] : controllers.map(Optional.some) {
        let cells = names.map { name in
          verdicts.first { $0.node == node && $0.servicePrincipalName == name && $0.domainController == controller }.map(cell)
            ?? "-"
        }
        table.append([.init(node)] + [controller.map { .init($0) }].compactMap(\.self) + cells)
      }
    }
    return table
  }

  private func list(_ verdicts: [VerdictDocument]) -> TextTable {
    let isFull = verdicts.contains { $0.domainController != nil }
    var table = TextTable(headings: ["NODE", "SPN"] + (isFull ? ["TICKETS OF"] : []) + ["RESULT"])
    for verdict in verdicts {
      table.append(
        [.init(verdict.node), .init(verdict.servicePrincipalName)] + (isFull ? [.init(verdict.domainController ?? "-")] : [])
          + [cell(verdict)])
    }
    return table
  }

  private func cell(_ verdict: VerdictDocument) -> TextTable.Cell {
    let version = verdict.version.map { ", kvno \($0)" } ?? ""
    return verdict.accepted ? .init("accepted\(version)", .good) : .init("REFUSED\(version)", .bad)
  }

  private func refusals(_ verdicts: [VerdictDocument]) -> [String] {
    verdicts.filter { !$0.accepted }.map { verdict in
      "\(verdict.node), \(verdict.servicePrincipalName)\(verdict.domainController.map { " of \($0)" } ?? ""): \(verdict.error ?? "refused without a reason")"
    }
  }

  private func summary(_ document: VerificationDocument) -> String {
    guard document.accepted + document.refused > 0 else { return style.paint("No node was asked.", .bad) }
    let types = Set(document.verdicts.compactMap(\.encryptionType)).sorted().joined(separator: ", ")
    let counted = "\(document.accepted) accepted, \(document.refused) refused" + (types.isEmpty ? "" : " (\(types))")
    return style.paint(counted, document.allAccepted ? .good : .bad)
  }
}
