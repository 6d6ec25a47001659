/// Rows in columns that are as wide as their widest cell, two spaces apart.
package struct TextTable {
  /// One cell: its text, and how it is emphasised.
  package struct Cell: ExpressibleByStringInterpolation {
    /// The text, without escape sequences.
    package var text: String
    /// The emphasis.
    package var tint: TextStyle.Tint?

    /// Makes a cell.
    package init(_ text: String, _ tint: TextStyle.Tint? = nil) {
      self.text = text
      self.tint = tint
    }

    /// Makes a cell without emphasis.
    package init(stringLiteral text: String) { self.init(text) }
  }

  private var rows: [[Cell]]

  /// Starts a table with its headings.
  package init(headings: [String]) { rows = [headings.map { Cell($0, .heading) }] }

  /// Adds a row.
  package mutating func append(_ row: [Cell]) { rows.append(row) }

  /// The width of the widest line in columns.
  package var width: Int {
    let widths = columnWidths
    return widths.reduce(0, +) + 2 * max(0, widths.count - 1)
  }

  /// The lines, headings first, without trailing spaces.
  package func lines(_ style: TextStyle, indent: String = "") -> [String] {
    let widths = columnWidths
    return rows.map { row in
      let last = row.lastIndex { !$0.text.isEmpty } ?? 0
      let cells = row.prefix(last + 1).enumerated().map { index, cell in
        let padding = index == last ? 0 : widths[index] - cell.text.count
        return style.paint(cell.text, cell.tint) + String(repeating: " ", count: padding)
      }
      return indent + cells.joined(separator: "  ")
    }
  }

  private var columnWidths: [Int] {
    (0..<(rows.map(\.count).max() ?? 0)).map { column in
      rows.map { $0.indices.contains(column) ? $0[column].text.count : 0 }.max() ?? 0
    }
  }
}
