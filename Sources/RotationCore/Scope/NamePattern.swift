/// A name as administrators write it for several at once: `*` stands for any characters, `?` for one. Compared without regard to case.
package struct NamePattern: Sendable, Equatable, CustomStringConvertible {
  /// The pattern as it was written, without a trailing dot.
  package let description: String
  private let folded: [Character]

  /// Takes a pattern; a name without `*` and `?` matches itself alone.
  package init(_ text: String) {
    description = text.hasSuffix(".") ? String(text.dropLast()) : text
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
      } else if place < folded.count, folded[place] == "?" || folded[place] == name[position] {
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
