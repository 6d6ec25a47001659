import Testing

/// What no source of a long-running service may hold: a way to crash on purpose, work that nobody awaits, output past the log,
/// and notes about work that is not done.
private func forbiddenConstructs(in file: SourceFile) -> [Violation] {
  let inCode: [(name: String, pattern: Regex<Substring>)] = [
    ("fatalError", /\bfatalError\s*\(/),
    ("try!", /\btry!/),
    ("an unstructured Task", /\bTask(?:\.detached)?\s*(?:\([^)]*\)\s*)?\{/),
    ("print", /(?:^|[^.\w\s]|\b(?:await|do|else|in|return|try)\s)\s*(?:print|debugPrint)\s*\(/),
  ]
  let inText: [(name: String, pattern: Regex<Substring>)] = [("TODO", /\bTODO\b/), ("FIXME", /\bFIXME\b/)]
  return violations(of: inCode, lines: file.code.lines, path: file.path)
    + violations(of: inText, lines: file.lines, path: file.path)
}

private func violations(
  of rules: [(name: String, pattern: Regex<Substring>)], lines: [Substring], path: String
) -> [Violation] {
  lines.enumerated().flatMap { index, line in
    rules.filter { line.contains($0.pattern) }.map { Violation(path: path, line: index + 1, problem: $0.name) }
  }
}

@Suite("Forbidden constructs")
struct ForbiddenConstructTests {
  @Test("No source crashes on purpose, leaves a task unawaited, prints, or holds a note about unfinished work")
  func tree() throws {
    #expect(try SourceFile.all().flatMap(forbiddenConstructs(in:)) == [])
  }

  @Test(
    "Each of them is found",
    arguments: [
      ("fatalError(\"no\")", "fatalError"), ("let x = try! f()", "try!"), ("Task { await f() }", "an unstructured Task"),
      ("Task.detached(priority: .high) { }", "an unstructured Task"), ("print(x)", "print"),
      ("x.map { y in print(y) }", "print"), ("debugPrint(x)", "print"),
      ("// TODO: later", "TODO"), ("/* FIXME */", "FIXME"),
    ])
  func control(text: String, problem: String) {
    let file = SourceFile(path: "M/A.swift", text: "\n" + text)
    #expect(forbiddenConstructs(in: file) == [Violation(path: "M/A.swift", line: 2, problem: problem)])
  }

  @Test(
    "What only looks alike passes",
    arguments: [
      "// a fatalError( here would be bad", "group.addTask { }", "let text = \"try! print(x)\"", "writer.print(x)",
      "func print(_ x: Int) {}", "Task.isCancelled", "sprint(x)",
    ])
  func passes(text: String) {
    #expect(forbiddenConstructs(in: SourceFile(path: "M/A.swift", text: text)) == [])
  }
}
