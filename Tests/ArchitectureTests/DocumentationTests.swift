import Testing

/// The declarations that other modules can see and that no docstring explains: `package` and `public` ones, and the cases and
/// requirements inside such enums and protocols.
private func undocumented(in file: SourceFile) -> [Violation] {
  let lines = file.lines
  return visibleDeclarations(in: file.code.lines).filter { !hasDocstring(before: $0, in: lines) }.map {
    Violation(
      path: file.path, line: $0 + 1, problem: "no docstring: \(lines[$0].trimmingPrefix { $0.isWhitespace })")
  }
}

private func visibleDeclarations(in lines: [Substring]) -> [Int] {
  var depth = 0
  var enclosing: [(kind: Substring, depth: Int)] = []
  var found: [Int] = []
  for (index, line) in lines.enumerated() {
    let visible = line.contains("package") || line.contains("public")
    let body = visible ? line.firstMatch(of: /\b(?:package|public)\s+(?:indirect\s+)?(enum|protocol)\b/) : nil
    if visible && line.contains(declaration) || enclosing.last.map({ $1 == depth && isMember(line, of: $0) }) == true {
      found.append(index)
    }
    depth += line.count { $0 == "{" }
    if let body { enclosing.append((body.1, depth)) }
    depth -= line.count { $0 == "}" }
    while let innermost = enclosing.last, depth < innermost.depth { enclosing.removeLast() }
  }
  return found
}

private var declaration: Regex<Substring> {
  /\b(?:package|public)\s+(?:[a-z]+(?:\([a-z]+\))?\s+)*?(?:func|var|let|init|struct|enum|class|actor|protocol|typealias|subscript|macro)\b/
}

/// Whether the line declares something that is as visible as the type around it without saying so.
private func isMember(_ line: Substring, of kind: Substring) -> Bool {
  kind == "enum"
    ? line.contains(/^\s*(?:indirect\s+)?case\b/)
    : line.contains(/^\s*(?:mutating\s+|static\s+)*(?:func|var|init|subscript|associatedtype)\b/)
}

/// Attributes may stand between a docstring and its declaration.
private func hasDocstring(before index: Int, in lines: [Substring]) -> Bool {
  let above = lines[..<index].reversed().lazy.map { $0.trimmingPrefix { $0.isWhitespace } }
  guard let nearest = above.first(where: { !$0.hasPrefix("@") }) else { return false }
  return nearest.hasPrefix("///") || nearest.hasSuffix("*/")
}

@Suite("Docstrings")
struct DocumentationTests {
  @Test("Everything that another module can see is explained")
  func tree() throws {
    #expect(try SourceFile.all().flatMap(undocumented(in:)) == [])
  }

  @Test(
    "A visible declaration without a docstring is found",
    arguments: [
      "package struct A {}", "public final class A {}", "package static func make() {}", "package private(set) var x = 1",
      "// a comment\npackage init() {}", "@MainActor\npackage func a() {}", "/// A.\npackage enum A {\n  case b\n}",
      "/// A.\npackage protocol A {\n  func b()\n}", "nonisolated package var x: Int { 1 }",
    ])
  func control(text: String) {
    #expect(undocumented(in: SourceFile(path: "M/A.swift", text: text)).count == 1)
  }

  @Test(
    "Explained declarations, extensions, imports and private ones pass",
    arguments: [
      "/// A.\npackage struct A {}", "/// A.\n@MainActor\npackage func a() {}", "package import B", "private func a() {}",
      "package extension A {}",
      "/// A.\npackage enum A {\n  /// B.\n  case b\n  /// C.\n  package func c() {\n    switch self {\n    case .b: 1\n    }\n  }\n}",
    ])
  func passes(text: String) {
    #expect(undocumented(in: SourceFile(path: "M/A.swift", text: text)) == [])
  }
}
