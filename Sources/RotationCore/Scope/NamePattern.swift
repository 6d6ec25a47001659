/// A name as administrators write it for several at once: `*` stands for any characters, `?` for one. Compared without regard to case.
package struct NamePattern: Sendable, Equatable, CustomStringConvertible {
  /// The pattern as it was written, without a trailing dot.
  package let description: String
  private let folded: [Character]
  /// What stands for one character; `nil`: nothing does.
  private let anyOne: Character?

  /// Takes a pattern; a name without `*` and `?` matches itself alone.
  package init(_ text: String) {
    self.init(description: text.hasSuffix(".") ? String(text.dropLast()) : text, anyOne: "?")
  }

  /// Takes a pattern in which nothing but `*` is special, as in a search of the directory.
  package static func searching(_ text: String) -> NamePattern { NamePattern(description: text, anyOne: nil) }

  private init(description: String, anyOne: Character?) {
    self.description = description
    self.anyOne = anyOne
    folded = Array(description.lowercased())
  }

  /// Whether a whole name fits.
  package func matches(_ name: String) -> Bool {
    let name = Array(name.lowercased())
    var (place, position) = (0, 0)
    // Where the last `*` stands, and how much of the name it has taken so far.
    var star: (place: Int, taken: Int)?
    while position < name.count {
      if place < folded.count, folded[place] == "*" {
        star = (place, position)
        place += 1
      } else if place < folded.count, folded[place] == anyOne || folded[place] == name[position] {
        place += 1
        position += 1
      } else if let last = star {
        star = (last.place, last.taken + 1)
        (place, position) = (last.place + 1, last.taken + 1)
      } else {
        return false
      }
    }
    return folded[place...].allSatisfy { $0 == "*" }
  }
}
