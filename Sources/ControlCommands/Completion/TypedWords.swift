/// The words of a command line that is being typed, each as it was typed: with its quotes and backslashes.
package struct TypedWords {
  private let words: [String]

  /// Takes the words, the program's name first.
  package init(_ words: [String]) { self.words = words }

  /// The value of an option; `nil` if it is not there.
  package func value(of option: String) -> String? {
    for (index, word) in words.enumerated() {
      // bash takes the sign of equality for a word of its own.
      let following = words[(index + 1)...].drop { $0 == "=" }
      if word == option { return following.first.map(Self.unquoted) }
      if word.hasPrefix("\(option)=") { return Self.unquoted(String(word.dropFirst(option.count + 1))) }
    }
    return nil
  }

  private static func unquoted(_ word: String) -> String { word.filter { !#"\'""#.contains($0) } }

  /// A word with a backslash before everything that bash might read as something else. The scripts for bash, other than those for the other
  /// shells, have bash expand what they offer.
  package static func quotedForBash(_ word: String) -> String {
    word.map { character in
      character.isLetter || character.isNumber || "._/@:,+-".contains(character) ? String(character) : "\\\(character)"
    }.joined()
  }
}
