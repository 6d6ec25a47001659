import Foundation

/// The samples of one metric in Prometheus' text exposition format 0.0.4. Without samples it leaves no trace.
struct MetricFamily {
  enum Kind: String {
    case counter
    case gauge
  }

  typealias Labels = [(name: String, value: String)]

  let name: String
  let kind: Kind
  let help: String
  let samples: [(labels: Labels, value: Double)]

  var text: String {
    guard !samples.isEmpty else { return "" }
    let heading = "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    return heading + samples.map { "\(name)\(Self.text(of: $0.labels)) \(Self.text(of: $0.value))\n" }.joined()
  }

  private static func text(of labels: Labels) -> String {
    guard !labels.isEmpty else { return "" }
    return "{" + labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\"" where quotes: "\\\""
      default: String(scalar)
      }
    }.joined()
  }

  /// Whole numbers without a fraction, everything else to the millisecond.
  private static func text(of value: Double) -> String {
    let rounded = (value * 1000).rounded() / 1000
    return Int64(exactly: rounded).map(String.init) ?? "\(rounded)"
  }
}
