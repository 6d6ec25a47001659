import Configuration
import RotationCore
import Testing

/// A small valid configuration, to be spoilt in one place per test.
enum ConfigurationText {
  static let rotator = """
    directories:
      - realm: LAB.EXAMPLE
        controllers: [dc1.lab.example]
        principal: svc-asa-rotator
        keytab: /etc/asa-rotator/rotator.keytab
    agents:
      listen: "0.0.0.0:7749"
      certificate: /etc/pki/rotator.crt
      privateKey: /etc/pki/rotator.key
      certificateAuthority: /etc/pki/ca.crt
    accounts:
      - name: LAB\\EXCH2016ASA$
        realm: LAB.EXAMPLE
        servicePrincipalNames: [http/mail.lab.example]
        arrays: [mail]
        policy: { every: 30d, require: 2 }
    arrays:
      - name: mail
        nodes: [cas-1.lab.example, cas-2.lab.example, cas-3.lab.example]

    """

  static let agent = """
    node: cas-1.lab.example
    rotator: { address: "rotator.lab.example:7749" }
    certificate: /etc/pki/node.crt
    privateKey: /etc/pki/node.key
    certificateAuthority: /etc/pki/ca.crt
    keytabs:
      - path: /etc/keytabs/http.keytab
        account: LAB\\EXCH2016ASA$

    """

  /// The lines that `check` would print for the rotator's text with one passage replaced.
  static func rotatorFaults(replacing old: String, with new: String) -> [String] {
    faults(of: RotatorConfiguration.check(yaml: rotator.replacing(old, with: new), file: "r.yaml"))
  }

  /// The lines that `check` would print for the agent's text with one passage replaced.
  static func agentFaults(replacing old: String, with new: String) -> [String] {
    faults(of: AgentConfiguration.check(yaml: agent.replacing(old, with: new), file: "a.yaml"))
  }

  static func faults<Value>(of result: Result<Value, ConfigurationFaults>) -> [String] {
    guard case .failure(let faults) = result else { return [] }
    return faults.all.map(\.description)
  }
}

/// One passage of a valid text, what to put in its place, and the one line that must come of it.
struct Spoilt: CustomTestStringConvertible, Sendable {
  let old: String
  let new: String
  let line: String

  init(_ old: String, _ new: String, _ line: String) {
    self.old = old
    self.new = new
    self.line = line
  }

  var testDescription: String { new }
}
