/// The text of a file for `EnvironmentFile=` (systemd.exec(5)). Nothing in a value can end it, expand, or start an assignment of its own,
/// neither for systemd nor for a shell that sources the file.
package struct EnvironmentText: Sendable, Equatable {
  /// The longest value in bytes; what is longer is cut at a character and ends in `…`. The kernel takes 128 KiB per variable.
  package static let longestValue = 4096

  /// The lines `NAME="value"`.
  package let text: String

  /// Quotes every value; the names are ours and need none.
  package init(_ assignments: [(name: String, value: String)]) {
    text = assignments.map { "\($0.name)=\"\(Self.quoted(Self.bounded(Self.oneLine($0.value))))\"\n" }.joined()
  }

  /// systemd drops a whole assignment with a control character in it, and a line break in a subject starts a mail header.
  private static func oneLine(_ value: String) -> String {
    String(
      String.UnicodeScalarView(
        value.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
  }

  private static func bounded(_ value: String) -> String {
    guard value.utf8.count > longestValue else { return value }
    var kept = value.unicodeScalars
    let ellipsis: Unicode.Scalar = "…"
    var size = value.utf8.count
    while size > longestValue - UTF8.width(ellipsis), let last = kept.popLast() { size -= UTF8.width(last) }
    kept.append(ellipsis)
    return String(kept)
  }

  /// Inside double quotes systemd and shells take a backslash before exactly these for the character itself.
  private static func quoted(_ value: String) -> String {
    var quoted = String.UnicodeScalarView()
    for scalar in value.unicodeScalars {
      if "\"\\$`".unicodeScalars.contains(scalar) { quoted.append("\\") }
      quoted.append(scalar)
    }
    return String(quoted)
  }
}
