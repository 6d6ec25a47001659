package import Foundation

/// Renders a ``RotationEvent`` as one line with its time, for pipes, logs and dumb terminals; with every detail, as several where it needs them.
package struct RotationEventRendering {
  private let time: LocalTime
  private let isLabelled: Bool
  private let begin: Date?

  /// Makes a renderer.
  ///
  /// - Parameters:
  ///   - isLabelled: Whether each line names its account.
  ///   - begin: When the first event came, which times are counted from to the millisecond; `nil`: whole seconds of the clock will do.
  package init(time: LocalTime, isLabelled: Bool = false, begin: Date? = nil) {
    self.time = time
    self.isLabelled = isLabelled
    self.begin = begin
  }

  /// The lines of an event.
  package func lines(_ event: RotationEvent) -> [String] {
    let label = isLabelled ? event.account.map { "\($0) " } ?? "" : ""
    let line = "\(time.text(event.time ?? time.now)) \(elapsed(event))\(label)\(text(event.content))"
    guard begin != nil, case .planned(let plan) = event.content else { return [line] }
    return [line] + RotationPlanRendering(style: .plain).lines(plan).map { "  \($0)" }
  }

  private func elapsed(_ event: RotationEvent) -> String {
    guard let begin else { return "" }
    let seconds = (event.moment ?? event.time ?? begin).timeIntervalSince(begin)
    return String(format: "+%.3f s ", max(0, seconds))
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
