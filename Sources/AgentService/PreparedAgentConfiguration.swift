import AgentProtocol
import RotationCore

/// Nodes, accounts and certificates that have been read and checked, so that putting them into force cannot fail.
package struct PreparedAgentConfiguration: Sendable {
  let bindings: [NodeName: [AccountBinding]]
  let credentials: ServerCredentials
}
