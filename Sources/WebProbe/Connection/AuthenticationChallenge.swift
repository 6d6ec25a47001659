/// One challenge of a `WWW-Authenticate` field (RFC 9110 section 11.6.1), without its parameters.
struct AuthenticationChallenge: Sendable, Equatable {
  /// The scheme as it is written.
  let scheme: String
  /// What follows it, if that is one word: the token of Negotiate and NTLM.
  let token: String?

  /// The challenges of one field, in which commas stand between challenges and between parameters alike.
  static func all(in field: String) -> [AuthenticationChallenge] {
    parts(of: field).compactMap { part in
      let words = part.split(separator: " ", maxSplits: 1)
      // A parameter has an equals sign behind its name; a scheme has a space, or nothing.
      guard let scheme = words.first, scheme.allSatisfy(isTokenCharacter) else { return nil }
      let rest = words.count == 2 ? words[1].trimmingPrefix { $0 == " " } : ""
      return AuthenticationChallenge(scheme: String(scheme), token: rest.isEmpty ? nil : String(rest))
    }
  }

  private static func isTokenCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "!#$%&'*+-.^_`|~".contains(character))
  }

  private static func parts(of field: String) -> [String] {
    var (parts, isQuoted, isEscaped) = ([""], false, false)
    for character in field {
      if character == ",", !isQuoted {
        parts.append("")
        continue
      }
      if character == "\"", !isEscaped { isQuoted.toggle() }
      isEscaped = character == "\\" && isQuoted && !isEscaped
      parts[parts.count - 1].append(character)
    }
    return parts.map { String($0.trimmingPrefix { $0.isWhitespace }) }
  }
}
