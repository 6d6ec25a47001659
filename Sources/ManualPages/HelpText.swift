/// The discussion of a command, taken apart: paragraphs, indented lines that are shown as they are, and the examples.
///
/// A paragraph that begins with `Example: ` is an example; `Examples:` goes before indented ones. Everything else is text, in which lines
/// that begin with two spaces keep their form.
package struct HelpText: Equatable, Sendable {
  /// A part of the text.
  package enum Block: Equatable, Sendable {
    /// Text that may be filled anew.
    case paragraph(String)
    /// Lines that keep their form, without the indentation that they share.
    case literal([String])
  }

  /// What is not an example.
  package private(set) var blocks: [Block] = []
  /// The examples, one line each.
  package private(set) var examples: [String] = []

  /// Takes a discussion apart.
  package init(_ discussion: String) {
    var areExamples = false
    for block in Self.blocks(discussion) {
      switch block {
      case .paragraph("Examples:"): areExamples = true
      case .paragraph(let text) where text.hasPrefix(Self.mark):
        examples.append(String(text.dropFirst(Self.mark.count)))
      case .literal(let lines) where areExamples:
        examples += lines
        areExamples = false
      default: blocks.append(block)
      }
    }
  }

  private static let mark = "Example: "

  /// Cuts text into blocks: at empty lines, and wherever indentation begins or ends.
  static func blocks(_ text: String) -> [Block] {
    var blocks: [Block] = []
    var lines: [Substring] = []
    var isLiteral = false
    let finish = {
      if !lines.isEmpty { blocks.append(isLiteral ? .literal(unindented(lines)) : .paragraph(lines.joined(separator: " "))) }
      lines = []
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty || line.hasPrefix("  ") != isLiteral { finish() }
      isLiteral = line.hasPrefix("  ")
      if !line.isEmpty { lines.append(line) }
    }
    finish()
    return blocks
  }

  private static func unindented(_ lines: [Substring]) -> [String] {
    let indentation = lines.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { String($0.dropFirst(indentation)) }
  }
}
