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
  /// Where a balancer's agent check is answered; `nil`: nowhere.
  package var agentCheck: ListenAddress?
  /// How long the balancer needs to notice that the node's readiness has changed; default 10 s.
  package var balancerDelay: Duration
  /// The programs that cache a keytab.
  package var consumers: [ConsumerConfiguration]
  /// Logging.
  package var log: LogConfiguration
}

/// A TCP address to listen on.
package struct ListenAddress: Sendable, Equatable {
  /// The host name or address.
  package var host: String
  /// The TCP port.
  package var port: Int

  /// Makes an address from its parts.
  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }
}

/// A program that caches a keytab and has to be told of a new key.
package struct ConsumerConfiguration: Sendable, Equatable {
  /// How it is told.
  package enum Action: Sendable, Equatable {
    /// systemd reloads the unit.
    case reload(String)
    /// systemd restarts the unit.
    case restart(String)
    /// A command is run: the program with its arguments.
    case command([String])
  }

  /// What to call it to people: its unit or its command.
  package var name: String
  /// How it is told.
  package var action: Action
  /// The keytabs that it reads; `nil`: all.
  package var keytabs: [String]?
  /// How long it may take to serve again.
  package var timeout: Duration

  /// Makes a consumer from its parts.
  package init(name: String, action: Action, keytabs: [String]? = nil, timeout: Duration = .seconds(60)) {
    self.name = name
    self.action = action
    self.keytabs = keytabs
    self.timeout = timeout
  }
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
