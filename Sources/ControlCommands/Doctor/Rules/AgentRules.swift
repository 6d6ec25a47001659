import RotationCore

/// Judges this node's agent, its keytabs apart.
package struct AgentRules {
  private let agent: AgentEvidence

  /// Takes what was seen.
  package init(_ agent: AgentEvidence) { self.agent = agent }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] { [running] + [readiness].compactMap(\.self) + agent.rotators.map(rotator) }

  private var node: String { agent.node.description }

  private var running: DoctorCheck {
    let claim = "has an agent that runs"
    guard let isRunning = agent.isRunning else {
      return DoctorCheck(
        node, claim, impossible: "only root and the agent's user can see whether its state directory is in use")
    }
    return DoctorCheck(
      node, claim,
      isRunning ? nil : DoctorFinding(.agentDown, node, "nobody holds the state directory of \(agent.configuration)"))
  }

  /// An agent that does not run serves nobody either way; that is told of once.
  private var readiness: DoctorCheck? {
    guard let file = agent.readiness, agent.isRunning != false else { return nil }
    return DoctorCheck(
      node, "is in service",
      file.exists ? nil : DoctorFinding(.agentNotInService, node, "\(file.path) does not exist", ["NODE": node]))
  }

  private func rotator(_ rotator: (label: String, fault: OperatorFault?)) -> DoctorCheck {
    DoctorCheck(
      node, "can connect to \(rotator.label)",
      rotator.fault.map {
        DoctorFinding(.rotatorUnreachable, node, "\($0.subject): \($0.problem)", ["CONFIGURATION": agent.configuration])
      })
  }
}
