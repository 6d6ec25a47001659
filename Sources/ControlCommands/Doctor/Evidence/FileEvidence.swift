/// A file that a configuration names, or the configuration itself.
package struct FileEvidence: Sendable, Equatable {
  /// What a file is for.
  package enum Role: Sendable, Equatable {
    /// A configuration file.
    case configuration
    /// A private key or a store key, with how to replace it.
    case key(replacement: String)
    /// The rotator's own keytab, for this principal.
    case keytab(principal: String)
    /// Certificates.
    case certificate
    /// A socket of the rotator's, which its access list opens to one group.
    case socket
  }

  /// What is at a path.
  package enum State: Sendable, Equatable {
    /// Nothing.
    case absent
    /// Nothing that this user may look at, in the system's words.
    case hidden(String)
    /// A file with this owner, group and mode.
    case present(user: UInt32, group: UInt32, mode: UInt32)
  }

  /// Its path.
  package var path: String
  /// What it is for.
  package var role: Role
  /// The configuration that names it.
  package var configuration: String
  /// What is there.
  package var state: State

  /// Makes evidence from its parts.
  package init(path: String, role: Role, configuration: String, state: State) {
    self.path = path
    self.role = role
    self.configuration = configuration
    self.state = state
  }
}
