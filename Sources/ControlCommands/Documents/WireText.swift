import Foundation
import SwiftProtobuf

extension String {
  /// The text with every control character replaced: it comes from nodes, and must not steer the reader's terminal.
  var visible: String {
    let isControl = { (scalar: Unicode.Scalar) in scalar.properties.generalCategory == .control }
    guard unicodeScalars.contains(where: isControl) else { return self }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars { text.append(isControl(scalar) ? (scalar == "\n" ? " " : "\u{FFFD}") : scalar) }
    return String(text)
  }

  /// The visible text, or `nil` for the wire's empty string.
  var visibleOrNil: String? { isEmpty ? nil : visible }
}

extension Google_Protobuf_Timestamp {
  /// The time, to the second: what documents and screens show.
  var wholeSecond: Date { Date(timeIntervalSince1970: Double(seconds)) }
}
