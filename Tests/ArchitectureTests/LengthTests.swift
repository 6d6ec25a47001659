import Testing

private let longestFunction = 60
private let longestFile = 500
/// A state machine is read as one table; splitting it hides transitions.
private let longestStateMachine = 700

private func tooLongFile(_ file: SourceFile) -> [Violation] {
  let limit = file.path.hasSuffix("Machine.swift") ? longestStateMachine : longestFile
  let count = file.lines.count
  return count <= limit ? [] : [Violation(path: file.path, line: limit + 1, problem: "\(count) lines, at most \(limit)")]
}

private func tooLongFunctions(in file: SourceFile) -> [Violation] {
  FunctionBody.all(in: file.code.text).filter { $0.lineCount > longestFunction && !$0.isFlatSwitch }.map {
    Violation(path: file.path, line: $0.firstLine, problem: "a function of \($0.lineCount) lines, at most \(longestFunction)")
  }
}

@Suite("Lengths")
struct LengthTests {
  @Test("Functions and files stay short enough to be read at a glance")
  func tree() throws {
    #expect(try SourceFile.all().flatMap { tooLongFile($0) + tooLongFunctions(in: $0) } == [])
  }

  @Test(
    "A function of 61 lines is found, one of 60 is not",
    arguments: [
      ("func a() {", 58, 0), ("func a() {", 59, 1), ("init(x: () -> Void = { }) throws {", 59, 1),
      ("func b()\n\nfunc a() {", 59, 1),
    ])
  func functions(opening: String, bodyLines: Int, found: Int) {
    let text = opening + "\n" + String(repeating: "  work { }\n", count: bodyLines) + "}\n"
    #expect(tooLongFunctions(in: SourceFile(path: "M/A.swift", text: text)).count == found)
  }

  @Test("A long function that is one switch with short cases passes; with a long case it does not")
  func flatSwitch() {
    let flat = String(repeating: "  case .a: work()\n", count: 80)
    let deep = "  case .a:\n" + String(repeating: "    work()\n", count: 80)
    for (cases, found) in [(flat, 0), (deep, 1)] {
      let text = "func a() {\n  switch self {\n\(cases)  }\n}\n"
      #expect(tooLongFunctions(in: SourceFile(path: "M/A.swift", text: text)).count == found)
    }
  }

  @Test("A file of 501 lines is found, a state machine of 501 is not", arguments: [("A.swift", 1), ("AMachine.swift", 0)])
  func files(name: String, found: Int) {
    let text = Array(repeating: "", count: 501).joined(separator: "\n")
    #expect(tooLongFile(SourceFile(path: "M/\(name)", text: text)).count == found)
  }
}
