/// Renders a ``RotationPlan`` for the person who is about to say yes to it.
package struct RotationPlanRendering {
  private let style: TextStyle

  /// Makes a renderer.
  package init(style: TextStyle) { self.style = style }

  /// The lines of the plan.
  package func lines(_ plan: RotationPlan) -> [String] {
    var lines = [
      style.paint(plan.account, .heading),
      "  kvno:     \(plan.currentVersion) -> \(plan.plannedVersion)",
      "  Writer:   \(plan.domainController)",
      "  Nodes:    \(plan.nodes.isEmpty ? "none" : plan.nodes.joined(separator: ", "))",
    ]
    if plan.destinations.count > 1 {
      lines += plan.destinations.map { "  Array:    \($0.array): \($0.nodes.joined(separator: ", "))" }
    }
    if !plan.missingNodes.isEmpty {
      lines.append("  \(style.paint("Missing:  \(plan.missingNodes.joined(separator: ", "))", .bad))")
    }
    if !plan.droppedVersions.isEmpty {
      let versions = plan.droppedVersions.map(String.init).joined(separator: ", ")
      lines.append("  \(style.paint("Destroyed: kvno \(versions), at the end", .bad))")
    }
    lines.append("  Required: \(plan.required) of \(plan.nodes.count + plan.missingNodes.count) nodes")
    return lines + plan.warnings.map { "  \(style.paint("Warning:  \($0)", .warning))" }
      + plan.obstacles.map { "  \(style.paint("Obstacle: \($0.operatorFault)", .bad))" }
  }
}
