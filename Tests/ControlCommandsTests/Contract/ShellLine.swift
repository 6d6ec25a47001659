/// A line of shell, cut into commands and words as far as examples need it: quotes, backslashes, and substitutions, which stay as they are.
struct ShellLine {
  /// The commands, each as its words.
  private(set) var commands: [[String]] = [[]]
  private var word: String?
  private var rest: Substring

  /// Cuts a line.
  init(_ line: String) {
    rest = Substring(line)
    while let character = rest.popFirst() { take(character) }
    endWord()
  }

  /// The arguments of each call of a program.
  func calls(of program: String) -> [[String]] { commands.filter { $0.first == program }.map { Array($0.dropFirst()) } }

  private mutating func take(_ character: Character) {
    switch character {
    case " ": endWord()
    case "&", "|", ";", ">":
      endWord()
      commands.append([])
    case "'", "\"": append(until(character))
    case "\\": append(rest.popFirst().map(String.init) ?? "")
    case "$" where rest.hasPrefix("("), "<" where rest.hasPrefix("("): append("\(character)\(until(")")))")
    default: append(String(character))
    }
  }

  private mutating func until(_ end: Character) -> String {
    let inside = rest.prefix { $0 != end }
    rest = rest.dropFirst(inside.count + 1)
    return String(inside)
  }

  private mutating func append(_ text: String) { word = (word ?? "") + text }

  private mutating func endWord() {
    if let word { commands[commands.count - 1].append(word) }
    word = nil
  }
}
