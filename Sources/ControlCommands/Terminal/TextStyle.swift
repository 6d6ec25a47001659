/// Emphasis by colour, or none at all.
package struct TextStyle: Sendable, Equatable {
  /// Whether escape sequences may be written.
  package var isColored: Bool

  /// Makes a style; without colour every tint leaves the text as it is.
  package init(isColored: Bool) { self.isColored = isColored }

  /// No emphasis.
  package static let plain = TextStyle(isColored: false)

  /// The meanings that text is coloured by.
  package enum Tint: String, Sendable {
    /// A heading.
    case heading = "1"
    /// As it should be.
    case good = "32"
    /// To be looked at.
    case warning = "33"
    /// Wrong.
    case bad = "31"
    /// Less important.
    case faint = "2"
  }

  /// Wraps text in the escape sequences (ECMA-48, SGR) of a tint.
  package func paint(_ text: String, _ tint: Tint?) -> String {
    guard isColored, let tint, !text.isEmpty else { return text }
    return "\u{1B}[\(tint.rawValue)m\(text)\u{1B}[0m"
  }
}
