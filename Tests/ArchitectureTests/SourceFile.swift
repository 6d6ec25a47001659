import Foundation

/// One Swift file of the tree (or of a negative control).
struct SourceFile {
  /// The module: the name of the directory below `Sources`.
  let module: String
  /// The path below `Sources`.
  let path: String
  /// The text as it is.
  let text: String
  /// The text without comments and strings.
  let code: SwiftCode

  init(path: String, text: String) {
    self.path = path
    self.text = text
    module = String(path.prefix { $0 != "/" })
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    code = SwiftCode(blanking: text)
  }

  /// The lines of the text.
  let lines: [Substring]

  /// Every hand-written Swift file below `Sources`.
  static func all() throws -> [SourceFile] { try tree.get() }

  /// The names of the directories below `Sources`, C libraries included.
  static func modules() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: root.path(percentEncoded: false)))
  }

  /// Read once for all rules.
  private static let tree = Result {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path(percentEncoded: false))
    return try paths.filter { $0.hasSuffix(".swift") && !$0.contains("/Generated/") }.sorted().map {
      SourceFile(path: $0, text: try String(contentsOf: root.appending(path: $0), encoding: .utf8))
    }
  }

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(component: "Sources")
}

/// A place that breaks a rule.
struct Violation: Equatable, CustomStringConvertible {
  /// The file's path below `Sources`.
  let path: String
  /// The line, from 1.
  let line: Int
  /// What is wrong there.
  let problem: String

  var description: String { "Sources/\(path):\(line): \(problem)" }
}
