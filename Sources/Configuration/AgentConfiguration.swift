package import RotationCore

/// Everything that `agent.yaml` says, checked and immutable. Paths, owners and modes come from here, never over the wire.
package struct AgentConfiguration: Sendable, Equatable {
  /// The node's name; must be the one dNSName of its certificate.
  package var node: NodeName
  /// Whom to dial, at least one: of several one is active and the others stand by.
  package var rotators: [RotatorEndpointConfiguration]
  /// The path of the node's certificate chain (PEM).
  package var certificate: String
  /// The path of its private key (PEM, 0600).
  package var privateKey: String
  /// The path of the CA certificates that the rotator's certificate chains to (PEM).
  package var certificateAuthority: String
  /// The directory of the slot file and the saved copies; default `/var/lib/asa-agent`.
  package var stateDirectory: String
  /// The keytabs to project the slots into.
  package var keytabs: [KeytabConfiguration]
  /// The most slots that the node holds per account; default 8.
  package var slotLimit: Int
  /// The file that exists while the node is in service; `nil`: none.
  package var readinessFile: String?
  /// Logging.
  package var log: LogConfiguration
}

/// Whom an agent dials.
package struct RotatorEndpointConfiguration: Sendable, Equatable {
  /// The host or address to connect to.
  package var host: String
  /// The TCP port; default 7749.
  package var port: Int
  /// The dNSName that the rotator's certificate must carry; default the host.
  package var name: String
  /// What to call it to people: its name, and its address where another one has the same name.
  package var label: String
}

/// One keytab of a node.
package struct KeytabConfiguration: Sendable, Equatable {
  /// Its absolute path.
  package var path: String
  /// The account whose keys it holds.
  package var account: AccountName
  /// The SPNs to write; `nil`: all that the rotator names.
  package var servicePrincipalNames: [ServicePrincipalName]?
  /// The owning user; `nil`: unchanged (the agent's own for a new file).
  package var owner: String?
  /// The owning group; `nil`: unchanged (the directory's or the agent's own for a new file).
  package var group: String?
  /// The permission bits; default 0640, never world-readable.
  package var mode: UInt32
}
