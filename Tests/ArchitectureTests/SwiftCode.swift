/// Swift source with comments and string literals blanked out, so that rules see code only. Line numbers stay as they were.
struct SwiftCode {
  /// The text, as long as the original in lines, with every blanked character replaced by a space.
  let text: String
  /// Its lines.
  let lines: [Substring]

  init(blanking source: String) {
    var scanner = Scanner(source: Array(source))
    scanner.scanCode(until: { _ in false })
    text = String(scanner.output)
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

}

private struct Scanner {
  let source: [Character]
  var output: [Character] = []
  var position = 0

  init(source: [Character]) {
    self.source = source
    output.reserveCapacity(source.count)
  }

  /// Copies code up to and without the character where `end` holds at the same parenthesis depth, or to the end of the text.
  mutating func scanCode(until end: (Character) -> Bool) {
    var depth = 0
    while position < source.count {
      let character = source[position]
      if depth == 0, end(character) { return }
      if startsLiteralOrComment() { continue }
      depth += character == "(" ? 1 : character == ")" ? -1 : 0
      output.append(character)
      position += 1
    }
  }

  private mutating func startsLiteralOrComment() -> Bool {
    if follows("//") {
      blank(while: { !$0.isNewline })
    } else if follows("/*") {
      blankBlockComment()
    } else if let quote = stringOpening() {
      blankString(hashes: quote.hashes, delimiter: quote.delimiter)
    } else {
      return false
    }
    return true
  }

  private func follows(_ text: String) -> Bool {
    source[position...].starts(with: text)
  }

  private mutating func blank(_ count: Int = 1) {
    for character in source[position..<min(position + count, source.count)] {
      output.append(character.isNewline ? character : " ")
    }
    position = min(position + count, source.count)
  }

  private mutating func blank(while condition: (Character) -> Bool) {
    while position < source.count, condition(source[position]) { blank() }
  }

  private mutating func blankBlockComment() {
    var depth = 0
    repeat {
      if follows("/*") {
        depth += 1
        blank(2)
      } else if follows("*/") {
        depth -= 1
        blank(2)
      } else {
        blank()
      }
    } while depth > 0 && position < source.count
  }

  private func stringOpening() -> (hashes: Int, delimiter: String)? {
    let hashes = source[position...].prefix { $0 == "#" }.count
    let quotes = source[(position + hashes)...].prefix(3)
    guard quotes.first == "\"" else { return nil }
    return (hashes, quotes.count == 3 && quotes.allSatisfy { $0 == "\"" } ? "\"\"\"" : "\"")
  }

  private mutating func blankString(hashes: Int, delimiter: String) {
    let suffix = String(repeating: "#", count: hashes)
    blank(hashes + delimiter.count)
    while position < source.count, !follows(delimiter + suffix) {
      if follows("\\" + suffix + "(") {
        blank(2 + hashes)
        scanCode(until: { $0 == ")" })
      } else {
        blank(follows("\\" + suffix) ? 2 + hashes : 1)
      }
    }
    blank(delimiter.count + hashes)
  }
}
