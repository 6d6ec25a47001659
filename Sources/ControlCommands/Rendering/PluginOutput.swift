import Foundation

/// Renders ``HealthDocument`` as the monitoring-plugin guidelines ask (monitoring-plugins.org/doc/guidelines.html, "Plugin
/// Output for Nagios"): one line with performance data after a bar, then a line per finding.
package struct PluginOutput {
  /// Monitoring cuts what is longer than a few kilobytes; a cut that says so is better.
  private static let mostFindings = 30

  /// Makes a renderer.
  package init() {}

  /// The lines of the whole document.
  package func lines(_ document: HealthDocument) -> [String] {
    let data = document.performance.map(datum).joined(separator: " ")
    let first = "ASA \(document.level.word) - \(neutral(document.sentence))" + (data.isEmpty ? "" : " | \(data)")
    let rest = document.findings.count - Self.mostFindings
    return [first] + document.findings.prefix(Self.mostFindings).map(finding)
      + (rest > 0 ? ["and \(rest) more, see asactl health --json"] : [])
  }

  private func finding(_ finding: HealthFindingDocument) -> String {
    neutral("\(finding.level.word): \(finding.subject): \(finding.message)")
  }

  /// A bar would begin performance data, also on the further lines.
  private func neutral(_ text: String) -> String {
    String(text.map { $0 == "|" ? "/" : ($0.isNewline ? " " : $0) })
  }

  private func datum(_ datum: PerformanceDocument) -> String {
    let value = datum.value.map { number($0) + (datum.unit ?? "") } ?? "U"
    let limits = limits(warning: datum.warning, critical: datum.critical)
    return "'\(label(datum.label))'=\(value);\(limits.warning);\(limits.critical);;"
  }

  /// The guidelines forbid the equals sign and the quote in a label.
  private func label(_ text: String) -> String {
    String(neutral(text).map { $0 == "=" || $0 == "'" ? "_" : $0 })
  }

  /// A plain number warns above it. Where the critical limit is the lower one, less is worse: `10:` in the guidelines'
  /// notation of ranges.
  private func limits(warning: Double?, critical: Double?) -> (warning: String, critical: String) {
    var isFloor = false
    if let warning, let critical { isFloor = critical < warning }
    let text = { (limit: Double?) in limit.map { number($0) + (isFloor ? ":" : "") } ?? "" }
    return (text(warning), text(critical))
  }

  /// Digits and a point only: no exponent, no separators, whatever the locale.
  private func number(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return String(format: "%.3f", locale: Locale(identifier: "en_US_POSIX"), value)
  }
}
