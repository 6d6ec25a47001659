package import AgentProtocol
package import RotationCore

/// What the service needs to know of the rotator's configuration and store.
package struct AgentServiceConfiguration: Sendable {
  /// The most nodes that one rotator serves.
  package static let maximumNodes = 1000

  /// The IP address to listen on.
  package var host: String
  /// The TCP port; 0 lets the system choose (``AgentService/listeningPort`` tells which).
  package var port: Int
  /// The path of the rotator's certificate chain (PEM, leaf first).
  package var certificate: String
  /// The path of its private key (PEM, readable by its owner alone).
  package var privateKey: String
  /// The path of the CA certificates that node certificates chain to (PEM).
  package var certificateAuthority: String
  /// The configured nodes and the accounts that each holds.
  package var nodes: [NodeName: [AccountBinding]]
  /// What the store remembers of nodes: installations bound to names, and revocations.
  package var records: [NodeName: NodeRecord]
  /// How long things may take.
  package var timing: AgentServiceTiming
  /// The most TCP connections at once; two for every node at most, the stream and the one that replaces it.
  package var connections = 2 * maximumNodes

  /// Makes a configuration from its parts.
  package init(
    host: String, port: Int, certificate: String, privateKey: String, certificateAuthority: String,
    nodes: [NodeName: [AccountBinding]], records: [NodeName: NodeRecord], timing: AgentServiceTiming = AgentServiceTiming()
  ) {
    self.host = host
    self.port = port
    self.certificate = certificate
    self.privateKey = privateKey
    self.certificateAuthority = certificateAuthority
    self.nodes = nodes
    self.records = records
    self.timing = timing
  }
}

/// The deadlines and intervals of agent streams.
package struct AgentServiceTiming: Sendable {
  /// How long the TLS handshake may take, and how long a connection may be without a stream.
  package var handshake: Duration = .seconds(10)
  /// How long the answer to the challenge may take.
  package var hello: Duration = .seconds(10)
  /// How often a node's clock is measured, besides at attach.
  package var clockProbe: Duration = .seconds(10)
  /// How long a node may take to tell its clock; one that takes longer hangs, and does not count as attached.
  package var clockAnswer: Duration = .seconds(10)
  /// How often an attached node's certificate is checked again.
  package var certificateCheck: Duration = .seconds(3600)
  /// How often the rotator's certificate files are looked at.
  package var certificateFiles: Duration = .seconds(60)
  /// How long a connection may be silent before it is pinged.
  package var keepalive: Duration = .seconds(30)
  /// How long the answer to that ping may take.
  package var keepaliveTimeout: Duration = .seconds(10)

  /// The defaults.
  package init() {}
}

extension AgentServiceConfiguration {
  /// The three certificate files.
  var files: CertificateFiles {
    CertificateFiles(certificate: certificate, privateKey: privateKey, certificateAuthority: certificateAuthority)
  }
}
