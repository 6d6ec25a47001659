/// The components of a principal's name, in the spelling of `krb5_parse_name(3)` and `krb5_unparse_name(3)`.
struct PrincipalComponents: Equatable {
  let components: [String]

  init(_ components: [String]) { self.components = components }

  /// Splits a name without a realm at every slash that no backslash protects.
  init(parsing text: String) {
    var components = [""]
    var isEscaped = false
    for character in text {
      switch (isEscaped, character) {
      case (false, "\\"): isEscaped = true
      case (false, "/"): components.append("")
      default:
        components[components.count - 1].append(isEscaped ? Self.unescaped(character) : character)
        isEscaped = false
      }
    }
    self.components = components
  }

  /// The name with a backslash in front of everything that would be read as syntax.
  var text: String { components.map { $0.map(Self.escaped).joined() }.joined(separator: "/") }

  private static func unescaped(_ character: Character) -> Character {
    switch character {
    case "n": "\n"
    case "t": "\t"
    case "b": "\u{8}"
    case "0": "\0"
    default: character
    }
  }

  private static func escaped(_ character: Character) -> String {
    switch character {
    case "/", "@", "\\": "\\\(character)"
    case "\n": "\\n"
    case "\t": "\\t"
    case "\u{8}": "\\b"
    case "\0": "\\0"
    default: String(character)
    }
  }
}
