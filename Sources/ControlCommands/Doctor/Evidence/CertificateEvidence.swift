package import RotationCore

/// A chain of certificates that is used together, as its files hold it.
package struct CertificateEvidence: Sendable, Equatable {
  /// The file of the certificate.
  package var path: String
  /// The configuration that names it.
  package var configuration: String
  /// What it is used for.
  package var role: CertificateRole
  /// The node that it has to name; `nil` for the rotator's, which may have any name.
  package var node: NodeName?
  /// What the files hold, or why they cannot be used.
  package var contents: Result<Contents, OperatorFault>

  /// What was read.
  package struct Contents: Sendable, Equatable {
    /// The certificate itself.
    package var leaf: CertificateDocument
    /// Those that follow it in its file.
    package var intermediates: [CertificateDocument]
    /// Whether it is for servers (serverAuth).
    package var isForServers: Bool
    /// Whether it is for clients (clientAuth).
    package var isForClients: Bool
    /// The authorities that the other side's certificates are checked by.
    package var authorities: [CertificateDocument]
    /// The file of those.
    package var authorityPath: String
    /// Whether the certificate is signed by one of them; `nil` where that says nothing.
    package var isTrusted: Bool?
    /// Whether the private key belongs to it; `nil` if that cannot be told: the file cannot be read, or is one that only its program can.
    package var hasKey: Bool?

    /// Makes a description from its parts.
    package init(
      leaf: CertificateDocument, intermediates: [CertificateDocument] = [], isForServers: Bool, isForClients: Bool,
      authorities: [CertificateDocument], authorityPath: String, isTrusted: Bool?, hasKey: Bool?
    ) {
      self.leaf = leaf
      self.intermediates = intermediates
      self.isForServers = isForServers
      self.isForClients = isForClients
      self.authorities = authorities
      self.authorityPath = authorityPath
      self.isTrusted = isTrusted
      self.hasKey = hasKey
    }
  }

  /// Makes evidence from its parts.
  package init(
    path: String, configuration: String, role: CertificateRole, node: NodeName?, contents: Result<Contents, OperatorFault>
  ) {
    self.path = path
    self.configuration = configuration
    self.role = role
    self.node = node
    self.contents = contents
  }
}
