/// A commented sample of a configuration file, which lists every option.
///
/// Its form: a comment that ends at the first empty line tells of the file as a whole, in paragraphs parted by lines with nothing but the
/// number sign. The first one says what it is, the second one how to read the sample, and the others hold for all options. After that the
/// comment above an option explains it. `# text` is a comment; `#name: value` and `#- name: value` are options that are left out.
package struct SampleConfiguration: Sendable {
  /// An option, or a group of them.
  package struct Option: Equatable, Sendable {
    /// Its name; with a dash in front where it is the first one of an item of a list.
    package let name: String
    /// The value in the sample; empty for a group.
    package let value: String
    /// What it is.
    package let explanation: [HelpText.Block]
    /// Those below it.
    package fileprivate(set) var options: [Option] = []
  }

  /// The path that the file is read from, as its first line tells.
  package let path: String
  /// What holds for all options.
  package let notes: [HelpText.Block]
  /// The options.
  package let options: [Option]
  /// The file without comments, options that are left out and empty lines.
  package let example: [String]

  /// Reads a sample.
  ///
  /// - Throws: ``MalformedSample``.
  package init(_ text: String) throws(MalformedSample) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let header = lines.prefix { $0.hasPrefix("#") }
    let paragraphs = HelpText.blocks(Comment(header).text)
    guard case .paragraph(let first)? = paragraphs.first, let word = first.split(separator: " ").last, word.hasPrefix("/")
    else {
      throw MalformedSample(problem: "its first line does not end with the path that it is read from")
    }
    path = String(word.hasSuffix(".") ? word.dropLast() : word)
    notes = Array(paragraphs.dropFirst(2))
    options = try Self.options(in: lines.dropFirst(header.count))
    example = lines.filter { !$0.isEmpty && $0.first { $0 != " " } != "#" }.map(String.init)
  }

  private static func options(in lines: ArraySlice<Substring>) throws(MalformedSample) -> [Option] {
    var found: [(column: Int, option: Option)] = []
    var comment: [Substring] = []
    for line in lines {
      if let match = line.wholeMatch(of: form) {
        let option = Option(
          name: String(match.dash ?? "") + String(match.name), value: String(match.value ?? ""),
          explanation: HelpText.blocks(Comment(comment).text))
        found.append((match.column.count, option))
        comment = []
      } else if let start = line.firstIndex(where: { $0 != " " }), line[start] == "#" {
        comment.append(line[start...])
      }
    }
    guard comment.isEmpty else { throw MalformedSample(problem: "a comment at its end explains no option") }
    return nested(found[...])
  }

  /// An option, left out or not: the column it begins in, the dash of a list's item, the name, the value.
  private static var form: Regex<(Substring, column: Substring, dash: Substring?, name: Substring, value: Substring?)> {
    /(?<column> *)#?(?<dash>- )?(?<name>[A-Za-z]+):(?: (?<value>.*))?/
  }

  /// Puts options below the one that stands before them and further to the left. What follows the dash of an item is further to the right than
  /// the dash, and belongs to the same item.
  private static func nested(_ found: ArraySlice<(column: Int, option: Option)>) -> [Option] {
    guard let first = found.first else { return [] }
    let siblings = first.option.isItem ? [first.column, first.column + 2] : [first.column]
    var options: [Option] = []
    var rest = found
    while var (_, option) = rest.popFirst() {
      let below = rest.prefix { !siblings.contains($0.column) }
      option.options = nested(below)
      rest = rest.dropFirst(below.count)
      options.append(option)
    }
    return options
  }

  // MARK: Writing

  /// Adds the sections that tell of the file.
  func write(to roff: inout Roff) {
    roff.section("SYNOPSIS")
    roff.line(Roff.italic(path))
    roff.section("DESCRIPTION")
    roff.blocks(
      [
        .paragraph(
          """
          The file is in YAML. It is taken as a whole: a key that is not described here is refused, with its line, and so is a \
          value that does not fit. asactl check-config shows everything that is wrong with a file before it is used.
          """)
      ] + notes, isApart: false)
    roff.section("OPTIONS")
    Self.write(options, to: &roff)
    roff.section("EXAMPLE")
    roff.literal(example)
    roff.files([
      (path, "The file."), ("/usr/share/doc/asa-rotator", "A sample with every option and its explanation, to begin with."),
    ])
  }

  private static func write(_ options: [Option], to roff: inout Roff) {
    for option in options {
      let value = option.value.isEmpty ? "" : " " + Roff.italic(option.value)
      roff.item(Roff.bold("\(option.name):") + value, option.explanation)
      if !option.options.isEmpty { roff.indented { Self.write(option.options, to: &$0) } }
    }
  }
}

extension SampleConfiguration.Option {
  /// Whether it begins an item of a list.
  fileprivate var isItem: Bool { name.hasPrefix("-") }
}

/// A sample configuration that does not have the form of one.
package struct MalformedSample: Error, CustomStringConvertible {
  let problem: String
  /// One sentence.
  package var description: String { "the sample is malformed: \(problem)" }
}

/// Lines that begin with a number sign, as text.
private struct Comment {
  let text: String

  init(_ lines: some Sequence<Substring>) {
    text = lines.map { line in
      let rest = line.dropFirst()
      return String(rest.hasPrefix(" ") ? rest.dropFirst() : rest)
    }.joined(separator: "\n")
  }
}
