package import RotationCore

/// Everything that `rotator.yaml` says, checked and immutable.
package struct RotatorConfiguration: Sendable, Equatable {
  /// The domains that accounts live in.
  package var directories: [DirectoryConfiguration]
  /// The listener that agents dial.
  package var agents: AgentListenerConfiguration
  /// The accounts to rotate.
  package var accounts: [AccountConfiguration]
  /// The named sets of nodes.
  package var arrays: [ArrayConfiguration]
  /// The durable state.
  package var store: StoreConfiguration
  /// The two control sockets.
  package var control: ControlConfiguration
  /// The metrics.
  package var metrics: MetricsConfiguration
  /// Logging besides the journal's records.
  package var log: LogConfiguration
}

/// One realm and the domain controller that rotations of its accounts write to.
package struct DirectoryConfiguration: Sendable, Equatable {
  /// A domain controller: a DNS name, and an address where the resolver shall not be asked.
  package struct Controller: Sendable, Equatable {
    /// Its DNS host name, as in its SPN `ldap/NAME`.
    package var name: String
    /// An IP address to connect to instead of resolving the name.
    package var address: String?

    /// Names a controller.
    package init(name: String, address: String? = nil) {
      self.name = name
      self.address = address
    }
  }

  /// Which of the controllers is written to.
  package enum Writer: Sendable, Equatable {
    /// The holder of the PDC emulator role.
    case pdcEmulator
    /// The controller of this name.
    case named(String)
  }

  /// The realm.
  package var realm: Realm
  /// The controllers; empty means DNS SRV, and every one that the directory lists.
  package var controllers: [Controller]
  /// The site whose controllers are tried first where DNS names them.
  package var site: String?
  /// Which one is written to.
  package var writer: Writer
  /// The rotator's own principal, without the realm.
  package var principal: String
  /// The path of the rotator's own keytab.
  package var keytab: String
  /// The attribute that carries the stamp; default `adminDescription`.
  package var stampAttribute: String?
  /// How long one LDAP or Kerberos exchange may take; default 10 s.
  package var timeout: Duration
}

/// The listener for agents.
package struct AgentListenerConfiguration: Sendable, Equatable {
  /// The address to listen on.
  package var host: String
  /// The TCP port; default 7749.
  package var port: Int
  /// The path of the rotator's certificate chain (PEM).
  package var certificate: String
  /// The path of its private key (PEM, 0600).
  package var privateKey: String
  /// The path of the CA certificates that node certificates chain to (PEM).
  package var certificateAuthority: String
}

/// One account.
package struct AccountConfiguration: Sendable, Equatable {
  /// Its name.
  package var name: AccountName
  /// Its realm, which names one of the directories.
  package var realm: Realm
  /// The SPNs that clients use.
  package var servicePrincipalNames: [ServicePrincipalName]
  /// The encryption types to derive keys for, strongest first.
  package var encryptionTypes: [EncryptionType]
  /// The names of the arrays whose nodes hold it.
  package var arrays: [String]
  /// When and how it rotates.
  package var policy: RotationPolicy
}

/// A named set of nodes.
package struct ArrayConfiguration: Sendable, Equatable {
  /// Its name.
  package var name: String
  /// Its members.
  package var nodes: [NodeName]
  /// How many of them may be out of service at once while their consumers load a new key; default 1.
  package var maxUnavailable: Int
}

/// The durable state.
package struct StoreConfiguration: Sendable, Equatable {
  /// The directory of the store; default `/var/lib/asa-rotator`.
  package var directory: String
  /// The path of the 32-byte sealing key (0600); default `$CREDENTIALS_DIRECTORY/store.key` where systemd provides it, else
  /// `/etc/asa-rotator/store.key`.
  package var keyFile: String
}

/// The two control sockets.
package struct ControlConfiguration: Sendable, Equatable {
  /// The directory of `status.sock` and `control.sock`; default `/run/asa-rotator`.
  package var directory: String
  /// The group that may read status; `nil`: the daemon's own group.
  package var statusGroup: String?
  /// The group that may make changes; `nil`: the daemon's own user alone.
  package var adminGroup: String?
}

/// The metrics.
package struct MetricsConfiguration: Sendable, Equatable {
  /// The file that they are written to in Prometheus' text format, for node_exporter's textfile collector; `nil`: none is written.
  package var file: String?
}

/// Logging besides the journal's records.
package struct LogConfiguration: Sendable, Equatable {
  /// trace, debug, info, notice, warning, error or critical; default info.
  package var level: String
}
