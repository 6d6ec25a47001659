import Foundation

/// Renders what `asactl nodes` prints for people.
package struct NodesRendering {
  /// A certificate with fewer days left than this is pointed at.
  private static let warningDays = 30.0
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// The lines of the list.
  package func lines(_ document: NodesDocument) -> [String] {
    guard !document.nodes.isEmpty else { return ["No node is configured; name them under arrays in rotator.yaml."] }
    var table = TextTable(headings: ["NODE", "CONNECTION", "LAST SEEN", "AGENT", "CLOCK", "CERTIFICATE ENDS", "ARRAYS"])
    for node in document.nodes { table.append(row(node)) }
    return table.lines(style) + document.nodes.flatMap(remarks)
  }

  /// The lines that follow a revocation.
  package func lines(_ revocation: RevocationDocument) -> [String] {
    let stream = revocation.wasAttached ? "its stream was cut" : "it was not attached"
    return [
      "\(revocation.node) is revoked since \(time.text(revocation.revokedAt)); \(stream).",
      "Certificates issued to it before then are refused, and rotations no longer wait for it.",
      "To let it back in: asactl pki issue --role node --name \(revocation.node) --replace --directory DIR",
    ]
  }

  /// The lines that follow an exclusion, or its end.
  package func lines(_ exclusion: ExclusionDocument) -> [String] {
    guard let end = exclusion.excludedUntil else { return ["Rotations wait for \(exclusion.node) again."] }
    return [
      "Rotations do not wait for \(exclusion.node) until \(time.textWithDistance(end)).",
      "It is caught up with whenever its agent is attached; keep it out of the balancer while it is not.",
    ]
  }

  /// The lines that follow a decommissioning.
  package func lines(decommissioned node: RevocationDocument) -> [String] {
    [
      "\(node.node) has destroyed every key that it held, and its certificate is refused since \(time.text(node.revokedAt)).",
      "Take it out of the arrays in rotator.yaml, then: asactl reload",
    ]
  }

  private func row(_ node: NodeDocument) -> [TextTable.Cell] {
    [
      .init(node.node), .init(node.connection, node.connection == "attached" ? .good : .bad),
      .init(node.lastSeen.map(time.distance) ?? "never"), .init(node.agentVersion ?? "-"), .init(offset(node.clockOffset)),
      certificate(node.certificateNotAfter), .init(node.arrays.isEmpty ? "-" : node.arrays.joined(separator: ", ")),
    ]
  }

  private func offset(_ seconds: Double?) -> String {
    seconds.map { String(format: "%+.1f s", $0) } ?? "-"
  }

  private func certificate(_ end: Date?) -> TextTable.Cell {
    guard let end else { return "-" }
    let isNear = end.timeIntervalSince(time.now) < Self.warningDays * 86400
    return .init(time.distance(to: end), isNear ? .warning : nil)
  }

  private func remarks(_ node: NodeDocument) -> [String] {
    let revoked = node.revokedAt.map { "\(node.node): revoked since \(time.text($0))" }
    let excluded = node.excludedUntil.map {
      "\(node.node): rotations do not wait for it until \(time.textWithDistance($0))\(node.exclusionReason.map { ": \($0)" } ?? "")"
    }
    let fault = node.fault.map { "\(node.node): \(style.paint($0, .bad))" }
    return [revoked, excluded, fault].compactMap { $0 }
  }
}
