/// The version of this agent, as the rotator's status shows it.
package enum AgentVersion {
  /// Semantic version, without build data.
  package static let current = "0.1.0"
}
