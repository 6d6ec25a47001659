import Foundation
import Testing

/// The rows of the tables that have a column for tests, and what is wrong with them: each has to name a test of the lab by its very title.
private func faults(inTable text: String, titles: Set<String>) -> [String] {
  rows(of: text).compactMap { row in
    guard row.count == 3 else { return "not three columns: \(row.joined(separator: " | "))" }
    let named = row[2].matches(of: /"([^"]+)"/).map { String($0.output.1) }
    if named.isEmpty { return "no test: \(row[0])" }
    let unknown = named.filter { !titles.contains($0) }
    return unknown.isEmpty ? nil : "no such test: \(unknown.joined(separator: ", "))"
  }
}

/// The cells of each row, without the heads of the tables.
private func rows(of text: String) -> [[String]] {
  let lines = text.split(separator: "\n").filter {
    $0.hasPrefix("|") && !$0.hasPrefix("|---") && $0 != "| There | Here | Test |"
  }
  return lines.map { line in
    line.dropFirst().dropLast().split(separator: " | ", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }
}

/// The titles of all tests in the files below a directory.
private func titles(below directory: URL) throws -> Set<String> {
  let paths = try FileManager.default.subpathsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".swift") }
  return try paths.reduce(into: []) { titles, path in
    let text = try String(contentsOf: directory.appending(path: path), encoding: .utf8)
    titles.formUnion(text.matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/).map { String($0.output.1) })
  }
}

@Suite("The table of what the administrator had")
struct ParityTableTests {
  private static let root = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { path, _ in path.deletingLastPathComponent() }
  private static let head = "| There | Here | Test |\n|---|---|---|\n"

  @Test("Every row names a test on the real lab, by its title")
  func tree() throws {
    let table = try String(contentsOf: Self.root.appending(path: "docs/parity.md"), encoding: .utf8)
    let titles = try titles(below: Self.root.appending(path: "Tests/LabTests"))
    #expect(rows(of: table).count > 35)
    #expect(faults(inTable: table, titles: titles) == [])
  }

  @Test(
    "A row without a test, with one that does not exist, or with a column too many or too few, is found",
    arguments: [
      "| `-WhatIf` | `--dry-run` | |", "| `-WhatIf` | `--dry-run` | somewhere |",
      "| `-WhatIf` | `--dry-run` | \"A test\", \"No test\" |",
      "| `-WhatIf` | \"A test\" |", "| `-WhatIf` | `a | b` | \"A test\" |",
    ])
  func control(row: String) {
    #expect(faults(inTable: Self.head + row + "\n", titles: ["A test"]).count == 1)
  }

  @Test("Text around the tables, and rows with one or several tests, pass")
  func passes() {
    let table =
      "# A title\n\n\(Self.head)| a | b | \"A test\" |\n| c | d | \"A test\" and \"-Another: one\" |\n\nText | with a bar.\n"
    #expect(faults(inTable: table, titles: ["A test", "-Another: one"]) == [])
  }
}
