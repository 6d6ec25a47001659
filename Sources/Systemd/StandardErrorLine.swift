package import Foundation
import Glibc

/// One plain line on standard error: `TIMESTAMP LEVEL label: message key=value`.
package struct StandardErrorLine: Sendable, Equatable {
  /// The line without its end.
  package let text: String

  /// Builds the line. Control characters are escaped, so that no value can start a line of its own.
  package init(time: Date, level: String, label: String, message: String, values: [(key: String, value: String)]) {
    let stamp = time.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
    var line = "\(stamp)Z \(level) \(label): \(Self.escaped(message))"
    for (key, value) in values {
      let value = Self.escaped(value)
      line += value.contains(" ") || value.isEmpty ? " \(key)=\"\(value)\"" : " \(key)=\(value)"
    }
    text = line
  }

  private static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
    return text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: false) : String(scalar)
    }.joined()
  }

  /// Writes the line with one call, so that lines of several threads don't mix. A full or closed standard error is no reason to stop.
  func write() {
    let bytes = Array((text + "\n").utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
