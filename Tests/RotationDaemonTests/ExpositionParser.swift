import Testing

/// Reads the text exposition format by its rules and refuses whatever breaks one of them. Strict where the format leaves no choice.
struct ExpositionParser {
  struct Series: Hashable {
    var name: String
    var labels: [String: String]
  }

  struct Malformed: Error, CustomStringConvertible {
    let line: Substring
    let problem: String
    var description: String { "\(problem): \(line)" }
  }

  private(set) var values: [Series: Double] = [:]
  private(set) var types: [String: String] = [:]
  private(set) var helps: [String: String] = [:]
  private var current: String?

  init(_ text: String) throws {
    guard text.isEmpty || text.hasSuffix("\n") else {
      throw Malformed(line: text.suffix(20), problem: "no line feed at the end")
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("# HELP ") {
        try readHelp(line)
      } else if line.hasPrefix("# TYPE ") {
        try readType(line)
      } else {
        try readSample(line)
      }
    }
  }

  private mutating func readHelp(_ line: Substring) throws {
    let words = line.split(separator: " ", maxSplits: 3)
    guard words.count == 4, helps[String(words[2])] == nil else { throw Malformed(line: line, problem: "HELP twice or empty") }
    helps[String(words[2])] = String(words[3])
    current = String(words[2])
  }

  private mutating func readType(_ line: Substring) throws {
    let words = line.split(separator: " ")
    guard words.count == 4, ["counter", "gauge"].contains(words[3]), types[String(words[2])] == nil else {
      throw Malformed(line: line, problem: "not one TYPE")
    }
    guard String(words[2]) == current else { throw Malformed(line: line, problem: "TYPE apart from HELP") }
    types[String(words[2])] = String(words[3])
  }

  private mutating func readSample(_ line: Substring) throws {
    var rest = line
    let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" })
    rest = rest.dropFirst(name.count)
    guard name.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil else { throw Malformed(line: line, problem: "no metric name") }
    guard name == current, types[name] != nil else { throw Malformed(line: line, problem: "a sample apart from its metric") }
    let series = Series(name: name, labels: try readLabels(&rest, line: line))
    guard rest.first == " ", let value = Double(rest.dropFirst()) else { throw Malformed(line: line, problem: "no value") }
    guard values.updateValue(value, forKey: series) == nil else { throw Malformed(line: line, problem: "a series twice") }
  }

  private func readLabels(_ rest: inout Substring, line: Substring) throws -> [String: String] {
    guard rest.first == "{" else { return [:] }
    var labels: [String: String] = [:]
    repeat {
      rest = rest.dropFirst()
      let name = String(rest.prefix { $0 != "=" })
      rest = rest.dropFirst(name.count + 1)
      guard name.wholeMatch(of: /[a-zA-Z_][a-zA-Z0-9_]*/) != nil, rest.first == "\"" else {
        throw Malformed(line: line, problem: "no label")
      }
      rest = rest.dropFirst()
      guard labels.updateValue(try readQuoted(&rest, line: line), forKey: name) == nil else {
        throw Malformed(line: line, problem: "a label twice")
      }
    } while rest.first == ","
    guard rest.first == "}" else { throw Malformed(line: line, problem: "labels do not end") }
    rest = rest.dropFirst()
    return labels
  }

  private func readQuoted(_ rest: inout Substring, line: Substring) throws -> String {
    var value = String.UnicodeScalarView()
    var scalars = rest.unicodeScalars
    while let scalar = scalars.popFirst(), scalar != "\"" {
      guard scalar == "\\" else {
        value.append(scalar)
        continue
      }
      switch scalars.popFirst() {
      case "\\": value.append("\\")
      case "\"": value.append("\"")
      case "n": value.append("\n")
      default: throw Malformed(line: line, problem: "an unknown escape")
      }
    }
    rest = Substring(scalars)
    return String(value)
  }
}

@Suite("The test's own reader of the exposition format")
struct ExpositionParserTests {
  @Test(
    "It refuses what breaks a rule",
    arguments: [
      "# HELP a b\n# TYPE a gauge\na 1", "# HELP a b\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 2\n", "a 1\n",
      "# HELP a b\n# TYPE a gauge\na{x=\"\\q\"} 1\n", "# HELP a b\n# TYPE a gauge\na{x=\"1\"\n",
      "# HELP a b\n# TYPE a gauge\na{} 1\n",
      "# HELP a b\n# TYPE a gauge\na one\n", "# HELP a b\n# TYPE a rate\n", "# HELP a b\n# TYPE a gauge\n# HELP a b\n",
    ])
  func refuses(text: String) { #expect(throws: ExpositionParser.Malformed.self) { try ExpositionParser(text) } }
}
