/// The extent of one function, initialiser or subscript in blanked source text.
struct FunctionBody {
  /// The line of its keyword, from 1.
  let firstLine: Int
  /// The lines from its keyword to its closing brace.
  let lineCount: Int
  /// The lines between its braces.
  private let body: [Substring]

  /// A switch that is the whole body and in which no case is long: length without depth.
  var isFlatSwitch: Bool {
    let longestCase = 12
    let inner = body.map { $0.trimmingPrefix { $0.isWhitespace } }.filter { !$0.isEmpty }
    guard let first = inner.first, first.contains(/^(?:return )?switch\b/) else { return false }
    let cases = inner.indices.filter { inner[$0].contains(/^(?:case\b|default:|@unknown default:)/) }
    return zip(cases, cases.dropFirst() + [inner.endIndex]).allSatisfy { $1 - $0 <= longestCase }
  }

  /// Every function that has a body.
  static func all(in code: String) -> [FunctionBody] {
    code.matches(of: /(?:^|[^.\w])((?:func\s+[^\s(<]+|init[?]?|subscript)\s*[(<])/).compactMap { match in
      FunctionBody(keyword: match.output.1.startIndex, in: code)
    }
  }

  private init?(keyword: String.Index, in code: String) {
    guard let opening = Self.openingBrace(after: keyword, in: code),
      let closing = Self.closingBrace(of: opening, in: code)
    else { return nil }
    firstLine = code[..<keyword].count { $0 == "\n" } + 1
    lineCount = code[keyword...closing].count { $0 == "\n" } + 1
    body = code[code.index(after: opening)..<closing].split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The brace that opens the body; `nil` for a requirement of a protocol, whose signature just ends.
  private static func openingBrace(after keyword: String.Index, in code: String) -> String.Index? {
    var depth = 0
    for index in code.indices[keyword...] {
      switch code[index] {
      case "(": depth += 1
      case ")": depth -= 1
      case "{" where depth == 0: return index
      case "}" where depth == 0: return nil
      case "\n" where depth == 0:
        let next = code[index...].drop { $0.isWhitespace }
        guard next.contains(/^(?:\{|->|where\b|throws\b|async\b|\))/) else { return nil }
      default: continue
      }
    }
    return nil
  }

  private static func closingBrace(of opening: String.Index, in code: String) -> String.Index? {
    var depth = 0
    for index in code.indices[opening...] {
      depth += code[index] == "{" ? 1 : code[index] == "}" ? -1 : 0
      if depth == 0 { return index }
    }
    return nil
  }
}
