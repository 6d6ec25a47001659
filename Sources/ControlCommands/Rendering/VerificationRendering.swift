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
    var table = TextTable(headings: ["NODE"] + names)
    for node in Set(verdicts.map(\.node)).sorted() {
      let cells = names.map { name in
        verdicts.first { $0.node == node && $0.servicePrincipalName == name }.map(cell) ?? "-"
      }
      table.append([.init(node)] + cells)
    }
    return table
  }

  private func list(_ verdicts: [VerdictDocument]) -> TextTable {
    var table = TextTable(headings: ["NODE", "SPN", "RESULT"])
    for verdict in verdicts { table.append([.init(verdict.node), .init(verdict.servicePrincipalName), cell(verdict)]) }
    return table
  }

  private func cell(_ verdict: VerdictDocument) -> TextTable.Cell {
    let version = verdict.version.map { ", kvno \($0)" } ?? ""
    return verdict.accepted ? .init("accepted\(version)", .good) : .init("REFUSED\(version)", .bad)
  }

  private func refusals(_ verdicts: [VerdictDocument]) -> [String] {
    verdicts.filter { !$0.accepted }.map { verdict in
      "\(verdict.node), \(verdict.servicePrincipalName): \(verdict.error ?? "refused without a reason")"
    }
  }

  private func summary(_ document: VerificationDocument) -> String {
    guard document.accepted + document.refused > 0 else { return style.paint("No node was asked.", .bad) }
    let types = Set(document.verdicts.compactMap(\.encryptionType)).sorted().joined(separator: ", ")
    let counted = "\(document.accepted) accepted, \(document.refused) refused" + (types.isEmpty ? "" : " (\(types))")
    return style.paint(counted, document.allAccepted ? .good : .bad)
  }
}
