/// Renders a ``RotationEvent`` as one line with its time, for pipes, logs and dumb terminals.
package struct RotationEventRendering {
  private let time: LocalTime

  /// Makes a renderer.
  package init(time: LocalTime) { self.time = time }

  /// The line of an event.
  package func line(_ event: RotationEvent) -> String {
    "\(time.text(event.time ?? time.now)) \(text(event.content))"
  }

  private func text(_ content: RotationEvent.Content) -> String {
    switch content {
    case .planned(let plan): planned(plan)
    case .phase(let phase): "phase \(phase.phase)\(detail(phase.detail))"
    case .node(let step): "node \(step.node) \(step.step)\(detail(step.detail))"
    case .fault(let fault): "refused: \(fault.operatorFault)"
    case .ended(let outcome): "\(outcome.outcome)\(detail(outcome.message))"
    }
  }

  private func planned(_ plan: RotationPlan) -> String {
    let missing = plan.missingNodes.isEmpty ? "" : ", missing \(plan.missingNodes.joined(separator: " "))"
    let warnings = plan.warnings.map { ", warning: \($0)" }.joined()
    return "plan \(plan.account) kvno \(plan.currentVersion) -> \(plan.plannedVersion) on \(plan.domainController), "
      + "nodes \(plan.nodes.joined(separator: " "))\(missing)\(warnings)"
  }

  private func detail(_ text: String?) -> String {
    text.map { $0.isEmpty ? "" : ": \($0)" } ?? ""
  }
}
